//! Integers that identify communities and hashtags within one bundle.

use serde::{Deserialize, Serialize};

/// The position of a community in a [`HashtagSpace`](crate::HashtagSpace), which sorts communities
/// by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommunityId(pub u32);

/// The position of a hashtag in the space *of its community*, most used first. The same id stands
/// for another hashtag in another community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HashtagId(pub u32);

impl CommunityId {
    /// The id as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl HashtagId {
    /// The id as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
