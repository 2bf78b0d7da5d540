//! Any content of a dictionary, under a right hash, is refused or analyses any text.
//!
//! The input is a list of changes to the content of a small dictionary, nine bytes each: where (the
//! changes go to places that aren't a long run of one number), how wide, and the number. What is
//! left of the input is the text.
#![no_main]

use std::sync::{Arc, LazyLock};

use hashrec_tokenize::{
    Dictionary, HashtagLexicon, Tokenizer, TokenizerParams, VibratoTokenizer,
};
use libfuzzer_sys::fuzz_target;

const LEX: &[u8] = include_bytes!("../../tests/dictionary/lex.csv");
const MATRIX: &[u8] = include_bytes!("../../tests/dictionary/matrix.def");
const CHAR: &[u8] = include_bytes!("../../tests/dictionary/char.def");
const UNK: &[u8] = include_bytes!("../../tests/dictionary/unk.def");

/// The content, and the places to change.
static WHOLE: LazyLock<(Vec<u8>, Vec<usize>)> = LazyLock::new(|| {
    let built = vibrato::SystemDictionaryBuilder::from_readers(LEX, MATRIX, CHAR, UNK).unwrap();
    let mut bytes = Vec::new();
    built.write(&mut bytes).unwrap();
    let places = (4..bytes.len() - 8).filter(|&at| bytes[at..at + 4] != bytes[at - 4..at]);
    let places = places.collect();
    (bytes, places)
});

fuzz_target!(|input: &[u8]| {
    let (whole, places) = &*WHOLE;
    let mut bytes = whole.clone();
    let count = input.first().map_or(0, |count| usize::from(*count % 5));
    let mut rest = input.get(1..).unwrap_or_default();
    for _ in 0..count {
        let Some((change, left)) = rest.split_first_chunk::<11>() else { break };
        rest = left;
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % places.len();
        let width = 1 << (change[2] % 4);
        let at = places[at];
        bytes[at..at + width].copy_from_slice(&change[3..3 + width]);
    }
    // The reader of bare contents makes the same checks as that of sealed ones.
    let Ok(dictionary) = Dictionary::read_vibrato(&bytes) else { return };
    let sealed = Dictionary::read(dictionary.to_bytes()).unwrap();
    let params = TokenizerParams::default().with_base_forms(true);
    let lexicon = HashtagLexicon::default();
    let tokenizer = VibratoTokenizer::new(params, Arc::new(sealed), lexicon).unwrap();
    for text in [&*String::from_utf8_lossy(rest), "新機能のTシャツ、ABC 123 ア\u{301}🍞 日本語ー"] {
        let tokens = tokenizer.tokenize(text);
        assert!(tokens.iter().all(|token| text.get(token.span.clone()).is_some()));
    }
});
