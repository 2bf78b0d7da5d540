//! The real dictionary, where `HASHREC_DICTIONARY` names its compiled file; content without.

#![cfg(feature = "vibrato")]

use std::{path::PathBuf, sync::Arc};

use hashrec_tokenize::{Dictionary, TextTokenizer, Tokenizer, TokenizerParams};

fn file() -> Option<PathBuf> {
    std::env::var_os("HASHREC_DICTIONARY").map(PathBuf::from)
}

#[test]
fn posts_become_words() {
    let Some(file) = file() else { return };
    let dictionary = Arc::new(Dictionary::open(&file).unwrap());
    let words = |hashtags: &[&str], text: &str| -> Vec<String> {
        let params = TokenizerParams::default();
        let tags = hashtags.iter().copied();
        let tokenizer = TextTokenizer::vibrato(params, Arc::clone(&dictionary), tags).unwrap();
        tokenizer.tokenize(text).texts().map(str::to_owned).collect()
    };
    assert_eq!(words(&[], "新機能"), ["新", "機能"]);
    assert_eq!(
        words(
            &["新機能", "お知らせ", "はじめての方へ", "C++"],
            "お知らせ：新機能とC++、はじめての方へ"
        ),
        ["お知らせ", "新機能", "と", "c++", "はじめての方へ"]
    );
    assert_eq!(
        words(&[], "Go言語でTシャツをJavaScriptで作りました"),
        ["go", "言語", "で", "tシャツ", "を", "javascript", "で", "作り", "まし", "た"]
    );
}

#[test]
fn damage_is_found() {
    let Some(file) = file() else { return };
    let mut bytes = std::fs::read(file).unwrap();
    let places: Vec<usize> = (0..40).chain((1..24).map(|i| i * (bytes.len() - 1) / 23)).collect();
    for at in places {
        assert!(Dictionary::read(bytes[..at].to_vec().into()).is_err(), "cut at {at}");
        bytes[at] ^= 16;
        assert!(Dictionary::read(bytes.clone().into()).is_err(), "byte {at}");
        bytes[at] ^= 16;
    }
}
