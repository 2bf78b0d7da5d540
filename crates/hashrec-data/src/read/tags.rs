//! The hashtags of a post, as files write them.

use super::problem::{FieldProblem, excerpt};
use crate::{names::trim, nothing::is_nothing};

/// What separates hashtags in files.
const SEPARATORS: [char; 9] = ['|', '｜', ',', '、', '，', ';', '；', '\n', '\t'];

const FIELD: &str = "hashtags";

/// The hashtags of a cell; `None` if the cell says that there are none, as `NULL` and `[]` do.
///
/// # Errors
/// The cell seems to hold hashtags in another form than `separator` between them. It is not doubted
/// if it holds an empty hashtag, or is `literal`.
pub(super) fn read_cell(
    cell: &str,
    separator: char,
    literal: bool,
) -> Result<Option<Vec<String>>, FieldProblem> {
    let whole = trim(cell);
    if whole.is_empty() {
        // An empty cell is a post without hashtags, not one with an empty hashtag.
        return Ok(Some(Vec::new()));
    }
    let pieces: Vec<String> = whole.split(separator).map(str::to_owned).collect();
    if literal {
        return Ok(Some(pieces));
    }
    if !whole.contains(separator) && is_nothing(whole) {
        return Ok(None);
    }
    let settled = pieces.iter().any(|piece| trim(piece).is_empty());
    match list(whole).filter(|_| !settled) {
        Some(Some(tags)) if tags.is_empty() => return Ok(None),
        Some(Some(tags)) => return check(&tags).map(|()| Some(tags)),
        Some(None) if !whole.contains(separator) => {
            let expected = format!(
                "hashtags with {separator:?} between them, or a list of quoted ones; set `literal_hashtags` to true if this is one hashtag"
            );
            return Err(FieldProblem::new(FIELD, excerpt(whole), expected));
        }
        _ => {}
    }
    match doubt(&pieces) {
        None => Ok(Some(pieces)),
        Some(Doubt::Separator(other)) => {
            let expected = format!(
                "{separator:?} between hashtags; set `csv.hashtag_separator` to {other:?} if that separates them, or `literal_hashtags` to true if this is one hashtag"
            );
            Err(FieldProblem::new(FIELD, excerpt(whole), expected))
        }
        Some(Doubt::Marks(piece)) => {
            let expected = format!(
                "{separator:?} between hashtags, or `literal_hashtags` set to true if this is one"
            );
            Err(FieldProblem::new(FIELD, excerpt(&piece), expected))
        }
    }
}

/// Checks the elements of a list.
///
/// # Errors
/// One of them seems to hold several hashtags. Lists with an empty element are not doubted.
pub(super) fn check(tags: &[String]) -> Result<(), FieldProblem> {
    let found = match doubt(tags) {
        None => return Ok(()),
        Some(Doubt::Separator(_)) => tags.first().map_or("", String::as_str).to_owned(),
        Some(Doubt::Marks(tag)) => tag,
    };
    let expected = "each hashtag as an element of its own, or `literal_hashtags` set to true if this is one hashtag";
    Err(FieldProblem::new(FIELD, format!("{:?}", excerpt(&found)), expected))
}

/// Whether [`check`] refuses a list.
pub(crate) fn is_doubtful(tags: &[String]) -> bool {
    doubt(tags).is_some()
}

/// The cell from which [`read_cell`] gives the hashtags back: with an empty one at the end if they
/// would be doubted.
pub(crate) fn write_cell(tags: &[String], separator: char) -> String {
    let mut cell = tags.join(separator.encode_utf8(&mut [0; 4]));
    let read = read_cell(&cell, separator, false);
    let back =
        read.ok().flatten().is_some_and(|read| read.iter().map(|tag| trim(tag)).eq(tags.iter()));
    if !back {
        cell.push(separator);
    }
    cell
}

enum Doubt {
    /// The only hashtag holds what separates hashtags elsewhere.
    Separator(char),
    /// This hashtag holds the mark of another one.
    Marks(String),
}

