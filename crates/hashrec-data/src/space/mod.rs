//! The closed set of hashtags of each community.

mod build;
mod lookup;
mod part;
mod writings;

pub use build::HashtagSpaceBuilder;
pub use lookup::{CommunitySpace, HashtagSpace};
pub use writings::MergedHashtag;
