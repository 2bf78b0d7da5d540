//! Names with symbols in them, and numbers.

use super::mark::{Kind, Mark};
use crate::chars::{char_at, is_western, western_end};

/// Words joined by dots are one name if the last is one of these: `node.js`, `llama.cpp`,
/// `jser.info`.
const SUFFIXES: [&str; 15] = [
    "ai", "app", "com", "cpp", "css", "dev", "info", "io", "jp", "js", "net", "org", "py", "rs",
    "ts",
];

/// Names that begin with a dot.
const DOTTED: [&str; 4] = ["net", "netcore", "netframework", "netstandard"];

/// The longest name with dots, in bytes.
const LONGEST: usize = 64;

/// The end of the name that begins with the western word `at..run` and continues after it: `c++`,
/// `c++11`, `c#`, `node.js`.
pub(super) fn name_end(text: &str, at: usize, run: usize) -> Option<usize> {
    let rest = &text[run..];
    if rest.starts_with("++") {
        return plus_plus_end(text, run + 2);
    }
    if rest.starts_with('#') {
        let letter = run == at + 1 && text.as_bytes()[at].is_ascii_alphabetic();
        let ends = char_at(text, run + 1).is_none_or(|c| !is_western(c) && c != '#');
        return (letter && ends).then_some(run + 1);
    }
    let mut known = None;
    let mut end = run;
    while text[end..].starts_with('.') && end - at < LONGEST {
        let next = western_end(text, end + 1);
        if SUFFIXES.contains(&&text[end + 1..next]) {
            known = Some(next);
        } else if next == end + 1 {
            break;
        }
        end = next;
    }
    known
}

/// The end of a name after `++`. The digits of a version belong to the name; before anything else,
/// `++` is an operator.
fn plus_plus_end(text: &str, at: usize) -> Option<usize> {
    let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let end = at + digits;
    let ends = char_at(text, end).is_none_or(|c| !is_western(c) && c != '+');
    ends.then_some(end)
}

/// `.net` and similar names, at the dot.
pub(super) fn dotted_start(text: &str, at: usize) -> Option<Mark> {
    let after = text[at..].strip_prefix('.')?;
    if !after.starts_with("net") || text[..at].ends_with('.') {
        return None;
    }
    let end = western_end(text, at + 1);
    let span = at..end;
    DOTTED.contains(&&text[at + 1..end]).then(|| Mark {
        kind: Kind::Word,
        form: span.clone(),
        span,
    })
}

/// The end of the number that begins with the western word `at..run`: digits with single points and
/// commas between them (`1,000`, `3.14`, `1.3.0`). `run` if the word is not a number.
pub(super) fn number_end(text: &str, at: usize, run: usize) -> usize {
    let is_digits = |from: usize, to: usize| {
        from < to && text.as_bytes()[from..to].iter().all(u8::is_ascii_digit)
    };
    let mut end = run;
    if !is_digits(at, run) {
        return run;
    }
    while text[end..].starts_with(['.', ',']) {
        let next = western_end(text, end + 1);
        if !is_digits(end + 1, next) {
            break;
        }
        end = next;
    }
    end
}
