//! What happens to posts with the same id.

use serde::{Deserialize, Serialize};

/// What happens to a post that has the id of an earlier post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duplicates {
    /// It is an error.
    #[default]
    Error,
    /// The earlier post is kept; the later one is left out and counted.
    KeepFirst,
}
