//! Dictionaries: compiled from good and bad sources, kept in files, damaged.

#![cfg(feature = "compile")]

mod common;

use std::sync::Arc;

use common::{CHAR, LEX, MATRIX, UNK};
use hashrec_tokenize::{
    Dictionary, HashtagLexicon, TokenizeError, Tokenizer, TokenizerParams, VibratoTokenizer,
};
use proptest::prelude::*;

fn tokens(dictionary: Dictionary, text: &str) -> Vec<String> {
    let tokenizer = VibratoTokenizer::new(
        TokenizerParams::default(),
        Arc::new(dictionary),
        HashtagLexicon::default(),
    );
    tokenizer.unwrap().tokenize(text).texts().map(str::to_owned).collect()
}

const TEXT: &str = "新機能のTシャツ";
const TOKENS: [&str; 4] = ["新", "機能", "の", "tシャツ"];

#[test]
fn sources_in_a_folder_in_both_encodings() {
    for encode in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).unwrap();
            let content = if encode {
                encoding_rs::EUC_JP.encode(text).0.into_owned()
            } else {
                bytes.to_vec()
            };
            std::fs::write(folder.path().join(name), content).unwrap();
        };
        write("Noun.csv", LEX);
        write("matrix.def", MATRIX);
        write("char.def", CHAR);
        let missing = Dictionary::compile_mecab_dir(folder.path()).unwrap_err();
        assert!(missing.to_string().contains("unk.def"), "{missing}");
        write("unk.def", UNK);
        write("Extra.csv", "非公開,1,1,0,名詞\n".as_bytes());
        let dictionary = Dictionary::compile_mecab_dir(folder.path()).unwrap();
        assert_eq!(tokens(dictionary, "非公開の新機能"), ["非公開", "の", "新", "機能"]);
    }
}

#[test]
fn files_give_the_dictionary_back() {
    let dictionary = common::dictionary();
    let bytes = dictionary.to_bytes();
    assert_eq!(Dictionary::compile(LEX, MATRIX, CHAR, UNK).unwrap().to_bytes(), bytes);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.dic");
    std::fs::write(&path, &bytes).unwrap();
    let opened = Dictionary::open(&path).unwrap();
    assert_eq!(opened.to_bytes(), bytes);
    assert_eq!(tokens(opened, TEXT), TOKENS);
    let missing = Dictionary::open(&folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, TokenizeError::Io { .. }), "{missing}");
}

#[test]
fn every_cut_and_every_flipped_byte_is_an_error() {
    let bytes = common::dictionary().to_bytes();
    for end in 0..bytes.len() {
        assert!(Dictionary::read(bytes.slice(..end)).is_err(), "cut at {end}");
    }
    for at in 0..bytes.len() {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1 << (at % 8);
        assert!(Dictionary::read(flipped.into()).is_err(), "byte {at}");
    }
}

#[test]
fn bare_vibrato_dictionaries_have_their_own_reader() {
    let built = vibrato::SystemDictionaryBuilder::from_readers(LEX, MATRIX, CHAR, UNK).unwrap();
    let mut bare = Vec::new();
    built.write(&mut bare).unwrap();
    let refused = Dictionary::read(bare.clone().into()).unwrap_err();
    assert!(refused.to_string().contains("read_vibrato"), "{refused}");
    let read = Dictionary::read_vibrato(&bare).unwrap();
    assert_eq!(tokens(read, "新機能の"), ["新", "機能", "の"]);
    assert!(matches!(Dictionary::read_vibrato(b"PK"), Err(TokenizeError::NotADictionary { .. })));
}

#[test]
fn works_without_a_category_for_spaces() {
    let dictionary = Dictionary::compile(
        "新,0,0,1,a".as_bytes(),
        b"1 1\n0 0 0",
        b"DEFAULT 0 1 0",
        b"DEFAULT,0,0,9,b",
    );
    assert_eq!(tokens(dictionary.unwrap(), "新 ほか 新"), ["新", "ほか", "新"]);
}

