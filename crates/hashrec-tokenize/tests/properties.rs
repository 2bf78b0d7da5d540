//! What holds for every text.

#![cfg(all(feature = "compile", feature = "unicode"))]

mod common;

use hashrec_tokenize::{TextTokenizer, Tokenizer, TokenizerParams, Tokens};
use proptest::prelude::*;

const HASHTAGS: [&str; 6] = ["新機能", "お知らせ", "はじめての方へ", "c++", "パン🍞", "ああ"];

/// Texts that look like posts, and texts that look like nothing.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("新機能".to_owned()),
        Just("はじめての方へ".to_owned()),
        Just("https://www.example.com/a?b#c".to_owned()),
        Just("Ｔシャツ㍿㌔".to_owned()),
        Just("\n".to_owned()),
        Just(" ".to_owned()),
        "[ぁ-んァ-ヶ一-三、。]{1,4}",
        "[a-zA-Z0-9@#.+_/:]{1,6}",
        "[\u{0}-\u{20}\u{300}-\u{310}\u{200B}-\u{200F}\u{FE00}-\u{FE0F}ﾞﾟ]{1,3}",
        "\\PC{1,4}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn tokenizers() -> [TextTokenizer; 2] {
    common::both(&TokenizerParams::default(), &HASHTAGS)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn spans_are_in_order_and_apart(text in text()) {
        for tokenizer in tokenizers() {
            let mut before = 0;
            for token in tokenizer.tokenize(&text).iter() {
                prop_assert!(!token.text.is_empty());
                prop_assert!(before <= token.span.start && token.span.start < token.span.end);
                prop_assert!(text.get(token.span.clone()).is_some(), "{:?}", token);
                before = token.span.end;
            }
        }
    }

    #[test]
    fn every_option_keeps_spans_in_the_text(text in text()) {
        let params =
            TokenizerParams::default().with_hashtag_parts(true).with_base_forms(true);
        for tokenizer in common::both(&params, &HASHTAGS) {
            let mut start = 0;
            for token in tokenizer.tokenize(&text).iter() {
                prop_assert!(start <= token.span.start);
                prop_assert!(text.get(token.span.clone()).is_some_and(|span| !span.is_empty()));
                start = token.span.start;
            }
        }
    }

    #[test]
    fn workers_forget_the_text_before(texts in proptest::collection::vec(text(), 1..4)) {
        for tokenizer in tokenizers() {
            let mut worker = tokenizer.worker();
            let mut reused = Tokens::default();
            for text in texts.iter().chain(texts.iter().rev()) {
                worker.tokenize(text, &mut reused);
                prop_assert_eq!(&reused, &tokenizer.tokenize(text));
            }
        }
    }

    #[test]
    fn white_space_at_the_end_changes_nothing(text in text(), space in "[ \n\t\u{3000}]{0,5}") {
        for tokenizer in tokenizers() {
            let longer = format!("{text}{space}");
            prop_assert_eq!(tokenizer.tokenize(&longer), tokenizer.tokenize(&text));
        }
    }
}

#[test]
fn threads_agree() {
    let texts: Vec<String> = (0..64)
        .map(|i| format!("新機能{i}のお知らせ Ｃ＋＋ https://example.com/{i} はじめての方へ🍞"))
        .collect();
    for tokenizer in tokenizers() {
        let alone: Vec<Tokens> = texts.iter().map(|text| tokenizer.tokenize(text)).collect();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut worker = tokenizer.worker();
                    let mut tokens = Tokens::default();
                    for (text, alone) in texts.iter().zip(&alone) {
                        worker.tokenize(text, &mut tokens);
                        assert_eq!(&tokens, alone);
                    }
                });
            }
        });
    }
}
