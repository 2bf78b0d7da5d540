//! Posts as JSON lines.

use std::io;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    decode::ByteStream,
    failure::Found,
    fields::{self, Fields},
    lines::{Line, Lines},
    params::ReadParams,
    problem::{FieldProblem, excerpt, utf8},
    tags,
};
use crate::{number, time};

/// Reads one JSON object per line.
pub(super) struct JsonLines {
    lines: Lines,
    literal: bool,
    max_bytes: usize,
}

impl JsonLines {
    pub(super) fn new(input: ByteStream, params: &ReadParams) -> Self {
        let max_bytes = params.max_line_bytes;
        // One byte more: room for a carriage return.
        let lines = Lines::new(input, false, max_bytes.saturating_add(1));
        Self { lines, literal: params.literal_hashtags, max_bytes }
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        while let Some(mut line) = self.lines.next()? {
            line.unmark();
            if !line.is_blank() {
                return Ok(Some((line.number, self.parse(&line).and_then(Fields::into_post))));
            }
        }
        Ok(None)
    }

    /// How many lines were read.
    pub(super) fn line_number(&self) -> u64 {
        self.lines.number()
    }

    fn parse(&self, line: &Line) -> Result<Fields, FieldProblem> {
        let (bytes, _) = line.split();
        if line.too_long || bytes.len() > self.max_bytes {
            let found = format!("a line of more than {} bytes", self.max_bytes);
            let expected = "one post per line (or a larger `max_line_bytes`)";
            return Err(FieldProblem::new(None, found, expected));
        }
        let text = utf8(None, bytes, || bytes)?;
        // serde would also accept an array of the fields in their order.
        if !text.trim_start().starts_with('{') {
            return Err(FieldProblem::new(None, excerpt(text), not_an_object(text)));
        }
        let line: Object<'_> = serde_json::from_str(text).map_err(|error| syntax(text, &error))?;
        let (hashtags, nulls) = elements(line.hashtags)?;
        if !self.literal {
            tags::check(&hashtags)?;
        }
        Ok(Fields {
            id: name("id", line.id)?,
            community: name("community", line.community)?,
            text: string("text", line.text, "a string (\"\" if there is no text)")?,
            hashtags,
            created_at: moment(line.created_at)?,
            nothing: u64::from(nulls),
        })
    }
}

/// A line whose fields are not parsed yet, so that each problem can be attributed to its field.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default)]
    id: Raw<'a>,
    #[serde(borrow, default)]
    community: Raw<'a>,
    #[serde(borrow, default)]
    text: Raw<'a>,
    #[serde(borrow, default)]
    hashtags: Raw<'a>,
    #[serde(borrow, default)]
    created_at: Raw<'a>,
}

/// A value as it is written; `None` if the field is missing, which isn't the same as null.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(transparent)]
struct Raw<'a>(#[serde(borrow, deserialize_with = "written")] Option<&'a RawValue>);

fn written<'de, D: serde::Deserializer<'de>>(of: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(of).map(Some)
}

const JQ_ARRAY: &str =
    "one JSON object per line, without an array around them; jq -c '.[]' writes that";
const JQ_OBJECT: &str = "one whole JSON object per line; jq -c . writes that";
const OBJECT: &str = "one JSON object with id, community, text and hashtags";

fn not_an_object(text: &str) -> &'static str {
    match text.trim() {
        array if array.starts_with('[') => JQ_ARRAY,
        part if part.starts_with(['"', '}', ']']) => JQ_OBJECT,
        _ => OBJECT,
    }
}

/// What is wrong with a line that is no object.
fn syntax(text: &str, error: &serde_json::Error) -> FieldProblem {
    let message = error.to_string();
    // serde counts the lines of what it is given, which is one.
    let (message, _) = message.rsplit_once(" at line ").unwrap_or((&message, ""));
    let found = format!("{} ({message} at byte {})", excerpt(text), error.column());
    let after = text.get(error.column().saturating_sub(1)..).unwrap_or_default().trim();
    let expected = if error.is_eof() {
        JQ_OBJECT
    } else if after == "," || after == "]" {
        JQ_ARRAY
    } else {
        OBJECT
    };
    FieldProblem::new(None, found, expected)
}

