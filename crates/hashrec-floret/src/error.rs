//! What can go wrong.

use std::fmt::Display;

use hashrec_storage::StorageError;

/// Why a table could not be trained, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FloretError {
    /// A parameter is out of its range.
    #[error("floret parameter {name} is {value}, expected {expected}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: String,
    },
    /// The text leaves nothing to learn from.
    #[error(
        "{tokens} tokens, {words} different words, {kept} of them at least {min_count} times: \
         training needs 2; give more text or lower min_count"
    )]
    TooLittleText {
        /// Tokens in the text.
        tokens: u64,
        /// Different words in the text.
        words: usize,
        /// Words that are frequent enough.
        kept: usize,
        /// The parameter that decides it.
        min_count: u32,
    },
    /// The text is larger than training can number.
    #[error("more than {limit} different words or sentences: train on a part of the text")]
    TooMuchText {
        /// The most there may be.
        limit: u32,
    },
    /// The weights grew without bound.
    #[error(
        "training diverged: the table holds numbers that are not finite or absurdly large; \
         lower the learning rate (now {learning_rate})"
    )]
    Diverged {
        /// The learning rate it was trained with.
        learning_rate: f32,
    },
    /// The progress callback asked to stop.
    #[error("training was cancelled after {tokens} of {total} tokens")]
    Cancelled {
        /// Tokens seen until then, over all epochs.
        tokens: u64,
        /// Tokens of the whole training.
        total: u64,
    },
    /// A training thread ended without a result.
    #[error("a training thread was lost")]
    Thread,
    /// A `.floret` text file could not be read or written.
    #[error("cannot {action} the .floret text")]
    Io {
        /// "read" or "write".
        action: &'static str,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A `.floret` text file is malformed.
    #[error(".floret text, line {line}: {problem}")]
    Text {
        /// The line, from 1.
        line: u64,
        /// What is wrong there and what was expected.
        problem: String,
    },
    /// A binary part is malformed.
    #[error("the floret part cannot be used")]
    Storage(#[from] StorageError),
}

/// An error about the parameter `name` unless `ok`.
pub(crate) fn parameter(
    ok: bool,
    name: &'static str,
    value: impl Display,
    expected: impl FnOnce() -> String,
) -> Result<(), FloretError> {
    if ok {
        return Ok(());
    }
    Err(FloretError::Parameter { name, value: value.to_string(), expected: expected() })
}
