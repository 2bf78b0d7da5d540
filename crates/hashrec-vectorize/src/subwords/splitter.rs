//! The `pre_tokenizer` of `tokenizer.json`: how a text is split before pieces are looked for.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    characters::{is_punctuation, is_word},
    pattern::Pattern,
};
use crate::{VectorizeError, json_field::Field};

const SUPPORTED: &str = "BertPreTokenizer, Digits, Metaspace, Punctuation, Sequence, Split, \
                         Whitespace or WhitespaceSplit";

/// The most steps. Each splits what the one before it left, one call inside another.
const MOST_STEPS: usize = 32;

/// The steps in which a text is split.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Step>")]
pub(super) struct Splitter(Vec<Step>);

impl TryFrom<Vec<Step>> for Splitter {
    type Error = &'static str;

    fn try_from(steps: Vec<Step>) -> Result<Self, &'static str> {
        if steps.len() > MOST_STEPS { Err("more than 32 steps") } else { Ok(Self(steps)) }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Step {
    /// Words and runs of signs; spaces are dropped.
    Words,
    /// At spaces, which are dropped.
    Spaces,
    Punctuation(Parts),
    Digits(Parts),
    Pattern {
        pattern: Pattern,
        parts: Parts,
        /// What does not match splits, rather than what does.
        invert: bool,
    },
    /// Before spaces, which become a sign that belongs to the word.
    Metaspace {
        sign: char,
        prefix: Prefix,
        split: bool,
    },
}

/// What happens to the parts of a text that split it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Parts {
    Removed,
    Isolated,
    Contiguous,
    MergedWithPrevious,
    MergedWithNext,
}

/// Which parts of a text get a sign before them even if no space was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Prefix {
    Always,
    First,
    Never,
}

impl Splitter {
    pub(super) fn parse(field: &Field<'_>) -> Result<Self, VectorizeError> {
        let mut splitter = Self::default();
        if !field.is_null() {
            splitter.add(field)?;
        }
        Self::try_from(splitter.0).map_err(|_| field.wrong("at most 32 steps"))
    }

    fn add(&mut self, field: &Field<'_>) -> Result<(), VectorizeError> {
        let kind = field.get("type");
        match kind.text()? {
            "Sequence" => {
                field.get("pretokenizers").items()?.try_for_each(|field| self.add(&field))?;
            }
            "BertPreTokenizer" => {
                self.0.extend([Step::Spaces, Step::Punctuation(Parts::Isolated)]);
            }
            "Whitespace" => self.0.push(Step::Words),
            "WhitespaceSplit" => self.0.push(Step::Spaces),
            "Punctuation" => {
                self.0.push(Step::Punctuation(Parts::parse(&field.get("behavior"))?));
            }
            "Digits" => {
                self.0.push(Step::Digits(match field.get("individual_digits").switch(false)? {
                    true => Parts::Isolated,
                    false => Parts::Contiguous,
                }))
            }
            "Split" => self.0.push(Step::Pattern {
                pattern: Pattern::parse(&field.get("pattern"))?,
                parts: Parts::parse(&field.get("behavior"))?,
                invert: field.get("invert").switch(false)?,
            }),
            "Metaspace" => {
                let scheme = field.get("prepend_scheme");
                let prefix = match scheme.value().as_str() {
                    _ if !field.get("add_prefix_space").switch(true)? => Prefix::Never,
                    Some("always") => Prefix::Always,
                    Some("first") => Prefix::First,
                    Some("never") => Prefix::Never,
                    None if scheme.is_null() => Prefix::Always,
                    _ => return Err(scheme.wrong("always, first or never")),
                };
                self.0.push(Step::Metaspace {
                    sign: field.get("replacement").letter()?,
                    prefix,
                    split: field.get("split").switch(true)?,
                });
            }
            _ => return Err(kind.wrong(SUPPORTED)),
        }
        Ok(())
    }

    /// Calls `emit` with each part of a text. `is_first`: nothing came before it.
    pub(super) fn split(
        &self,
        text: &str,
        is_first: bool,
        buffers: &mut Vec<String>,
        emit: &mut dyn FnMut(&str),
    ) {
        if buffers.len() < self.0.len() {
            buffers.resize_with(self.0.len(), String::new);
        }
        split(&self.0, text, is_first, buffers, emit);
    }
}