fn doubt(tags: &[String]) -> Option<Doubt> {
    if tags.iter().any(|tag| trim(tag).is_empty()) {
        return None;
    }
    if let Some(tag) = tags.iter().find(|tag| has_marks_within(tag)) {
        return Some(Doubt::Marks(tag.clone()));
    }
    let [tag] = tags else { return None };
    trim(tag).chars().find(|c| SEPARATORS.contains(c)).map(Doubt::Separator)
}

/// Whether a hashtag holds `#` before a character: after a blank, or after more than one letter if
/// it begins with `#`. `C#` and `#C#入門` are hashtags, `#a #b` and `#abc#def` are two.
fn has_marks_within(tag: &str) -> bool {
    const MARKS: [char; 2] = ['#', '＃'];
    let is_mark_or_blank = |c: char| MARKS.contains(&c) || c.is_whitespace();
    let marked = trim(tag).starts_with(MARKS);
    let mut piece = trim(tag).trim_start_matches(is_mark_or_blank);
    while let Some((before, after)) = piece.split_once(MARKS) {
        if !after.is_empty() && !after.starts_with(is_mark_or_blank) {
            let single = before.len() == 1 && before.starts_with(|c: char| c.is_ascii_alphabetic());
            if before.ends_with(char::is_whitespace) || (marked && !single) {
                return true;
            }
        }
        piece = after;
    }
    false
}

/// The elements of a list written as text in JSON, Python or PostgreSQL: `["a"]`, `['a']`, `{a}`.
/// `None` if the text is no list, `Some(None)` if its elements can't be told.
fn list(text: &str) -> Option<Option<Vec<String>>> {
    let inner = |open, close| text.strip_prefix(open)?.strip_suffix(close);
    let (inner, bare) = match (inner('[', ']'), inner('{', '}'), inner('(', ')')) {
        (Some(inner), _, _) => (inner, false),
        (_, Some(inner), _) => (inner, true),
        (_, _, Some(inner)) if inner.trim().is_empty() || inner.starts_with(['\'', '"']) => {
            (inner, false)
        }
        _ => return (text == "set()").then(|| Some(Vec::new())),
    };
    Some(elements(inner.trim(), bare))
}

/// Elements with commas between them: quoted, or also without quotes if `bare`.
fn elements(mut rest: &str, bare: bool) -> Option<Vec<String>> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let end;
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let (element, after) = quoted(rest.strip_prefix(quote)?, quote)?;
            found.push(element);
            end = after.trim_start();
        } else {
            let at = rest.find(',').unwrap_or(rest.len());
            let (element, after) = rest.split_at(at);
            match element.trim() {
                "None" | "null" | "NULL" | "nan" => {}
                element if bare && !element.is_empty() => found.push(element.to_owned()),
                _ => return None,
            }
            end = after;
        }
        rest = match end.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if end.is_empty() => end,
            None => return None,
        };
    }
    Some(found)
}

