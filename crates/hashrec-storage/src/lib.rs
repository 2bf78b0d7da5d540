//! Typed tables in one file, mapped instead of copied.
//!
//! A *part* is one file of a bundle: a small header (any serde type) and named flat tables of
//! numbers. On disk it is a [safetensors] file, so other tools can open it; in memory the tables
//! are views into the file's bytes, which may be a memory map shared by many processes.
//!
//! Reading never allocates from a length found in the file, never panics and never trusts a
//! value: [`Part::parse`] checks the layout, [`Part::table`] the element type, and the crate that
//! owns the part checks what the numbers mean.
//!
//! ```
//! use hashrec_storage::{Part, PartWriter};
//!
//! let mut writer = PartWriter::new("example", 1);
//! writer.header(&("cats", 2))?;
//! writer.table("weights", &[0.5f32, 1.5])?;
//! let bytes = writer.to_bytes()?;
//!
//! let part = Part::parse(bytes.into(), "example", 1)?;
//! let header: (String, u32) = part.header()?;
//! let weights = part.table::<f32>("weights")?;
//! assert_eq!(header, ("cats".to_string(), 2));
//! assert_eq!(&weights[..], &[0.5, 1.5]);
//! # Ok::<(), hashrec_storage::StorageError>(())
//! ```
//!
//! [safetensors]: https://github.com/huggingface/safetensors

#![deny(missing_docs)]

#[cfg(target_endian = "big")]
compile_error!("tables are little-endian and read in place: big-endian targets are not supported");

mod error;
mod map;
mod part;
mod table;
mod write;

pub use error::StorageError;
pub use map::map_file;
pub use part::Part;
pub use table::{Element, Table};
pub use write::PartWriter;

pub use bytes::Bytes;
