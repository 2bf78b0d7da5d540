//! The table of texts and tokens, run against both backends.

#![cfg(all(feature = "compile", feature = "unicode"))]

mod common;

use hashrec_tokenize::{Tokenizer, TokenizerParams};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    text: String,
    #[serde(default)]
    hashtags: Vec<String>,
    tokens: Option<Vec<String>>,
    unicode: Option<Vec<String>>,
    vibrato: Option<Vec<String>>,
}

#[test]
fn texts_become_tokens() {
    let table: Table = toml::from_str(include_str!("tokens.toml")).unwrap();
    let mut wrong = String::new();
    for case in table.case {
        let hashtags: Vec<&str> = case.hashtags.iter().map(String::as_str).collect();
        let [unicode, vibrato] = common::both(&TokenizerParams::default(), &hashtags);
        for (backend, tokenizer, expected) in
            [("unicode", unicode, &case.unicode), ("vibrato", vibrato, &case.vibrato)]
        {
            let Some(expected) = case.tokens.as_ref().or(expected.as_ref()) else { continue };
            let found = tokenizer.tokenize(&case.text);
            if common::texts(&found) != *expected {
                wrong += &format!(
                    "{} ({backend})\n  expected {expected:?}\n  found    {:?}\n",
                    case.name,
                    common::texts(&found)
                );
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn spans_point_into_the_text() {
    let text = "お知らせ:ｼﾝ機能 Ｃ＋＋ 👍🏽";
    for tokenizer in common::both(&TokenizerParams::default(), &["お知らせ"]) {
        let tokens = tokenizer.tokenize(text);
        let spans: Vec<&str> = tokens.iter().map(|token| &text[token.span]).collect();
        assert_eq!(spans.first(), Some(&"お知らせ"));
        assert!(spans.ends_with(&["機能", "Ｃ＋＋", "👍🏽"]), "{spans:?}");
    }
}

#[test]
fn the_title_is_counted() {
    let text = "新機能のお知らせ\n新機能をリリースしました。";
    for tokenizer in common::both(&TokenizerParams::default(), &["新機能", "お知らせ"]) {
        let tokens = tokenizer.tokenize(text);
        let title = text.lines().next().unwrap().len();
        assert_eq!(tokens.count_before(title), 3);
    }
}

#[test]
fn hashtags_can_be_split_or_followed_by_their_parts() {
    let params = TokenizerParams::default();
    let text = "新機能と#新機能講座";
    for tokenizer in common::both(&params.clone().with_keep_hashtags(false), &["新機能"]) {
        assert_eq!(common::texts(&tokenizer.tokenize(text)), ["新", "機能", "と", "新機能講座"]);
    }
    for tokenizer in common::both(&params.with_hashtag_parts(true), &["新機能"]) {
        let tokens = tokenizer.tokenize(text);
        assert_eq!(
            common::texts(&tokens),
            ["新機能", "新", "機能", "と", "新機能講座", "新", "機能", "講座"]
        );
        let spans: Vec<&str> = tokens.iter().map(|token| &text[token.span]).collect();
        assert_eq!(spans, ["新機能", "新", "機能", "と", "#新機能講座", "新", "機能", "講座"]);
    }
}

#[test]
fn base_forms_on_request() {
    let params = TokenizerParams::default().with_base_forms(true);
    let [_, vibrato] = common::both(&params, &["作り"]);
    let text = "パンを食べました、作りました";
    let tokens = vibrato.tokenize(text);
    assert_eq!(
        common::texts(&tokens),
        ["パン", "を", "食べる", "ます", "た", "作る", "ます", "た"]
    );
    assert_eq!(&text[tokens.get(2).unwrap().span], "食べ");
}

#[test]
fn long_texts_are_cut() {
    let params = TokenizerParams::default().with_max_chars(5);
    for tokenizer in common::both(&params, &[]) {
        assert_eq!(common::texts(&tokenizer.tokenize("日本語 abc")), ["日本語", "a"]);
    }
}

#[test]
fn a_megabyte_of_anything_is_read() {
    let params = TokenizerParams::default().with_max_chars(TokenizerParams::MAX_CHARS);
    let tokenizers = common::both(&params, &["ああああ", "新機能"]);
    for unit in [
        "あ",
        "ア",
        "新機能",
        "a",
        "a.",
        "a@",
        "http://:",
        "#",
        "1.",
        "\u{301}",
        "🍞",
        "🇯",
        "\0",
        "ﷺ",
        "ㅋ",
    ] {
        let text = unit.repeat(200_000 / unit.len());
        for tokenizer in &tokenizers {
            let tokens = tokenizer.tokenize(&text);
            assert!(tokens.len() <= text.chars().count());
        }
    }
}

/// Some characters become eighteen: a text of them is cut where one of ordinary characters would be.
#[test]
fn texts_that_grow_are_cut() {
    let params = TokenizerParams::default().with_max_chars(1_000);
    for tokenizer in common::both(&params, &[]) {
        for unit in ["\u{FDFA}", "\u{FDFA} ", "㍿", "あ"] {
            let text = unit.repeat(1_000);
            let characters: usize =
                tokenizer.tokenize(&text).texts().map(|form| form.chars().count()).sum();
            assert!(characters <= 1_000, "{unit}: {characters}");
        }
        // A short text keeps all that its characters stand for.
        let tokens = tokenizer.tokenize("\u{FDFA}㍿");
        assert!(tokens.texts().any(|form| form.contains("株式")), "{tokens:?}");
    }
}
