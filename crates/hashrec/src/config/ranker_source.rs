//! Where a ranker comes from.

use serde::{Deserialize, Serialize};

/// Where the ranker of the system `hashrec` comes from. Other systems always train theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RankerSource {
    /// It is trained on the posts.
    #[default]
    Posts,
    /// It is part of hashrec, or was given to a `Learner`.
    BuiltIn,
}
