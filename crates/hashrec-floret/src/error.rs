//! Errors of training, reading and writing tables.

use std::fmt::Display;

use hashrec_storage::StorageError;

/// Why a table could not be trained, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FloretError {
    /// A parameter is out of range.
    #[error("floret parameter {name} is {value}, expected {expected}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// The range of allowed values.
        expected: String,
    },
    /// The text has too few different words.
    #[error(
        "of {words} different words ({tokens} tokens in all), {frequent} occur at least {min_count} \
         times, but training needs 2 of them: add text or lower min_count"
    )]
    TooLittleText {
        /// Tokens in the text.
        tokens: u64,
        /// Different words in the text.
        words: usize,
        /// Words that occur at least `min_count` times.
        frequent: usize,
        /// The parameter of that name.
        min_count: u32,
    },
    /// The text has more words or sentences than training can number.
    #[error("more than {limit} different words or sentences: train on a part of the text")]
    TooMuchText {
        /// The largest number allowed.
        limit: u32,
    },
    /// The weights grew without bound.
    #[error(
        "training diverged: the weights are not finite or too large; lower the learning rate, which \
         is {learning_rate}"
    )]
    Diverged {
        /// The learning rate of the training.
        learning_rate: f32,
    },
    /// The progress callback cancelled the training.
    #[error("training was cancelled after {tokens} of {total} tokens")]
    Cancelled {
        /// Tokens processed so far, over all epochs.
        tokens: u64,
        /// Tokens to process in all.
        total: u64,
    },
    /// A training thread panicked.
    #[error("a training thread panicked")]
    Thread,
    /// A `.floret` text file could not be read or written.
    #[error("cannot {action} the .floret text")]
    Io {
        /// `"read"` or `"write"`.
        action: &'static str,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A `.floret` text file is malformed.
    #[error(".floret text, line {line}: {defect}")]
    Text {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        defect: TextDefect,
    },
    /// A binary part is malformed.
    #[error("the floret part cannot be used")]
    Storage(#[from] StorageError),
}

/// What is wrong with a line of a `.floret` text file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextDefect {
    /// The text ends too early.
    #[error("the text ends here, expected another line")]
    End,
    /// The text goes on after the last row.
    #[error("expected the end: the header announces no more rows")]
    NoEnd,
    /// The line is too long.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The longest line allowed, in bytes.
        limit: u64,
    },
    /// The line is not UTF-8.
    #[error("not UTF-8")]
    Encoding,
    /// The header has the wrong number of fields.
    #[error("{found} fields, expected 8: bucket dim minn maxn hashCount seed BOW EOW")]
    Header {
        /// Number of fields found.
        found: usize,
    },
    /// A field of the header is not a number.
    #[error("{field} is {value:?}, expected a whole number")]
    Field {
        /// The field, as floret names it.
        field: &'static str,
        /// Its text.
        value: String,
    },
    /// The line doesn't start with the number of its row.
    #[error("starts with {found:?}, expected row {expected}")]
    Row {
        /// Number of the row.
        expected: u32,
        /// The text found instead.
        found: String,
    },
    /// A value of a row is not a finite number of reasonable size.
    #[error("contains {value:?}, expected a finite number")]
    Value {
        /// Its text.
        value: String,
    },
    /// A row has the wrong number of values.
    #[error("{found} numbers, expected {expected}")]
    Length {
        /// The number of values expected.
        expected: usize,
        /// The number of values found.
        found: usize,
    },
}

/// [`FloretError::Parameter`] unless `ok`.
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
