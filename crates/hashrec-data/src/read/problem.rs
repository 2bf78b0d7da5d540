//! What is wrong with a line, and the counts of a reader.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use super::encoding::{self, Encoding};

/// Why a line of a file is not a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineProblem {
    /// The file, or "input" for a stream without a name.
    pub file: String,
    /// The line, counted from 1: for a CSV record, the line on which it begins; for a quote that is
    /// not closed, the line on which it opens.
    pub line: u64,
    /// The field at fault; `None` if the whole line is.
    pub field: Option<String>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What to do, where correcting the line is not it.
    pub advice: Option<String>,
}

impl LineProblem {
    /// What to do.
    pub fn advice(&self) -> &str {
        const USUAL: &str =
            "correct the line, or set `strict` to false to skip and count such lines";
        self.advice.as_deref().unwrap_or(USUAL)
    }
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

/// What is wrong with a field, before its file and line are known.
pub(super) struct FieldProblem {
    pub(super) field: Option<&'static str>,
    pub(super) found: String,
    pub(super) expected: Cow<'static, str>,
    /// The encoding that the line seems to have.
    pub(super) encoding: Option<Encoding>,
}

impl FieldProblem {
    pub(super) fn new(
        field: impl Into<Option<&'static str>>,
        found: impl Into<String>,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (field, found, expected) = (field.into(), found.into(), expected.into());
        Self { field, found, expected, encoding: None }
    }

    pub(super) fn at(self, file: &str, line: u64) -> LineProblem {
        LineProblem {
            file: file.to_owned(),
            line,
            field: self.field.map(str::to_owned),
            found: self.found,
            expected: self.expected.into_owned(),
            advice: self.encoding.map(|encoding| convert(encoding, file)),
        }
    }
}

/// How to make UTF-8 of a file.
pub(super) fn convert(encoding: Encoding, file: &str) -> String {
    let file = if file.contains(char::is_whitespace) { format!("'{file}'") } else { file.into() };
    format!("convert the file: iconv -f {} -t UTF-8 {file} > NEW_FILE", encoding.iconv)
}

/// The text of bytes that are part of a line, or a message that names the line's encoding.
pub(super) fn utf8<'a, L: AsRef<[u8]>>(
    field: Option<&'static str>,
    bytes: &'a [u8],
    line: impl FnOnce() -> L,
) -> Result<&'a str, FieldProblem> {
    let (found, encoding) = match std::str::from_utf8(bytes) {
        Ok(text) => match encoding::of_line(bytes) {
            None => return Ok(text),
            Some(encoding) => (format!("text in {}", encoding.name), Some(encoding)),
        },
        Err(error) => {
            let found = format!("bytes that are not UTF-8 from byte {}", error.valid_up_to() + 1);
            match encoding::of_line(line().as_ref()) {
                None => (found, None),
                Some(encoding) => {
                    (format!("{found} (the line looks like {})", encoding.name), Some(encoding))
                }
            }
        }
    };
    Err(FieldProblem { encoding, ..FieldProblem::new(field, found, "UTF-8 text") })
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
    /// Hashtags and times that were read as none, because a text such as `NULL`, `nan`, `[]` or
    /// `9999-12-31` stood in their place.
    pub nothing: u64,
    /// Lines and records that are not posts and were skipped; always 0 in strict reading.
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

    /// Adds the counts of another file.
    pub(crate) fn add(&mut self, other: Self) {
        self.posts += other.posts;
        self.untagged += other.untagged;
        self.hashtags_left_out += other.hashtags_left_out;
        self.nothing += other.nothing;
        self.skipped += other.skipped;
        let room = Self::MAX_PROBLEMS.saturating_sub(self.problems.len());
        self.problems.extend(other.problems.into_iter().take(room));
    }
}

/// The beginning of a value, with characters that can't be seen escaped, for messages.
pub(super) fn excerpt(value: &str) -> String {
    const LENGTH: usize = 40;
    let mut short = String::new();
    for c in value.chars().take(LENGTH) {
        if matches!(c, '"' | '\'' | '\\') { short.push(c) } else { short.extend(c.escape_debug()) }
    }
    if value.chars().nth(LENGTH).is_some() {
        short.push('…');
    }
    short
}
