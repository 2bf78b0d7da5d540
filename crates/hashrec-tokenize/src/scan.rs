//! What is found in normalized text before segmentation: addresses, `#tags`, `@names`, emoji, names
//! with symbols in them, and words of alphabets.

mod mark;
mod name;
mod web;

pub(crate) use mark::{Kind, Mark};

use crate::chars::{
    KEYCAP, ZERO_WIDTH_JOINER, char_at, is_emoji, is_emoji_tag, is_regional, is_tag_char,
    is_western, western_end,
};

/// Finds all marks, in order and without overlap, in time linear in the length of the text.
pub(crate) fn scan(text: &str, marks: &mut Vec<Mark>) {
    marks.clear();
    let mut at = 0;
    // Whether the character before `at` is part of a western word.
    let mut inside = false;
    while let Some(c) = char_at(text, at) {
        let found = match c {
            // Most of a Japanese text: no mark starts here.
            '\u{3000}'..='\u{DFFFF}' if !is_emoji(c) && !is_regional(c) => None,
            '#' if !inside => tag(text, at),
            '@' if !inside => mention(text, at),
            '.' if !inside => name::dotted_start(text, at),
            _ if is_western(c) => Some(western(text, at)),
            _ => emoji(text, at),
        };
        match found {
            Some(mark) => {
                at = mark.span.end;
                inside = mark.kind == Kind::Word;
                marks.push(mark);
            }
            None => {
                at += c.len_utf8();
                inside = false;
            }
        }
    }
}

/// The mark that begins with a letter or digit of an alphabet at `at`.
fn western(text: &str, at: usize) -> Mark {
    if let Some(mark) = web::url(text, at).or_else(|| web::mail(text, at)) {
        return mark;
    }
    let run = western_end(text, at);
    if text[run..].starts_with(KEYCAP) && run == at + 1 && text.as_bytes()[at].is_ascii_digit() {
        let span = at..run + KEYCAP.len_utf8();
        return Mark { kind: Kind::Emoji, form: span.clone(), span };
    }
    if let Some(end) = name::name_end(text, at, run) {
        return Mark { kind: Kind::Word, span: at..end, form: at..end };
    }
    let end = name::number_end(text, at, run);
    // `_emphasis_` is the word without its underscores.
    let form = &text[at..end];
    let start = at + (form.len() - form.trim_start_matches('_').len());
    let stop = (at + form.trim_end_matches('_').len()).max(start);
    Mark { kind: Kind::Word, span: at..end, form: start..stop }
}

/// `#tag`: letters, digits and underscores of any script, but not digits alone; or a name with
/// symbols, as in `#c++`.
fn tag(text: &str, at: usize) -> Option<Mark> {
    let start = at + 1;
    let rest = &text[start..];
    let mut end = start + rest.find(|c| !is_tag_char(c)).unwrap_or(rest.len());
    if let Some(c) = rest.chars().next()
        && is_western(c)
        && let Some(name) = name::name_end(text, start, western_end(text, start))
    {
        end = end.max(name);
    } else if let Some(name) = name::dotted_start(text, start) {
        end = name.span.end;
    }
    if text[start..end].chars().all(|c| !c.is_alphabetic()) {
        return None;
    }
    Some(Mark { kind: Kind::Tag, span: at..end, form: start..end })
}

/// `@name`: ASCII letters, digits and underscores.
fn mention(text: &str, at: usize) -> Option<Mark> {
    let start = at + 1;
    let rest = text[start..].bytes();
    let length = rest.take_while(|&b| b.is_ascii_alphanumeric() || b == b'_').count();
    let end = start + length;
    text[start..end].bytes().any(|b| b.is_ascii_alphanumeric()).then_some(Mark {
        kind: Kind::Mention,
        span: at..end,
        form: start..end,
    })
}

