//! Posts, communities and their closed hashtag spaces; streaming readers; deterministic splits.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod ids;

pub use ids::{CommunityId, HashtagId};
