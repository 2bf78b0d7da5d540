//! What can be wrong with a part.

use std::path::PathBuf;

/// Why a part could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The file could not be opened, mapped or written.
    #[error("{path}: cannot {action}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done: "open", "map", "write"...
        action: &'static str,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The bytes are not a safetensors file, or were cut or changed.
    #[error("part {kind:?} is damaged: not a well-formed table file")]
    Layout {
        /// The kind of part that was expected.
        kind: String,
        /// The parser's reason.
        #[source]
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
        "part {kind:?} has format version {found}; this release reads up to {supported}: upgrade hashrec, or train again"
    )]
    Version {
        /// The kind of part.
        kind: String,
        /// The version in the file.
        found: u32,
        /// The newest version this release reads.
        supported: u32,
    },
    /// The header is not what the owner of the part wrote.
    #[error("part {kind:?}: bad header")]
    Header {
        /// The kind of part.
        kind: String,
        /// The parser's reason.
        #[source]
        source: serde_json::Error,
    },
    /// A table is absent, or has another element type or length.
    #[error("part {kind:?}, table {table:?}: {problem}")]
    Table {
        /// The kind of part.
        kind: String,
        /// The table's name.
        table: String,
        /// What is wrong with it and what was expected.
        problem: String,
    },
}
