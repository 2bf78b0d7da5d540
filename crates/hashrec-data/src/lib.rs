#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod error;
mod ids;
mod post;
mod space;
mod time;

pub use error::DataError;
pub use hashrec_storage::{Bytes, StorageError};
pub use ids::{CommunityId, HashtagId};
pub use post::{Post, normalize_hashtag};
pub use space::{CommunitySpace, HashtagSpace, HashtagSpaceBuilder};