impl Parts {
    fn parse(field: &Field<'_>) -> Result<Self, VectorizeError> {
        Ok(match field.value().as_str() {
            Some("Removed") => Self::Removed,
            Some("Isolated") => Self::Isolated,
            Some("Contiguous") => Self::Contiguous,
            Some("MergedWithPrevious") => Self::MergedWithPrevious,
            Some("MergedWithNext") => Self::MergedWithNext,
            None if field.is_null() => Self::Isolated,
            _ => {
                let all = "Removed, Isolated, Contiguous, MergedWithPrevious or MergedWithNext";
                return Err(field.wrong(all));
            }
        })
    }

    /// Whether a part is joined to the one before it; whether they are parts that split.
    fn joins(self, before: bool, now: bool) -> bool {
        match self {
            Self::Removed | Self::Isolated => false,
            Self::Contiguous => before == now,
            Self::MergedWithPrevious => now && !before,
            Self::MergedWithNext => before && !now,
        }
    }
}

/// Applies the first step, and the rest to what it leaves. Each step has a buffer.
fn split(
    steps: &[Step],
    text: &str,
    is_first: bool,
    buffers: &mut [String],
    emit: &mut dyn FnMut(&str),
) {
    if text.is_empty() {
        return;
    }
    let (Some((step, steps)), Some((buffer, buffers))) =
        (steps.split_first(), buffers.split_first_mut())
    else {
        return emit(text);
    };
    let mut rest = |text: &str, part: Range<usize>| {
        let is_first = is_first && part.start == 0;
        split(steps, text.get(part).unwrap_or_default(), is_first, buffers, emit);
    };
    match step {
        Step::Words => words(text, &mut |part| rest(text, part)),
        Step::Spaces => {
            join(letters(text, char::is_whitespace), Parts::Removed, |part| rest(text, part));
        }
        Step::Punctuation(parts) => {
            join(letters(text, is_punctuation), *parts, |part| rest(text, part));
        }
        Step::Digits(parts) => {
            join(letters(text, char::is_numeric), *parts, |part| rest(text, part));
        }
        Step::Pattern { pattern, parts, invert } => {
            let found = pattern.regex().find_iter(text).map(|found| found.range());
            let found = with_gaps(text.len(), found).map(|(part, is)| (part, is != *invert));
            join(found, *parts, |part| rest(text, part));
        }
        Step::Metaspace { sign, prefix, split } => {
            buffer.clear();
            let is_prefixed = match prefix {
                Prefix::Always => true,
                Prefix::First => is_first,
                Prefix::Never => false,
            };
            if is_prefixed && !text.starts_with([' ', *sign]) {
                buffer.push(*sign);
            }
            buffer.extend(text.chars().map(|letter| if letter == ' ' { *sign } else { letter }));
            let text = buffer.as_str();
            if *split {
                let found = letters(text, |letter| letter == *sign);
                join(found, Parts::MergedWithNext, |part| rest(text, part));
            } else {
                rest(text, 0..text.len());
            }
        }
    }
}

/// The letters that `splits` picks, one by one, and the runs between them.
fn letters(
    text: &str,
    splits: impl Fn(char) -> bool,
) -> impl Iterator<Item = (Range<usize>, bool)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let first = rest.chars().next()?;
        let is_split = splits(first);
        let len = if is_split { Some(first.len_utf8()) } else { rest.find(&splits) };
        let part = at..at + len.unwrap_or(rest.len());
        at = part.end;
        Some((part, is_split))
    })
}

/// Parts that were found, and the gaps between them.
fn with_gaps(
    len: usize,
    found: impl Iterator<Item = Range<usize>>,
) -> impl Iterator<Item = (Range<usize>, bool)> {
    let mut at = 0;
    let found = found.map(Some).chain([None]);
    found
        .flat_map(move |part| {
            let next = part.clone().unwrap_or(len..len);
            let gap = at..next.start;
            at = next.end;
            [Some((gap, false)), part.map(|part| (part, true))]
        })
        .flatten()
        .filter(|(part, _)| !part.is_empty())
}

/// Calls `rest` with the parts, joined or dropped as asked.
fn join(
    found: impl Iterator<Item = (Range<usize>, bool)>,
    parts: Parts,
    mut rest: impl FnMut(Range<usize>),
) {
    let mut held: Option<(Range<usize>, bool)> = None;
    for (part, now) in found {
        if now && parts == Parts::Removed {
            continue;
        }
        held = Some(match held.take() {
            Some((before, was)) if parts.joins(was, now) => (before.start..part.end, now),
            before => {
                before.into_iter().for_each(|(before, _)| rest(before));
                (part, now)
            }
        });
    }
    held.into_iter().for_each(|(part, _)| rest(part));
}

