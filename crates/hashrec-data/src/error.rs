//! What can be wrong with posts, their files and the spaces made from them.

use hashrec_storage::StorageError;

use crate::LineProblem;

/// Why posts could not be read, written or split, or a hashtag space not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file or stream could not be opened, read, decompressed or written.
    #[error("{file}: cannot {action}")]
    Io {
        /// The file, or "input" for a stream without a name.
        file: String,
        /// What was being done: "open", "read", "write"...
        action: &'static str,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// The name of the file doesn't tell how posts stand in it.
    #[error(
        "{file}: can't tell the format from the name: end it in .jsonl or .csv (then .gz or .zst if compressed), or set `format`"
    )]
    UnknownFormat {
        /// The file.
        file: String,
    },
    /// The name of the file promises a compression that its content doesn't have.
    #[error(
        "{file}: is named as {expected}, but its first bytes are not: rename it, or compress it"
    )]
    Compression {
        /// The file.
        file: String,
        /// "gzip" or "zstd".
        expected: &'static str,
    },
    /// A line is not a post. Only in strict reading, or where reading can't go on after it.
    #[error("{file}, {problem}: correct it, or read leniently to skip such lines and count them")]
    Line {
        /// The file, or "input" for a stream without a name.
        file: String,
        /// The line and what is wrong with it.
        problem: LineProblem,
    },
    /// The first row of a CSV file doesn't name the columns.
    #[error(
        "{file}: {problem}; the first row must name the columns id, community, text and hashtags, each once, and may name created_at"
    )]
    Columns {
        /// The file, or "input" for a stream without a name.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// A post can't be written so that reading gives it back.
    #[error("post {id:?} can't be written: {problem}")]
    Post {
        /// Its id.
        id: String,
        /// Why, and what to do.
        problem: String,
    },
    /// Two posts have the same id.
    #[error(
        "posts {first} and {second} (counted from 1) both have the id {id:?}: make ids unique, or set `duplicates` to keep the first of each"
    )]
    DuplicateId {
        /// The id.
        id: String,
        /// The position of the first post that has it, from 1.
        first: usize,
        /// The position of the second.
        second: usize,
    },
    /// A parameter is out of range.
    #[error("parameter {name}: {problem}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it is and what was expected.
        problem: String,
    },
    /// The stored hashtag space is damaged, of another kind or of a newer version.
    #[error(
        "the stored hashtag space can't be used: take it again from the bundle it was written with"
    )]
    Space(#[from] StorageError),
}
