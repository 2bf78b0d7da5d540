//! Errors of parameters, dictionaries and stored tokenizers.

use std::path::PathBuf;

use hashrec_storage::StorageError;

use crate::problem::{Damage, SourceProblem};

/// Why a tokenizer or a dictionary could not be made, read or written.
///
/// Tokenizing itself never fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizeError {
    /// A parameter is out of range.
    #[error("tokenizer parameter `{name}` is {found}; expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A file or folder could not be read.
    #[error("{path}: cannot {action}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// The reason that the operating system gives.
        #[source]
        source: std::io::Error,
    },
    /// A folder has no lexicon of MeCab's source format.
    #[error(
        "{folder}: there is no *.csv file; expected the sources of a MeCab dictionary, not a compiled one"
    )]
    NoSources {
        /// The folder.
        folder: PathBuf,
    },
    /// A dictionary source is neither UTF-8 nor EUC-JP.
    #[error("{file}: neither UTF-8 nor EUC-JP; convert the file to UTF-8")]
    Encoding {
        /// The source file.
        file: String,
    },
    /// A dictionary source breaks the MeCab format.
    #[error("{file}, line {line}: {problem}")]
    Source {
        /// The source file.
        file: String,
        /// The line, counted from 1; 0 if the problem concerns the whole file.
        line: u64,
        /// What is wrong and what was expected.
        problem: SourceProblem,
    },
    /// The sources are well formed, but vibrato could not compile them.
    #[error("cannot compile the dictionary")]
    Compile {
        /// The reason that vibrato gives.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The bytes are not a dictionary file of hashrec.
    #[error("not a hashrec dictionary: {found}")]
    NotADictionary {
        /// What the bytes look like, and what to do.
        found: &'static str,
    },
    /// The dictionary file has an unknown format version.
    #[error(
        "the dictionary has format version {found}, but this release reads version {supported}; upgrade hashrec, or compile the dictionary again"
    )]
    Version {
        /// The version of the file.
        found: u32,
        /// The version that this release reads.
        supported: u32,
    },
    /// The dictionary file was truncated or changed.
    #[error("the dictionary is damaged: {problem}; compile or copy it again")]
    Damaged {
        /// The check that failed.
        problem: Damage,
    },
    /// A stored tokenizer needs a backend that this build does not have.
    #[error("this tokenizer needs the `{feature}` feature of hashrec; enable it and build again")]
    Feature {
        /// The feature to enable.
        feature: &'static str,
    },
    /// A stored tokenizer could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
