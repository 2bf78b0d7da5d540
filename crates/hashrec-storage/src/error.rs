//! What can go wrong when a part is read or written.

use std::path::PathBuf;

use safetensors::Dtype;

use crate::table::Element;

/// Why a part could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The file could not be opened, mapped or written.
    #[error("{path}: cannot {action}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What failed: "open", "map", "write" and so on.
        action: &'static str,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The bytes are not a safetensors file, or the file was truncated or changed.
    #[error("part {kind:?} is damaged: not a well-formed table file")]
    Layout {
        /// The kind of part that was expected.
        kind: String,
        /// The parser's reason.
        source: safetensors::SafeTensorError,
    },
    /// The file is well-formed, but not a part of the kind asked for.
    #[error("expected a part of kind {expected:?}, found {found:?}")]
    Kind {
        /// The kind asked for.
        expected: String,
        /// The kind the file names, empty if it names none.
        found: String,
    },
    /// The part was written by a newer release.
    #[error(
        "part {kind:?} has format version {found}, but this release reads versions up to {supported}: upgrade hashrec, or train again"
    )]
    Version {
        /// The kind of part.
        kind: String,
        /// The version in the file.
        found: u32,
        /// The newest version this release reads.
        supported: u32,
    },
    /// The header is not the one that the part's owner writes.
    #[error("part {kind:?}: bad header")]
    Header {
        /// The kind of part.
        kind: String,
        /// The parser's reason.
        source: serde_json::Error,
    },
    /// A table is missing, or its type, length or values are wrong.
    #[error("part {kind:?}, table {table:?}: {defect}")]
    Table {
        /// The kind of part.
        kind: String,
        /// The table's name.
        table: String,
        /// What is wrong with it.
        defect: TableDefect,
    },
}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableDefect {
    /// The part has no such table.
    #[error("is missing")]
    Missing,
    /// The table was written twice.
    #[error("is written twice")]
    Twice,
    /// The table holds elements of another type.
    #[error("holds {found}, expected {expected}")]
    Element {
        /// The type in the file.
        found: String,
        /// The type asked for.
        expected: String,
    },
    /// The table has another number of elements.
    #[error("has {found} elements, expected {expected}")]
    Length {
        /// The number of elements found.
        found: usize,
        /// The number of elements it must have.
        expected: usize,
    },
    /// The table's bytes are not a whole number of elements.
    #[error("is not a whole number of elements")]
    Partial,
    /// The runs of the sections do not make up the columns.
    #[error("does not divide the columns into the sections' runs")]
    Runs,
    /// The table does not hold offsets: numbers that rise from 0 to the number of entries.
    #[error("does not rise from 0 to {entries}")]
    Offsets {
        /// The number of entries that the offsets point into.
        entries: usize,
    },
    /// A number is infinite or NaN.
    #[error("contains a number that is not finite")]
    NotFinite,
    /// The values make no sense to the crate that owns the part, which says why.
    #[error("{0}")]
    Content(String),
}

impl TableDefect {
    /// A table of `found` was read or written as one of `T`.
    pub(crate) fn element<T: Element>(found: Dtype) -> Self {
        Self::Element { found: format!("{found:?}"), expected: format!("{:?}", T::DTYPE) }
    }
}
