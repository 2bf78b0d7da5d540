//! The paper's simple generator: edit distance, popularity, nearest hashtags by vector.

mod edit;
mod fuse;
mod store;
mod view;

pub use fuse::fuse;
pub use store::{SimpleStore, SimpleStoreBuilder};
pub use view::{SimpleView, TagInput};
