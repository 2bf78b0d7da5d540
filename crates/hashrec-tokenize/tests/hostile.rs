//! Dictionaries with a right envelope and wrong contents: refused, or usable on any text.

#![cfg(feature = "compile")]

mod common;

use std::sync::Arc;

use common::{CHAR, LEX, MATRIX, UNK};
use hashrec_tokenize::{
    Dictionary, HashtagLexicon, TokenizeError, Tokenizer, TokenizerParams, VibratoTokenizer,
};

const TEXTS: [&str; 4] =
    ["新機能のTシャツ、ABC 123 ア\u{301}🍞", "日本語ー 新", "\u{1F468}漢字", "新"];

/// The content of a dictionary file, as vibrato writes it.
fn bare() -> Vec<u8> {
    let built = vibrato::SystemDictionaryBuilder::from_readers(LEX, MATRIX, CHAR, UNK).unwrap();
    let mut bare = Vec::new();
    built.write(&mut bare).unwrap();
    bare
}

/// A sequence of numbers that depends only on its start.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) ^ (mixed >> 31)
}

/// Where the content isn't a long run of one number, as most of the table of characters is.
fn interesting(bytes: &[u8]) -> Vec<usize> {
    (4..bytes.len() - 8).filter(|&at| bytes[at..at + 4] != bytes[at - 4..at]).collect()
}

/// Writes one number of 1, 2, 4 or 8 bytes over a place.
fn mutate(bytes: &mut [u8], places: &[usize], state: &mut u64) {
    let at = places[random(state) as usize % places.len()];
    let width = 1 << (random(state) % 4);
    let near = bytes[at] as u64;
    let number = match random(state) % 6 {
        0 => 0,
        1 => u64::MAX >> (random(state) % 64),
        2 => near.wrapping_add(1),
        3 => near.wrapping_sub(1),
        4 => 1 << (random(state) % 64),
        _ => random(state),
    };
    bytes[at..at + width].copy_from_slice(&number.to_le_bytes()[..width]);
}

fn use_it(dictionary: Dictionary) {
    let tokenizer = VibratoTokenizer::new(
        TokenizerParams::default().with_base_forms(true),
        Arc::new(dictionary),
        HashtagLexicon::default(),
    )
    .unwrap();
    for text in TEXTS {
        let tokens = tokenizer.tokenize(text);
        assert!(tokens.texts().count() <= text.chars().count());
    }
}

#[test]
fn wrong_contents_are_refused_or_harmless() {
    let whole = bare();
    let places = interesting(&whole);
    let (mut state, mut refused, mut used) = (14, 0, 0);
    for _ in 0..1_500 {
        let mut bytes = whole.clone();
        for _ in 0..=random(&mut state) % 3 {
            mutate(&mut bytes, &places, &mut state);
        }
        match Dictionary::read_vibrato(&bytes) {
            Ok(dictionary) => {
                use_it(dictionary);
                used += 1;
            }
            Err(TokenizeError::Damaged { .. } | TokenizeError::NotADictionary { .. }) => {
                refused += 1
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 300 && used > 150, "{refused} refused, {used} used");
}

#[test]
fn cuts_and_additions_are_refused() {
    let whole = bare();
    for end in (0..whole.len()).step_by(997).chain(whole.len() - 40..whole.len()) {
        assert!(Dictionary::read_vibrato(&whole[..end]).is_err(), "cut at {end}");
    }
    let longer = [&whole[..], b"x"].concat();
    let error = Dictionary::read_vibrato(&longer).unwrap_err().to_string();
    assert!(error.contains("after the last table is 1"), "{error}");
}

/// Every length in the file, replaced by one that asks for more than there is.
#[test]
fn absurd_lengths_allocate_nothing() {
    let whole = bare();
    let magic = b"VibratoTokenizer 0.5\n".len();
    for claim in [u64::MAX, 1 << 60, 1 << 40, whole.len() as u64] {
        let mut bytes = whole.clone();
        bytes[magic..magic + 8].copy_from_slice(&claim.to_le_bytes());
        let error = Dictionary::read_vibrato(&bytes).unwrap_err().to_string();
        assert!(error.contains("bytes are claimed"), "{error}");
    }
}

/// A text of one character whose beginnings are all words, of as many kinds as a file can hold.
#[test]
fn too_many_words_at_one_place_are_refused() {
    let lex: String = (1..=60)
        .flat_map(|len| std::iter::repeat_n(format!("{},1,1,1,a\n", "あ".repeat(len)), 9))
        .collect();
    let error = Dictionary::compile(lex.as_bytes(), MATRIX, CHAR, UNK).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("words that begin a text is"), "{source}");
}
