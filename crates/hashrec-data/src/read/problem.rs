//! What is wrong with a line, and the count of such lines.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a line of a file is not a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineProblem {
    /// The line, from 1; of a CSV record the one it begins on.
    pub line: u64,
    /// The field at fault; `None` if it is the line as a whole.
    pub field: Option<String>,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(field) = &self.field {
            write!(f, ", field {field:?}")?;
        }
        write!(f, ": found {}, expected {}", self.found, self.expected)
    }
}

/// A field that can't be used, before its line is known.
pub(super) struct FieldProblem {
    pub(super) field: Option<&'static str>,
    pub(super) found: String,
    pub(super) expected: &'static str,
}

impl FieldProblem {
    pub(super) fn at(self, line: u64) -> LineProblem {
        LineProblem {
            line,
            field: self.field.map(str::to_owned),
            found: self.found,
            expected: self.expected.to_owned(),
        }
    }
}

/// What reading a file came to, so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadReport {
    /// Posts that were read.
    pub posts: u64,
    /// Those of them without a hashtag.
    pub untagged: u64,
    /// Empty and repeated hashtags that were left out of posts.
    pub hashtags_left_out: u64,
    /// Lines that are no post and were skipped; always 0 in strict reading.
    pub skipped: u64,
    /// The first of the skipped lines, at most [`ReadReport::MAX_PROBLEMS`].
    pub problems: Vec<LineProblem>,
}

impl ReadReport {
    /// How many problems are kept with their text; the others are only counted.
    pub const MAX_PROBLEMS: usize = 100;

    pub(super) fn skip(&mut self, problem: LineProblem) {
        self.skipped += 1;
        if self.problems.len() < Self::MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// A value as it may stand in a message: its beginning, with control characters escaped.
pub(super) fn excerpt(value: &str) -> String {
    const LENGTH: usize = 40;
    let mut short = String::new();
    for c in value.chars().take(LENGTH) {
        if c.is_control() { short.extend(c.escape_default()) } else { short.push(c) }
    }
    if value.chars().nth(LENGTH).is_some() {
        short.push('…');
    }
    short
}
