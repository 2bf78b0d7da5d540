//! Typed tables in one file, mapped instead of copied.
//!
//! A *part* is one file of a bundle: a small header (any serde type) and named flat tables of
//! numbers. On disk it is a [safetensors] file, so other tools can open it. In memory the tables
//! are views into the file's bytes, which may be a memory map that many processes share.
//!
//! Many parts hold the same arrays for thousands of communities. [`SectionsWriter`] joins each such
//! array into one table, and [`Sections`] gives every community its run of it.
//!
//! Reading never panics, never allocates by a length from the file and never trusts a value:
//! [`Part::parse`] checks the layout, [`Part::table`] the element type, [`Sections::read`] the
//! bounds of all runs, and the crate that owns the part checks what the numbers mean.
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
pub mod offsets;
mod part;
mod sections;
mod table;
mod write;
mod write_sections;

#[cfg(test)]
mod tests;

pub use error::{StorageError, TableDefect};
pub use map::map_file;
pub use part::Part;
pub use sections::{Section, Sections};
pub use table::{Element, Table};
pub use write::PartWriter;
pub use write_sections::{SectionWriter, SectionsWriter};

pub use bytes::Bytes;
