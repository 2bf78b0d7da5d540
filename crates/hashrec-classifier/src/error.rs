//! What can go wrong.

use hashrec_data::{CommunityId, HashtagId};
use hashrec_storage::StorageError;

use crate::TrainingDevice;

/// Why a classifier could not be trained, read or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassifierError {
    /// A parameter is out of its range.
    #[error("parameter {name} is {value}: expected {expected}")]
    Parameter {
        /// The field of [`ClassifierParams`](crate::ClassifierParams).
        name: &'static str,
        /// Its value.
        value: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// There is no post with a hashtag to learn from.
    #[error("none of the {posts} posts has a hashtag: there is nothing to learn from")]
    NothingToLearn {
        /// The number of posts given.
        posts: usize,
    },
    /// A community that the classifier wasn't trained for.
    #[error("community {} is unknown: there are {known}, numbered from 0", .community.0)]
    UnknownCommunity {
        /// The community asked for.
        community: CommunityId,
        /// The number of communities.
        known: usize,
    },
    /// A post carries a hashtag its community doesn't have.
    #[error(
        "post number {post} carries hashtag {}, but community {} has {tags} hashtags, numbered from 0",
        .hashtag.0, .community.0
    )]
    UnknownHashtag {
        /// The post's position in the slice given.
        post: usize,
        /// Its community.
        community: CommunityId,
        /// The hashtag.
        hashtag: HashtagId,
        /// The size of the community's space.
        tags: usize,
    },
    /// An initial word vector holds NaN or infinity, or the vectors have no dimensions.
    #[error("the initial vector of {word:?} isn't usable: every vector needs finite numbers")]
    InitialVector {
        /// The word.
        word: String,
    },
    /// The corpus or the sizes asked for exceed what the file format can number.
    #[error("too many {what}: at most {limit} are supported")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The loss became NaN or infinite.
    #[error(
        "the loss became {loss} in epoch {epoch}, step {step}: lower learning_rate or clip_norm"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The step in that epoch, from 1.
        step: usize,
        /// The loss.
        loss: f64,
    },
    /// The progress callback asked to stop.
    #[error("training was cancelled in epoch {epoch}, after step {step}")]
    Cancelled {
        /// The epoch, from 1.
        epoch: usize,
        /// The last finished step of that epoch.
        step: usize,
    },
    /// A training thread died; the session can't go on.
    #[error("a training thread ended unexpectedly")]
    Worker,
    /// A checkpoint was made from other posts than those given.
    #[error("the checkpoint was made from other posts: resume with the posts it was started with")]
    OtherPosts,
    /// This build can't train on the device.
    #[error("this build can't train on {device}: enable the Cargo feature `{device}`")]
    DeviceNotBuilt {
        /// The device asked for.
        device: TrainingDevice,
    },
    /// The device isn't there, or its driver failed.
    #[cfg(feature = "train")]
    #[error("{device} can't be used for training")]
    DeviceUnavailable {
        /// The device asked for.
        device: TrainingDevice,
        /// What candle says about it.
        #[source]
        source: candle_core::Error,
    },
    /// A part could not be written or read.
    #[error("the classifier's file")]
    Storage(#[from] StorageError),
    /// candle refused an operation.
    #[cfg(feature = "train")]
    #[error("a tensor operation failed")]
    Tensor(#[from] candle_core::Error),
}
