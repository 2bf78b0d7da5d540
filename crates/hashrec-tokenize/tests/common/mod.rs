//! What the tests share: a dictionary of a few dozen words, compiled once.

#![allow(dead_code)]

use std::sync::{Arc, LazyLock};

use hashrec_tokenize::{Dictionary, Tokens};
#[cfg(feature = "unicode")]
use hashrec_tokenize::{TextTokenizer, TokenizerParams};

pub(crate) const LEX: &[u8] = include_bytes!("../dictionary/lex.csv");
pub(crate) const MATRIX: &[u8] = include_bytes!("../dictionary/matrix.def");
pub(crate) const CHAR: &[u8] = include_bytes!("../dictionary/char.def");
pub(crate) const UNK: &[u8] = include_bytes!("../dictionary/unk.def");

static DICTIONARY: LazyLock<Arc<Dictionary>> =
    LazyLock::new(|| Arc::new(Dictionary::compile(LEX, MATRIX, CHAR, UNK).unwrap()));

pub(crate) fn dictionary() -> Arc<Dictionary> {
    Arc::clone(&DICTIONARY)
}

/// One tokenizer of each backend.
#[cfg(feature = "unicode")]
pub(crate) fn both(params: &TokenizerParams, hashtags: &[&str]) -> [TextTokenizer; 2] {
    let tags = || hashtags.iter().copied();
    [
        TextTokenizer::unicode(params.clone(), tags()).unwrap(),
        TextTokenizer::vibrato(params.clone(), dictionary(), tags()).unwrap(),
    ]
}

pub(crate) fn texts(tokens: &Tokens) -> Vec<&str> {
    tokens.texts().collect()
}
