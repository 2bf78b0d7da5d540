//! What can be wrong with parameters, dictionaries and saved tokenizers.

use std::path::PathBuf;

use hashrec_storage::StorageError;

/// Why a tokenizer or a dictionary could not be made, read or written.
///
/// Tokenising itself never fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizeError {
    /// A parameter is out of its range.
    #[error("tokenizer parameter `{name}` is {value}; expected {expected}")]
    Param {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A file or folder could not be read.
    #[error("{path}: cannot {action}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done: "open", "read", "list".
        action: &'static str,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A dictionary source is in no encoding we read.
    #[error("{file}: neither UTF-8 nor EUC-JP; convert it to UTF-8")]
    Encoding {
        /// The source file.
        file: String,
    },
    /// A dictionary source breaks the MeCab format.
    #[error("{file}, line {line}: {problem}")]
    Source {
        /// The source file.
        file: String,
        /// The line, counted from 1; 0 if it is about the whole file.
        line: u64,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// The sources are well-formed, but vibrato could not compile them.
    #[error("cannot compile the dictionary")]
    Compile {
        /// Its reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The bytes are something other than a dictionary of ours.
    #[error("not a hashrec dictionary: {found}")]
    NotADictionary {
        /// What it looks like, and what to do.
        found: &'static str,
    },
    /// The dictionary was written by a newer release.
    #[error(
        "the dictionary has format version {found}; this release reads {supported}: upgrade hashrec, or compile it again"
    )]
    Version {
        /// The version in the file.
        found: u32,
        /// The version this release reads.
        supported: u32,
    },
    /// The dictionary was cut or changed.
    #[error("the dictionary is damaged: {problem}; compile or copy it again")]
    Damaged {
        /// Which check failed.
        problem: String,
    },
    /// A saved tokenizer needs a backend that this build lacks.
    #[error("this tokenizer needs the `{feature}` feature of hashrec: enable it and build again")]
    Feature {
        /// The feature to enable.
        feature: &'static str,
    },
    /// A saved tokenizer could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
