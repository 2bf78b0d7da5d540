//! Posts as JSON lines.

use std::io::{self, BufRead, Read};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    decode::ByteStream,
    failure::Found,
    fields::{self, Fields},
    problem::{FieldProblem, excerpt},
};
use crate::form::Name;

/// Reads one JSON object per line.
pub(super) struct JsonLines {
    input: ByteStream,
    line: u64,
    buffer: Vec<u8>,
    max_line_bytes: usize,
}

impl JsonLines {
    pub(super) fn new(input: ByteStream, max_line_bytes: usize) -> Self {
        Self { input, line: 0, buffer: Vec::new(), max_line_bytes }
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        while self.read_line()? {
            if self.buffer.len() > self.max_line_bytes {
                let found = format!("a line of more than {} bytes", self.max_line_bytes);
                let expected = "one post per line (or a larger `max_line_bytes`)";
                let problem = FieldProblem { field: None, found, expected };
                return Ok(Some((self.line, Err(problem))));
            }
            if self.buffer.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            return Ok(Some((self.line, parse(&self.buffer))));
        }
        Ok(None)
    }

    /// Reads a line into the buffer, without its line break. Of a line that is too long, the buffer
    /// gets at least one byte more than allowed, and the rest is skipped. False at the end of the
    /// input.
    fn read_line(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        // Two more bytes than allowed: room for a line break.
        let limit = self.max_line_bytes as u64 + 2;
        if self.input.by_ref().take(limit).read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(false);
        }
        self.line += 1;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
            if self.buffer.last() == Some(&b'\r') {
                self.buffer.pop();
            }
        } else if self.buffer.len() > self.max_line_bytes {
            self.input.skip_until(b'\n')?;
        }
        Ok(true)
    }
}

/// A line whose fields are not parsed yet, so that each problem can be attributed to its field.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    community: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    hashtags: Option<&'a RawValue>,
    #[serde(borrow, default)]
    created_at: Option<&'a RawValue>,
}

fn parse(line: &[u8]) -> Result<Fields, FieldProblem> {
    let text = std::str::from_utf8(line).map_err(|error| FieldProblem {
        field: None,
        found: format!("bytes that are not UTF-8 from byte {}", error.valid_up_to() + 1),
        expected: "UTF-8 text",
    })?;
    let whole = |found| FieldProblem {
        field: None,
        found,
        expected: "one JSON object with id, community, text and hashtags",
    };
    // serde would also accept an array of the fields in their order.
    if !text.trim_start().starts_with('{') {
        return Err(whole(excerpt(text)));
    }
    let line: Line<'_> = serde_json::from_str(text)
        .map_err(|error| whole(format!("{} ({error})", excerpt(text))))?;
    let name = |field, value| value_of::<Name>(field, value, fields::NAME).map(String::from);
    Ok(Fields {
        id: name("id", line.id)?,
        community: name("community", line.community)?,
        text: value_of("text", line.text, "a string (\"\" if there is no text)")?,
        hashtags: value_of(
            "hashtags",
            line.hashtags,
            "an array of strings ([] if there are none)",
        )?,
        created_at: match line.created_at {
            None => None,
            value => Some(value_of("created_at", value, crate::time::EXPECTED)?),
        },
    })
}

fn value_of<'a, T: Deserialize<'a>>(
    field: &'static str,
    value: Option<&'a RawValue>,
    expected: &'static str,
) -> Result<T, FieldProblem> {
    let problem = |found| FieldProblem { field: Some(field), found, expected };
    let value = value.ok_or_else(|| problem("nothing".into()))?;
    serde_json::from_str(value.get()).map_err(|_| problem(excerpt(value.get())))
}
