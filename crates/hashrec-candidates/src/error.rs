//! Errors of fitting, writing and reading generators.

use hashrec_data::CommunityId;
use hashrec_storage::StorageError;
use hashrec_vectorize::VectorizeError;

/// Why generators could not be fitted, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CandidatesError {
    /// A parameter is out of range.
    #[error("parameter {name} is {found}; expected {expected}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// Its value.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A parameter of the features of posts is out of range.
    #[error("a parameter of the features is out of range")]
    Features {
        /// The parameter.
        #[from]
        source: VectorizeError,
    },
    /// A post has a hashtag outside the space of its community.
    #[error("post {post} has hashtag {hashtag}, but its community has only {hashtags} hashtags")]
    Hashtag {
        /// The post's position.
        post: usize,
        /// The id of the hashtag.
        hashtag: u32,
        /// How many hashtags the community has.
        hashtags: usize,
    },
    /// A community has more of something than the format can address.
    #[error("the community has {found} {what}, but at most {limit} are supported; split it")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The linear system has no solution.
    #[error(
        "the linear system of {posts} posts is not positive definite; increase the ridge penalty (`linear.penalty`)"
    )]
    NotPositiveDefinite {
        /// The number of posts.
        posts: usize,
    },
    /// The vector of a hashtag has the wrong length.
    #[error("the vector of hashtag {hashtag} has {found} floats; expected {expected}")]
    VectorLength {
        /// The id of the hashtag.
        hashtag: usize,
        /// The length of its vector.
        found: usize,
        /// The length of the other vectors.
        expected: usize,
    },
    /// The vectors of hashtags' names are not one for each hashtag, all of one length.
    #[error(
        "the vectors of the names of {hashtags} hashtags have {found} floats together; expected as \
         many for each, and at least one"
    )]
    NameVectors {
        /// The length of all together.
        found: usize,
        /// How many hashtags the community has.
        hashtags: usize,
    },
    /// The vectors of a post are not as long as those of the hashtags.
    #[error(
        "the vectors of a post's text and title have {found} floats together; expected {expected}, \
         twice as many as a hashtag's"
    )]
    PostVector {
        /// The length of both.
        found: usize,
        /// Twice the length of a hashtag's vector.
        expected: usize,
    },
    /// A community was added twice.
    #[error("community {community:?} was added twice")]
    Twice {
        /// The community.
        community: CommunityId,
    },
    /// The generators could not be written or read.
    #[error("cannot write or read the generators")]
    Storage {
        /// The reason.
        #[from]
        source: StorageError,
    },
}
