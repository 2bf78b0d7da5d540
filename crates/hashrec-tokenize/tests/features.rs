//! A build with one backend refuses tokenizers of the other.

#![cfg(all(feature = "unicode", not(feature = "vibrato")))]

use hashrec_tokenize::{TextTokenizer, TokenizeError, TokenizerParams};

#[test]
fn names_the_feature_that_is_missing() {
    let mut bytes =
        TextTokenizer::unicode(TokenizerParams::default(), []).unwrap().write().unwrap();
    let at = String::from_utf8_lossy(&bytes).find("unicode").unwrap();
    bytes[at..at + 7].copy_from_slice(b"vibrato");
    let error = TextTokenizer::read(bytes.into()).unwrap_err();
    assert!(matches!(error, TokenizeError::Feature { feature: "vibrato" }), "{error}");
    assert!(error.to_string().contains("`vibrato` feature"), "{error}");
}