/// A quoted element and what follows it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut element = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            c if c == quote => return Some((element, chars.as_str())),
            '\\' => match chars.next()? {
                c @ ('"' | '\'' | '\\' | '/') => element.push(c),
                'u' => {
                    let digits = chars.as_str().get(..4)?;
                    element.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                    chars = chars.as_str().get(4..)?.chars();
                }
                _ => return None,
            },
            c => element.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Result<Option<Vec<String>>, String> {
        read_cell(text, '|', false)
            .map_err(|problem| format!("{} {}", problem.found, problem.expected))
    }

    #[test]
    fn a_cell_is_cut_at_its_separator() {
        for (text, tags) in [
            ("a|b c", &["a", "b c"][..]),
            (" ", &[]),
            ("#a | #b", &["#a ", " #b"]),
            ("a, b|c", &["a, b", "c"]),
            ("a;b|", &["a;b", ""]),
            ("None|", &["None", ""]),
            ("NULL|a", &["NULL", "a"]),
            ("[a]|", &["[a]", ""]),
            ("[a]|[b]", &["[a]", "[b]"]),
            ("(株)ノート", &["(株)ノート"]),
            ("(株)", &["(株)"]),
            ("C#", &["C#"]),
            ("#C#入門", &["#C#入門"]),
            ("TCP/IP", &["TCP/IP"]),
            ("F# と C#", &["F# と C#"]),
        ] {
            assert_eq!(cell(text).unwrap().unwrap(), tags, "{text}");
        }
    }

    #[test]
    fn other_separators_are_named() {
        for (text, other) in [
            ("新茶,煎茶", "','"),
            ("新茶、煎茶", "'、'"),
            ("新茶;煎茶", "';'"),
            ("新茶；煎茶", "'；'"),
            ("新茶｜煎茶", "'｜'"),
            ("新茶，煎茶", "'，'"),
            ("新茶\n煎茶", "'\\n'"),
            ("新茶\t煎茶", "'\\t'"),
        ] {
            let message = cell(text).unwrap_err();
            let setting = format!("`csv.hashtag_separator` to {other}");
            assert!(message.contains(&setting), "{message}");
        }
        let message = read_cell("a|b", ';', false).err().unwrap().expected;
        assert!(message.contains("`csv.hashtag_separator` to '|'"), "{message}");
        for text in ["#新茶 #煎茶", "#新茶#煎茶", "新茶 ＃煎茶", "a|#b #c"] {
            assert!(cell(text).unwrap_err().contains("`literal_hashtags`"), "{text}");
        }
        for text in ["新茶,煎茶", "#a #b", "NULL", "[]", "['a']"] {
            let tags = read_cell(text, '|', true).ok().unwrap();
            assert_eq!(tags.unwrap(), [text]);
        }
    }

    #[test]
    fn lists_as_text_are_read_and_others_refused() {
        for text in [
            r#"["a", "b c"]"#,
            "['a', 'b c']",
            r#"['a', "b c"]"#,
            "{a,\"b c\"}",
            "{a, b c}",
            "('a', 'b c')",
            "{'a', 'b c'}",
            "[\"a\",\"b c\",]",
            "[None, 'a', 'b c']",
            r#"["\u0061","b c"]"#,
        ] {
            assert_eq!(cell(text).unwrap().unwrap(), ["a", "b c"], "{text}");
        }
        assert_eq!(
            cell(r#"["it's", 'a\'b', "\"\\\/"]"#).unwrap().unwrap(),
            ["it's", "a'b", "\"\\/"]
        );
        for text in
            ["[a, b]", "[a]", "['a' 'b']", "['a", "['a',,'b']", r"['\x41']", r#"["\ud800"]"#]
        {
            let refused = cell(text);
            assert!(refused.is_err() || text == "['a", "{text}: {refused:?}");
        }
        assert!(cell("['a,b']").is_err());
    }

    #[test]
    fn what_says_nothing_is_nothing() {
        for text in
            ["NULL", "\\N", " nan ", "None", "-", "[]", "{}", "[ ]", "()", "set()", "[null]"]
        {
            assert_eq!(cell(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn cells_are_written_so_that_they_are_read_back() {
        for tags in
            [&["a", "b"][..], &[], &["a,b"], &["None"], &["['a']"], &["[a]"], &["a #b", "c"]]
        {
            let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
            let cell = write_cell(&tags, '|');
            let mut read = read_cell(&cell, '|', false).ok().flatten().unwrap();
            read.retain(|tag| !tag.is_empty());
            assert_eq!(read, tags, "{cell}");
        }
        assert_eq!(write_cell(&["a".into(), "b".into()], ';'), "a;b");
    }

    #[test]
    fn elements_that_hold_several_hashtags_are_refused() {
        let check = |tags: &[&str]| {
            check(&tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>()).is_ok()
        };
        for good in [&["a"][..], &["a,b", "c"], &["a,b", ""], &[], &["#C#"], &["a #b", "c", ""]] {
            assert!(check(good), "{good:?}");
        }
        for bad in [&["a,b"][..], &["a|b"], &["a、b"], &["#a #b"], &["#a #b", "c"], &["#ab#cd"]] {
            assert!(!check(bad), "{bad:?}");
        }
    }
}
