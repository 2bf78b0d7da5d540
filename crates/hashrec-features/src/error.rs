//! What can go wrong when features are fitted, computed, written or read.

use hashrec_storage::StorageError;

/// Why features could not be fitted, computed, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// A generator's scores are not one per hashtag of the community.
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
    /// A hashtag id is outside the community's hashtag space.
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
    /// The parts of one community were fitted to hashtag spaces of different sizes.
    #[error("the {part} was fitted for {found} hashtags, the literal index for {expected}")]
    SpaceMismatch {
        /// The part that disagrees.
        part: &'static str,
        /// Hashtags of the literal index.
        expected: usize,
        /// Hashtags of that part.
        found: usize,
    },
    /// A training post was asked for that the community was not fitted to.
    #[error("training post {post} was asked for, but the community was fitted to {posts} posts")]
    UnknownPost {
        /// The post asked for, from 0.
        post: usize,
        /// Posts fitted.
        posts: usize,
    },
    /// There are more entries than 32-bit offsets can address.
    #[error("{what}: more than 4,294,967,295 entries in one community")]
    TooLarge {
        /// The entries.
        what: &'static str,
    },
    /// The part belongs to another version of the features.
    #[error(
        "the part has features of schema version {found}, but this release computes version {supported}: train again, or use the release that trained the bundle"
    )]
    Schema {
        /// The version in the part.
        found: u32,
        /// The version of this release.
        supported: u32,
    },
    /// A parameter is outside its range.
    #[error("parameter {name} is {value}, expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f32,
        /// The allowed range.
        expected: &'static str,
    },
    /// The part could not be written, or its bytes are damaged or of another kind.
    #[error("feature part")]
    Storage(#[from] StorageError),
}
