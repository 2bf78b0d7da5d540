//! What is wrong with a line, and the counts of a reader.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a line of a file is not a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineProblem {
    /// The line, counted from 1; for a CSV record, the line on which it begins.
    pub line: u64,
    /// The field at fault; `None` if the whole line is.
    pub field: Option<String>,
    /// What was found.
    pub found: String,
    /// What was expected.
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

/// What is wrong with a field, before its line is known.
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

/// The counts of a reader.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadReport {
    /// Posts that were read.
    pub posts: u64,
    /// Posts among them that have no hashtag.
    pub untagged: u64,
    /// Empty and repeated hashtags that were left out.
    pub hashtags_left_out: u64,
    /// Lines that are not posts and were skipped; always 0 in strict reading.
    pub skipped: u64,
    /// What is wrong with the first skipped lines, at most [`ReadReport::MAX_PROBLEMS`] of them.
    pub problems: Vec<LineProblem>,
}

impl ReadReport {
    /// How many skipped lines are described; the others are only counted.
    pub const MAX_PROBLEMS: usize = 100;

    pub(super) fn skip(&mut self, problem: LineProblem) {
        self.skipped += 1;
        if self.problems.len() < Self::MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// The beginning of a value, with control characters escaped, for messages.
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
