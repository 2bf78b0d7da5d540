//! A tokenizer as one part of a bundle.

#![cfg(all(feature = "compile", feature = "unicode"))]

mod common;

use hashrec_tokenize::{Backend, TextTokenizer, TokenizeError, Tokenizer, TokenizerParams};

const TEXT: &str = "新機能のお知らせ C++ 🍞";

#[test]
fn parts_give_the_tokenizer_back() {
    let params = TokenizerParams::default().with_hashtag_parts(true).with_max_chars(100);
    for (tokenizer, backend) in common::both(&params, &["お知らせ", "新機能", "##注目"])
        .into_iter()
        .zip([Backend::Unicode, Backend::Vibrato])
    {
        let bytes = tokenizer.write().unwrap();
        assert_eq!(tokenizer.write().unwrap(), bytes);
        let read = TextTokenizer::read(bytes.clone().into()).unwrap();
        assert_eq!(read.backend(), backend);
        assert_eq!(read.params(), &params);
        assert_eq!(read.hashtags(), tokenizer.hashtags());
        assert_eq!(read.tokenize(TEXT), tokenizer.tokenize(TEXT));
        assert_eq!(read.write().unwrap(), bytes);
    }
}

#[test]
fn damage_is_an_error_or_harmless() {
    for tokenizer in common::both(&TokenizerParams::default(), &["新機能"]) {
        let bytes = tokenizer.write().unwrap();
        for end in 0..bytes.len() {
            assert!(TextTokenizer::read(bytes[..end].to_vec().into()).is_err(), "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            if let Ok(read) = TextTokenizer::read(flipped.into()) {
                read.tokenize(TEXT);
            }
        }
    }
}

#[test]
fn a_part_without_its_dictionary() {
    let [unicode, _] = common::both(&TokenizerParams::default(), &[]);
    let bytes = unicode.write().unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let at = text.find("unicode").unwrap();
    let mut other = bytes.clone();
    other[at..at + 7].copy_from_slice(b"vibrato");
    let error = TextTokenizer::read(other.into()).unwrap_err();
    assert!(matches!(error, TokenizeError::Storage(_)), "{error}");
}

#[test]
fn parameters_and_backend_must_agree() {
    let vibrato = TokenizerParams::default().with_backend(Backend::Vibrato);
    let error = TextTokenizer::unicode(vibrato, []).unwrap_err();
    assert!(error.to_string().contains("backend"), "{error}");
    let unicode = TokenizerParams::default().with_backend(Backend::Unicode);
    assert!(TextTokenizer::vibrato(unicode, common::dictionary(), []).is_err());
    let none = TokenizerParams::default().with_max_chars(0);
    assert!(TextTokenizer::unicode(none, []).is_err());
}

#[test]
fn tokenizers_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<TextTokenizer>();
}
