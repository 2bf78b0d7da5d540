//! What can be wrong with the input of the features, or with their part.

use hashrec_storage::StorageError;

/// Why features could not be fitted, computed, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// A generator gave scores for another number of hashtags than the community has.
    #[error(
        "generator {generator:?} gave {found} scores, but the community has {expected} hashtags: pass one score per hashtag, in the order of the space"
    )]
    ScoreCount {
        /// The generator's field in [`GeneratorScores`](crate::GeneratorScores).
        generator: &'static str,
        /// Hashtags of the community.
        expected: usize,
        /// Scores given.
        found: usize,
    },
    /// A hashtag id that is not in the community's space.
    #[error(
        "post {post} carries hashtag id {hashtag}, but the community has {hashtags} hashtags: ids count from 0 inside one community"
    )]
    UnknownHashtag {
        /// The post, counted from 0 in the order given.
        post: usize,
        /// The id.
        hashtag: u32,
        /// Hashtags of the community.
        hashtags: usize,
    },
    /// Parts of one community that were fitted on different hashtag spaces.
    #[error("the {part} was fitted for {found} hashtags, the literal index for {expected}")]
    SpaceMismatch {
        /// Which part disagrees.
        part: &'static str,
        /// Hashtags of the literal index.
        expected: usize,
        /// Hashtags of that part.
        found: usize,
    },
    /// A training post was asked for that was not fitted.
    #[error("training post {post} was asked for, but {posts} were fitted")]
    UnknownPost {
        /// The post asked for, from 0.
        post: usize,
        /// Posts fitted.
        posts: usize,
    },
    /// More entries than 32-bit offsets can address.
    #[error("{what}: more than 4,294,967,295 entries in one community")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
    },
    /// The part was made for another list of features.
    #[error(
        "features have schema version {found}, this release computes version {supported}: train again, or use the release that trained the bundle"
    )]
    Schema {
        /// The version in the part.
        found: u32,
        /// The version of this release.
        supported: u32,
    },
    /// A parameter outside its range.
    #[error("parameter {name}: {problem}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What is wrong, and what is allowed.
        problem: String,
    },
    /// The part could not be written, or is not one.
    #[error("feature part")]
    Storage(
        #[from]
        #[source]
        StorageError,
    ),
}