#[test]
fn words_that_are_too_long_are_left_out() {
    let long = "新".repeat(65);
    let lex = format!("{long},1,1,-9000,名詞\n新,1,1,1,名詞\n");
    let dictionary = Dictionary::compile(lex.as_bytes(), MATRIX, CHAR, UNK).unwrap();
    assert_eq!(tokens(dictionary, &long).len(), 65);
}

/// Every word of a line too long for one analysis is found.
#[test]
fn long_lines() {
    let dictionary = Dictionary::compile(LEX, MATRIX, CHAR, UNK).unwrap();
    let found = tokens(dictionary, &"新機能の".repeat(900));
    assert!(found.len() >= 2_690 && found.len() <= 2_720, "{}", found.len());
}

/// Which file has which fault, and what the message must name.
#[test]
fn bad_sources_name_file_line_and_reason() {
    let many = "新,1,1,1,a\n".repeat(513);
    let cases: &[(&str, &str, &[&str])] = &[
        ("lex", "", &["lex.csv", "no word"]),
        ("lex", "新,1,1", &["lex.csv, line 1", "cost"]),
        ("lex", "新,1,1,1,a\n語,2,1,1,a", &["lex.csv, line 2", "left id is \"2\""]),
        ("lex", "新,1,-1,1,a", &["right id is \"-1\""]),
        ("lex", "新,1,1,40000,a", &["cost is \"40000\""]),
        ("lex", "\"a\nb\",1,1,1,a", &["line break"]),
        ("lex", &many, &["more than 512 words", "\"新\""]),
        ("matrix", "", &["matrix.def, line 1"]),
        ("matrix", "2\n", &["matrix.def, line 1"]),
        ("matrix", "65535 65535\n0 0 0", &["too few"]),
        ("matrix", "0 0\n", &["0 by 0"]),
        ("char", "", &["char.def", "DEFAULT"]),
        ("char", "DEFAULT 0 1", &["char.def, line 1", "two flags"]),
        ("char", "DEFAULT 0 1 16", &["length is \"16\""]),
        ("char", "DEFAULT 0 1 0\n0x30 # none", &["char.def, line 2", "expected a category"]),
        ("char", "DEFAULT 0 1 0\n0x30 DEFAULT NO", &["line 2", "\"NO\""]),
        ("unk", "", &["unk.def", "no row"]),
        ("unk", "NO,1,1,1,a", &["unk.def, line 1", "\"NO\""]),
        ("unk", "DEFAULT,1,9,1,a", &["right id is \"9\""]),
    ];
    for (file, content, expected) in cases {
        let pick = |name: &str, good: &'static [u8]| {
            if name == *file { content.as_bytes().to_vec() } else { good.to_vec() }
        };
        let error = Dictionary::compile(
            &pick("lex", LEX),
            &pick("matrix", MATRIX),
            &pick("char", CHAR),
            &pick("unk", UNK),
        )
        .unwrap_err();
        let message = error.to_string();
        for part in *expected {
            assert!(message.contains(part), "{file} {content:?}: {message}");
        }
    }
}

/// Replaces, removes or repeats a stretch of one source.
fn mangle(source: &[u8], at: usize, len: usize, with: &str) -> Vec<u8> {
    let at = at % source.len();
    let end = (at + len).min(source.len());
    [&source[..at], with.as_bytes(), &source[end..]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever compiles also analyses.
    #[test]
    fn mangled_sources_never_panic(
        file in 0..4usize,
        at in any::<usize>(),
        len in 0..40usize,
        with in "[0-9,\n \"#xA-Z-]{0,8}|\\PC{0,3}",
    ) {
        let mut sources = [LEX, MATRIX, CHAR, UNK].map(<[u8]>::to_vec);
        sources[file] = mangle(&sources[file], at, len, &with);
        let [lex, matrix, char, unk] = &sources;
        if let Ok(dictionary) = Dictionary::compile(lex, matrix, char, unk) {
            tokens(dictionary, "新機能のTシャツ、ABC 123 ア\u{301}🍞 日本語ー");
        }
    }
}
