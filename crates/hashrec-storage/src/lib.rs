#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

#[cfg(target_endian = "big")]
compile_error!("tables are little-endian and read in place: big-endian targets are not supported");

mod error;
mod map;
pub mod offsets;
mod part;
mod sections;
mod setters;
mod table;
mod write;
mod write_sections;

#[cfg(test)]
mod tests;

pub use error::{StorageError, TableDefect};
pub use map::{map_file, map_open_file};
pub use part::Part;
pub use sections::{Column, Section, Sections};
pub use table::{Element, Table};
pub use write::PartWriter;
pub use write_sections::{SectionWriter, SectionsWriter};

pub use bytes::Bytes;
