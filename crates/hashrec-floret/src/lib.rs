//! floret embeddings (fastText with Bloom hashing): train, read, write, map

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod error;
mod hash;
mod params;
mod part;
mod subwords;
mod table;
mod text;
mod train;

pub use error::FloretError;
pub use params::{FloretParams, Model};
pub use table::FloretTable;
pub use train::{Progress, train};
