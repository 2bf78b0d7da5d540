//! A recommender that is replaced while others use it.

mod current;
mod error;
mod versions;
mod watcher;

pub use current::{Generation, RecommenderHandle};
pub use error::ReloadError;
pub use versions::{Reloaded, SkippedVersion};
pub use watcher::Watcher;
