//! The closed set of hashtags of each community.

mod build;
mod lookup;
mod part;

pub use build::HashtagSpaceBuilder;
pub use lookup::{CommunitySpace, HashtagSpace};
