//! What can go wrong.

use hashrec_data::CommunityId;
use hashrec_storage::StorageError;
use hashrec_vectorize::VectorizeError;

/// Why generators could not be fitted, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CandidatesError {
    /// A parameter is outside its range.
    #[error("parameter {name} is {found}; expected {expected}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// Its value.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A feature parameter is outside its range.
    #[error("bad feature parameters")]
    Features {
        /// Which one.
        #[from]
        source: VectorizeError,
    },
    /// A post carries a hashtag that its community doesn't have.
    #[error("post {post} carries hashtag {hashtag}, but its community has {hashtags} hashtags")]
    Hashtag {
        /// The post's position.
        post: usize,
        /// The hashtag's number.
        hashtag: u32,
        /// How many hashtags the community has.
        hashtags: usize,
    },
    /// A community has more posts or hashtags than the format can number.
    #[error("{what} of one community: {found}, at most {limit} can be held; split the community")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The ridge system could not be solved.
    #[error("the linear system of {posts} posts is not positive definite; raise the ridge penalty")]
    NotPositiveDefinite {
        /// How many posts it has.
        posts: usize,
    },
    /// Vectors of hashtags differ in length.
    #[error("hashtag {hashtag} has a vector of {found} floats, expected {expected}")]
    VectorLength {
        /// The hashtag's number.
        hashtag: usize,
        /// The length of its vector.
        found: usize,
        /// The length of the others.
        expected: usize,
    },
    /// A community was added twice.
    #[error("community {community:?} was added twice")]
    Twice {
        /// Which one.
        community: CommunityId,
    },
    /// The part could not be written or read.
    #[error("the generators' part could not be written or read")]
    Storage {
        /// The storage's reason.
        #[from]
        source: StorageError,
    },
}
