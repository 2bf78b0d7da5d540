//! Errors of reading, writing and splitting posts, and of storing hashtag spaces.

use std::fmt;

use hashrec_storage::StorageError;

#[cfg(feature = "corpus")]
use crate::LineProblem;

/// Why posts could not be read, written or split, or a hashtag space could not be stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file or stream could not be opened, read, decompressed or written.
    #[error("{file}: cannot {action} it")]
    Io {
        /// The file, or "input" for a stream without a name.
        file: String,
        /// What was attempted: "create", "open", "read" or "write".
        action: &'static str,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// The file name does not tell the format.
    #[error(
        "{file}: cannot tell the format from the file name; use the extension .jsonl, .csv or .tsv (followed by .gz or .zst if the file is compressed), or set `format` to \"json-lines\" or \"csv\""
    )]
    UnknownFormat {
        /// The file.
        file: String,
    },
    /// The file name says that the file is compressed, but its content is not.
    #[error(
        "{file}: the name says {expected}, but the content is not {expected}; rename the file or compress it"
    )]
    Compression {
        /// The file.
        file: String,
        /// "gzip" or "zstd".
        expected: &'static str,
    },
    /// The file is not UTF-8 text.
    #[error("{file}: found {found}, expected UTF-8 text; {advice}")]
    NotText {
        /// The file.
        file: String,
        /// The encoding, or the kind of file.
        found: &'static str,
        /// What to do.
        advice: String,
    },
    /// A line is not a post. Occurs in strict reading, and where reading cannot go on after the
    /// line.
    #[cfg(feature = "corpus")]
    #[error("{file}, {problem}; {}", problem.advice())]
    Line {
        /// The file, or "input" for a stream without a name.
        file: String,
        /// The line and what is wrong with it.
        problem: Box<LineProblem>,
    },
    /// The first row of a CSV file does not name the columns.
    #[error(
        "{file}: {problem}; the first row must name each of the columns id, community, text and hashtags once, and may name created_at"
    )]
    Columns {
        /// The file, or "input" for a stream without a name.
        file: String,
        /// What is wrong with the row.
        problem: ColumnProblem,
    },
    /// A post cannot be written in a way that reading gives it back.
    #[error("cannot write post {id:?}: {problem}")]
    Post {
        /// The id of the post.
        id: String,
        /// Why, and what to do.
        problem: PostProblem,
    },
    /// Two posts have the same id.
    #[error(
        "{first} and {second} have the same id {id:?}; make ids unique, or set `duplicates` to \"keep-first\" to keep only the first post of each id"
    )]
    DuplicateId {
        /// The id.
        id: String,
        /// The first post that has it.
        first: Place,
        /// The second.
        second: Place,
    },
    /// The name of a post's community is empty.
    #[error("post {position} (counted from 1), {id:?}, has no community: name the community")]
    NoCommunity {
        /// The id of the post.
        id: String,
        /// Its position, counted from 1.
        position: usize,
    },
    /// A parameter is out of range.
    #[error("parameter {name} is {found}; expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        found: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// There is no fold of that number.
    #[error("fold {fold} does not exist: {folds} folds are numbered from 0 to {last}", last = folds - 1)]
    Fold {
        /// The fold that was asked for.
        fold: u32,
        /// How many folds there are; 2 or more.
        folds: u32,
    },
    /// The stored hashtag space could not be encoded, or is damaged, of another kind or of a newer
    /// version.
    #[error(
        "cannot use the stored hashtag space; copy it again from the bundle that it belongs to"
    )]
    Space(#[from] StorageError),
}

/// Where a post comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The post of that number among those given, counted from 1.
    Post(usize),
    /// A line of a file.
    Line {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Post(number) => write!(f, "post {number} (counted from 1)"),
            Self::Line { file, line } => write!(f, "{file}, line {line}"),
        }
    }
}

/// What is wrong with the row of column names of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnProblem {
    /// The file has no row.
    NoRow,
    /// A required column is missing.
    Missing {
        /// The column.
        name: &'static str,
        /// The row.
        found: String,
    },
    /// The columns are separated by another character.
    Delimiter {
        /// The character.
        found: char,
        /// The one that is set.
        expected: char,
    },
    /// This column is named more than once.
    Repeated(&'static str),
}

impl fmt::Display for ColumnProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRow => f.write_str("there is no row"),
            Self::Missing { name, found } => write!(f, "the column {name} is missing in {found}"),
            Self::Delimiter { found, expected } => write!(
                f,
                "the columns are separated by {found:?}, not by {expected:?}: set `csv.delimiter` to {found:?}"
            ),
            Self::Repeated(name) => write!(f, "the column {name} is named more than once"),
        }
    }
}

/// Why a post cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PostProblem {
    /// Its id or the name of its community is empty, begins or ends with a blank, or says that there
    /// is none, as "NULL" does.
    Name(String),
    /// A hashtag is empty, repeated, or not in the form that [`Post::new`](crate::Post::new)
    /// gives it.
    Hashtag(String),
    /// A hashtag contains the character that separates hashtags in a CSV file.
    Separator {
        /// The hashtag.
        hashtag: String,
        /// The character.
        separator: char,
    },
    /// Its time, in Unix seconds, lies outside the years −9999 to 9998, or in the years 0 or 1.
    Time(i64),
}

impl fmt::Display for PostProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                f,
                "its id or community is {name:?}; expected a name without blanks or invisible marks at its ends that does not stand for nothing"
            ),
            Self::Hashtag(hashtag) => write!(
                f,
                "its hashtag {hashtag:?} is empty, repeated or not in normal form; create posts with `Post::new`"
            ),
            Self::Separator { hashtag, separator } => write!(
                f,
                "its hashtag {hashtag:?} contains the separator {separator:?}; choose another `hashtag_separator`"
            ),
            Self::Time(seconds) => {
                write!(
                    f,
                    "its time {seconds} lies outside the years -9999 to 9998, or in the years 0 or 1, which stand for no time"
                )
            }
        }
    }
}