/// One emoji: a picture with everything joined to it, or a flag.
fn emoji(text: &str, at: usize) -> Option<Mark> {
    let first = char_at(text, at)?;
    let mut end = at + first.len_utf8();
    if is_regional(first) {
        let second = char_at(text, end).filter(|&c| is_regional(c))?;
        end += second.len_utf8();
    } else if is_emoji(first) {
        while let Some(c) = char_at(text, end) {
            let joined = char_at(text, end + c.len_utf8()).filter(|_| c == ZERO_WIDTH_JOINER);
            // Joined pictures such as ♂ count although they are text on their own.
            match joined.filter(|&j| is_emoji(j) || matches!(j, '\u{2190}'..='\u{2BFF}')) {
                Some(joined) => end += c.len_utf8() + joined.len_utf8(),
                None if is_emoji_tag(c) => end += c.len_utf8(),
                None => break,
            }
        }
    } else {
        return None;
    }
    Some(Mark { kind: Kind::Emoji, span: at..end, form: at..end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn forms(text: &str) -> Vec<(Kind, &str)> {
        let mut marks = Vec::new();
        scan(text, &mut marks);
        marks.into_iter().map(|mark| (mark.kind, &text[mark.form])).collect()
    }

    fn words(text: &str) -> Vec<&str> {
        forms(text).into_iter().map(|(_, form)| form).collect()
    }

    #[test]
    fn addresses() {
        use Kind::{Address, Word};
        assert_eq!(
            forms("見てhttps://www.example.com/a?b=c#d。(http://u:p@x.jp:80/) ftp://h"),
            [(Address, "example.com"), (Address, "x.jp"), (Address, "h")]
        );
        assert_eq!(forms("www.example.co.jp/です"), [(Address, "example.co.jp")]);
        assert_eq!(forms("www. x"), [(Word, "www"), (Word, "x")]);
        assert_eq!(forms("https:// x"), [(Word, "https"), (Word, "x")]);
        assert_eq!(forms("https://日本"), [(Word, "https")]);
        assert_eq!(forms("first.last+x@mail.example.org、"), [(Address, "mail.example.org")]);
    }

    #[test]
    fn tags_and_names() {
        use Kind::{Mention, Tag, Word};
        assert_eq!(forms("#新機能 #c++ #.net"), [(Tag, "新機能"), (Tag, "c++"), (Tag, ".net")]);
        assert_eq!(forms("今日は#パン_作り!"), [(Tag, "パン_作り")]);
        assert_eq!(forms("#1 a#b #"), [(Word, "1"), (Word, "a"), (Word, "b")]);
        assert_eq!(
            forms("@taro_さん @angular/core"),
            [(Mention, "taro_"), (Mention, "angular"), (Word, "core")]
        );
        assert_eq!(forms("a@b"), [(Word, "a"), (Word, "b")]);
    }

    #[test]
    fn names_with_signs() {
        for name in [
            "c++",
            "c++11",
            "g++",
            "c#",
            "f#",
            ".net",
            ".netframework",
            "asp.net",
            "node.js",
            "d3.js",
            "llama.cpp",
            "jser.info",
            "www2.gihyo.co.jp",
        ] {
            assert_eq!(words(&format!("{name}入門")), [name]);
            assert_eq!(words(&format!("({name})")), [name]);
        }
        assert_eq!(words("a+++b c#d x##"), ["a", "b", "c", "d", "x"]);
        assert_eq!(words("1+1 a+b i++b"), ["1", "1", "a", "b", "i", "b"]);
        assert_eq!(words("終わりend.start ...net"), ["end", "start", "net"]);
    }

    #[test]
    fn words_and_numbers() {
        assert_eq!(
            words("go言語 _x_ snake_case es6 3.14 1,000円 2024.1a __"),
            ["go", "x", "snake_case", "es6", "3.14", "1,000", "2024", "1a", ""]
        );
        assert_eq!(words("l'école don't привет"), ["l", "école", "don", "t", "привет"]);
    }

    #[test]
    fn emoji_are_whole() {
        let text = "👨\u{200D}👩\u{200D}👧🇯🇵1\u{20E3}🏃\u{200D}♂❤🏴\u{E0067}\u{E007F}🇯";
        assert_eq!(
            words(text),
            [
                "👨\u{200D}👩\u{200D}👧",
                "🇯🇵",
                "1\u{20E3}",
                "🏃\u{200D}♂",
                "❤",
                "🏴\u{E0067}\u{E007F}"
            ]
        );
    }

    proptest! {
        #[test]
        fn marks_are_in_order(text in "\\PC{0,60}|[a-c0-9#@.+:/_wjshtp\u{200D}🍞🇯あ ]{0,60}") {
            let mut marks = Vec::new();
            scan(&text, &mut marks);
            let mut before = 0;
            for mark in marks {
                prop_assert!(before <= mark.span.start && mark.span.start < mark.span.end);
                prop_assert!(mark.span.start <= mark.form.start && mark.form.end <= mark.span.end);
                prop_assert!(text.get(mark.span.clone()).is_some());
                prop_assert!(text.get(mark.form.clone()).is_some());
                before = mark.span.end;
            }
        }
    }
}