/// Calls `rest` with each run of word characters, and each of characters that are neither of words
/// nor spaces.
fn words(text: &str, rest: &mut impl FnMut(Range<usize>)) {
    let class = |letter: char| match letter {
        _ if is_word(letter) => 2,
        _ if letter.is_whitespace() => 0,
        _ => 1,
    };
    let (mut start, mut current) = (0, 0);
    for (at, letter) in text.char_indices() {
        let next = class(letter);
        if next != current {
            if current > 0 {
                rest(start..at);
            }
            (start, current) = (at, next);
        }
    }
    if current > 0 {
        rest(start..text.len());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parts(json: &Value, text: &str) -> Vec<String> {
        let splitter = Splitter::parse(&Field::root("tokenizer.json", json)).unwrap();
        let mut parts = Vec::new();
        splitter.split(text, true, &mut Vec::new(), &mut |part| parts.push(part.to_owned()));
        parts
    }

    #[test]
    fn bert_splits_at_spaces_and_punctuation() {
        let json = json!({"type": "BertPreTokenizer"});
        assert_eq!(parts(&json, " Hey, you!? "), ["Hey", ",", "you", "!", "?"]);
        assert_eq!(parts(&json, "漢字。かな"), ["漢字", "。", "かな"]);
        assert_eq!(parts(&json, " \u{3000}\n"), [""; 0]);
        assert_eq!(parts(&Value::Null, " a b"), [" a b"]);
    }

    #[test]
    fn parts_that_split_are_joined_as_asked() {
        let text = "the-final--countdown";
        let with = |behavior: &str| json!({"type": "Split", "pattern": {"String": "-"}, "behavior": behavior});
        assert_eq!(parts(&with("Removed"), text), ["the", "final", "countdown"]);
        assert_eq!(parts(&with("Isolated"), text), ["the", "-", "final", "-", "-", "countdown"]);
        assert_eq!(parts(&with("MergedWithPrevious"), text), ["the-", "final-", "-", "countdown"]);
        assert_eq!(parts(&with("MergedWithNext"), text), ["the", "-final", "-", "-countdown"]);
        assert_eq!(parts(&with("Contiguous"), text), ["the", "-", "final", "--", "countdown"]);
        let json = json!({"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "Removed", "invert": true});
        assert_eq!(parts(&json, text), ["the", "final", "countdown"]);
    }

    #[test]
    fn words_digits_and_punctuation() {
        assert_eq!(parts(&json!({"type": "Whitespace"}), "Hi_1 (ok)…"), ["Hi_1", "(", "ok", ")…"]);
        let json = json!({"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"},
            {"type": "Digits", "individual_digits": true},
            {"type": "Punctuation", "behavior": "Contiguous"},
        ]});
        assert_eq!(parts(&json, "in 2024..."), ["in", "2", "0", "2", "4", "..."]);
        assert_eq!(parts(&json!({"type": "Digits"}), "in2024x"), ["in", "2024", "x"]);
    }

    #[test]
    fn spaces_become_signs() {
        let with = |scheme: &str, split: bool| json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split});
        assert_eq!(parts(&with("always", true), "a b  c"), ["▁a", "▁b", "▁", "▁c"]);
        assert_eq!(parts(&with("always", true), " a"), ["▁a"]);
        assert_eq!(parts(&with("never", false), "a b"), ["a▁b"]);
        let json = json!({"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"}, with("first", true),
        ]});
        assert_eq!(parts(&json, "a b"), ["▁a", "b"]);
        let json = json!({"type": "Metaspace", "replacement": "▁", "add_prefix_space": false});
        assert_eq!(parts(&json, "a b"), ["a", "▁b"]);
    }

    #[test]
    fn unknown_steps_are_named() {
        for (json, named) in [
            (json!({"type": "ByteLevel"}), "ByteLevel"),
            (json!({"type": "Punctuation", "behavior": "Lost"}), "Lost"),
            (json!({"type": "Metaspace", "replacement": "▁▁"}), "replacement"),
            (json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "last"}), "last"),
            (json!({}), "type"),
        ] {
            let error = Splitter::parse(&Field::root("tokenizer.json", &json)).unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
