//! Where a ranker comes from.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the ranker of the system `hashrec` comes from. Other systems always train theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RankerSource {
    /// With 2,000 posts or more, [`Posts`](Self::Posts). With fewer than
    /// 100, [`BuiltIn`](Self::BuiltIn). Between, the best of the others: each ranks posts that it was
    /// not trained on, and the built-in ranker stays unless another is better by more than
    /// chance.
    #[default]
    Best,
    /// It is trained on the posts.
    Posts,
    /// It is the built-in ranker with more trees, which are trained on the posts.
    Further,
    /// It is part of hashrec, or was given to a `Learner`.
    BuiltIn,
}

impl RankerSource {
    /// The name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Posts => "posts",
            Self::Further => "further",
            Self::BuiltIn => "built-in",
        }
    }
}

impl fmt::Display for RankerSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