/// A value that must not be missing.
fn present<'a>(
    field: &'static str,
    value: Raw<'a>,
    expected: &'static str,
) -> Result<&'a RawValue, FieldProblem> {
    value.0.ok_or_else(|| FieldProblem::new(field, "nothing", expected))
}

fn string(
    field: &'static str,
    value: Raw<'_>,
    expected: &'static str,
) -> Result<String, FieldProblem> {
    let value = present(field, value, expected)?.get();
    serde_json::from_str(value).map_err(|_| refuse(field, value, expected))
}

/// A string, or a number used as one.
fn name(field: &'static str, value: Raw<'_>) -> Result<String, FieldProblem> {
    let raw = present(field, value, fields::NAME)?.get();
    if !is_number(raw) {
        return string(field, value, fields::NAME);
    }
    let expected = "a whole number (one that is written as 1.0 or 1e3 must not exceed 2^53, beyond which its last digits are made up), or a string";
    number::whole(raw).ok_or_else(|| refuse(field, raw, expected))
}

/// The elements of an array, and whether null stands for it or for some of them.
fn elements(value: Raw<'_>) -> Result<(Vec<String>, bool), FieldProblem> {
    let field = "hashtags";
    let expected = "an array of strings ([] if there are none)";
    let raw = present(field, value, expected)?.get();
    let array = serde_json::from_str::<Option<Vec<Option<String>>>>(raw);
    let Some(array) = array.map_err(|_| refuse(field, raw, expected))? else {
        return Ok((Vec::new(), true));
    };
    let nulls = array.contains(&None);
    Ok((array.into_iter().flatten().collect(), nulls))
}

/// A time as text: a string, a number, or null.
fn moment(value: Raw<'_>) -> Result<Option<String>, FieldProblem> {
    match value.0.map(RawValue::get) {
        None | Some("null") => Ok(None),
        Some(number) if is_number(number) => {
            Ok(Some(number::whole(number).unwrap_or_else(|| number.to_owned())))
        }
        Some(_) => string("created_at", value, time::EXPECTED).map(Some),
    }
}

fn is_number(raw: &str) -> bool {
    raw.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

/// What is wrong with a value that is not what was expected.
fn refuse(field: &'static str, raw: &str, expected: &'static str) -> FieldProblem {
    match half(raw) {
        Some(half) => FieldProblem::new(
            field,
            format!("{half}, one half of a surrogate pair, in {}", excerpt(raw)),
            "both halves of each pair (whatever cut the text here must cut between characters)",
        ),
        None => FieldProblem::new(field, excerpt(raw), expected),
    }
}

/// The first escape in a JSON value that is half of a surrogate pair.
fn half(raw: &str) -> Option<&str> {
    let code = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok();
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        rest = rest.get(at..)?;
        let used = match (code(rest), rest.get(6..).and_then(code)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => return rest.get(..6),
            // A backslash and whatever it escapes.
            _ => 1 + rest.chars().nth(1)?.len_utf8(),
        };
        rest = rest.get(used..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn halves_of_surrogate_pairs_are_found() {
        for (raw, expected) in [
            (r#""a\ud83db""#, Some(r"\ud83d")),
            (r#""a\uDE00""#, Some(r"\uDE00")),
            (r#""\ud83d\ude00\ud83d""#, Some(r"\ud83d")),
            (r#""\ud83d\ud83d\ude00""#, Some(r"\ud83d")),
            (r#""\ud83d\n""#, Some(r"\ud83d")),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\"あ\\\\""#, None),
            (r#"["x"]"#, None),
        ] {
            assert_eq!(half(raw), expected, "{raw}");
        }
    }
}
