//! Both backends, every parameter: spans lie in the text, on its characters, in order; the same text
//! gives the same tokens.
#![no_main]

use std::sync::{Arc, LazyLock};

use hashrec_tokenize::{Dictionary, TextTokenizer, Tokenizer, TokenizerParams};
use libfuzzer_sys::fuzz_target;

static DICTIONARY: LazyLock<Arc<Dictionary>> = LazyLock::new(|| {
    let read = |file: &'static [u8]| file;
    Arc::new(
        Dictionary::compile(
            read(include_bytes!("../../tests/dictionary/lex.csv")),
            read(include_bytes!("../../tests/dictionary/matrix.def")),
            read(include_bytes!("../../tests/dictionary/char.def")),
            read(include_bytes!("../../tests/dictionary/unk.def")),
        )
        .unwrap(),
    )
});

fuzz_target!(|input: (u8, usize, Vec<String>, String)| {
    let (flags, max_chars, hashtags, text) = input;
    let flag = |bit: u8| flags >> bit & 1 == 1;
    let params = TokenizerParams::default()
        .with_max_chars(max_chars % 5_000 + 1)
        .with_keep_hashtags(flag(0))
        .with_hashtag_parts(flag(1))
        .with_base_forms(flag(2));
    let hashtags = || hashtags.iter().map(String::as_str);
    let tokenizers = [
        TextTokenizer::unicode(params.clone(), hashtags()).unwrap(),
        TextTokenizer::vibrato(params.clone(), Arc::clone(&DICTIONARY), hashtags()).unwrap(),
    ];
    for tokenizer in tokenizers {
        let tokens = tokenizer.tokenize(&text);
        let mut before = 0;
        for token in tokens.iter() {
            let span = token.span.clone();
            assert!(text.get(span.clone()).is_some_and(|part| !part.is_empty()), "{span:?}");
            assert!(span.start >= before || params.hashtag_parts, "{span:?}");
            before = span.start;
        }
        let again: Vec<String> = tokenizer.tokenize(&text).texts().map(str::to_owned).collect();
        assert!(tokens.texts().eq(again.iter().map(String::as_str)));
        let back = TextTokenizer::read(tokenizer.write().unwrap().into()).unwrap();
        assert!(back.tokenize(&text).texts().eq(tokens.texts()));
    }
});
