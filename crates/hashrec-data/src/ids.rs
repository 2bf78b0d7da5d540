//! Small integers that stand for communities and hashtags inside one training run and its bundle.

use serde::{Deserialize, Serialize};

/// A community's number: its position among the communities of the
/// [`HashtagSpace`](crate::HashtagSpace), which are in order of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommunityId(pub u32);

/// A hashtag's number *inside its community*: its position in that community's space, most used
/// first. The same number means another hashtag in another community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HashtagId(pub u32);

impl CommunityId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl HashtagId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
