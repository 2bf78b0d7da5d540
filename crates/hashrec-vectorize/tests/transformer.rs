//! Transformers compared with Python's `transformers` on small models with random weights, and
//! malformed files. `golden/transformer/make_golden.py` makes the models and the vectors.

use std::{
    collections::BTreeMap,
    error::Error,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use hashrec_storage::Bytes;
use hashrec_tokenize::{Dictionary, TextTokenizer, Tokenizer, TokenizerParams};
use hashrec_vectorize::{Transformer, TransformerFiles, TransformerParams, VectorizeError};
use serde::Deserialize;

const MODELS: [&str; 5] = ["bert", "distilbert", "modernbert", "mecab-distilbert", "xlm-roberta"];
/// The largest difference of a coordinate from Python's; coordinates are about 1.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Expected {
    max_tokens: usize,
    texts: Vec<String>,
    hashtags: Vec<String>,
    pairs: Vec<(String, String)>,
    #[serde(flatten)]
    models: BTreeMap<String, Vectors>,
}

#[derive(Deserialize)]
struct Vectors {
    ids: Vec<Vec<u32>>,
    posts: Vec<Vec<f32>>,
    hashtags: Vec<Vec<f32>>,
    pairs: Vec<Vec<f32>>,
}

static EXPECTED: LazyLock<Expected> = LazyLock::new(|| {
    serde_json::from_slice(&std::fs::read(folder("expected.json")).unwrap()).unwrap()
});

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/transformer").join(name)
}

/// The message of an error with the messages of its sources.
fn chain(error: &VectorizeError) -> String {
    let sources = std::iter::successors(error.source(), |&error| error.source());
    sources.fold(error.to_string(), |all, error| format!("{all}: {error}"))
}

/// MeCab words from the dictionary that the expected ids were made with.
fn words() -> Arc<dyn Tokenizer> {
    static WORDS: LazyLock<Arc<dyn Tokenizer>> = LazyLock::new(|| {
        let read = |name| std::fs::read(folder("mecab").join(name)).unwrap();
        let (lexicon, matrix) = (read("lex.csv"), read("matrix.def"));
        let dictionary =
            Dictionary::compile(&lexicon, &matrix, &read("char.def"), &read("unk.def")).unwrap();
        let params = TokenizerParams::default().with_keep_hashtags(false);
        Arc::new(TextTokenizer::vibrato(params, Arc::new(dictionary), [""; 0]).unwrap())
    });
    Arc::clone(&WORDS)
}

fn params() -> TransformerParams {
    TransformerParams::default().with_max_tokens(EXPECTED.max_tokens)
}

fn load(model: &str, params: &TransformerParams) -> Transformer {
    let files = TransformerFiles::from_folder(&folder(model)).unwrap();
    Transformer::new(&files, params, Some(words())).unwrap()
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn pairs() -> Vec<(&'static str, &'static str)> {
    EXPECTED.pairs.iter().map(|(post, hashtag)| (post.as_str(), hashtag.as_str())).collect()
}

fn assert_close(got: &[f32], want: &[f32], tolerance: f32, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (at, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= tolerance, "{what}, {at}: {got}, expected {want}");
    }
}

#[test]
fn token_ids_are_those_of_python() {
    for model in MODELS {
        let transformer = load(model, &params());
        for (text, want) in EXPECTED.texts.iter().zip(&EXPECTED.models[model].ids) {
            assert_eq!(&transformer.token_ids(text).unwrap(), want, "{model}: {text}");
        }
    }
}

#[test]
fn vectors_are_those_of_python() {
    for model in MODELS {
        let transformer = load(model, &params());
        let want = &EXPECTED.models[model];
        for (what, got, want) in [
            ("posts", transformer.posts(&strs(&EXPECTED.texts)), &want.posts),
            ("hashtags", transformer.hashtags(&strs(&EXPECTED.hashtags)), &want.hashtags),
            ("pairs", transformer.pairs(&pairs()), &want.pairs),
        ] {
            assert_close(&got.unwrap(), &want.concat(), TOLERANCE, &format!("{model}, {what}"));
        }
    }
}

#[test]
fn a_vector_is_the_same_alone_and_in_any_batch() {
    let texts = strs(&EXPECTED.texts);
    for model in MODELS {
        let together = load(model, &params()).posts(&texts).unwrap();
        let alone = load(model, &params().with_batch(1)).posts(&texts).unwrap();
        assert_close(&together, &alone, 1e-5, model);
        // Threads change nothing at all.
        let threads = load(model, &params().with_batch(2).with_threads(3)).posts(&texts).unwrap();
        let one = load(model, &params().with_batch(2)).posts(&texts).unwrap();
        assert_eq!(threads, one);
    }
}

#[test]
fn a_token_alone_is_a_text_of_one_token() {
    let mut compared = 0;
    for model in MODELS {
        let transformer = load(model, &params().with_post_prefix(""));
        for text in ["a", "e", "の", "新", "機", "能", "1"] {
            let ids = transformer.token_ids(text).unwrap();
            let [_, token, _] = ids[..] else { continue };
            let (vectors, dim) =
                (transformer.token_vectors(&[token, 0]).unwrap(), transformer.dim());
            assert_eq!(vectors.len(), 2 * dim);
            assert_close(&vectors[..dim], &transformer.posts(&[text]).unwrap(), 1e-5, text);
            compared += 1;
        }
        let error = transformer.token_vectors(&[u32::MAX]).unwrap_err();
        assert!(matches!(error, VectorizeError::UnknownToken { .. }), "{error}");
    }
    assert!(compared > 5, "{compared}");
}

#[test]
fn vectors_come_in_the_order_of_the_texts() {
    let transformer = load("bert", &params().with_batch(2));
    let dim = transformer.dim();
    let (texts, mut reversed) = (strs(&EXPECTED.texts), strs(&EXPECTED.texts));
    reversed.reverse();
    let (forth, back) = (transformer.posts(&texts).unwrap(), transformer.posts(&reversed).unwrap());
    let back: Vec<f32> = back.chunks(dim).rev().flatten().copied().collect();
    assert_close(&forth, &back, 1e-5, "reversed");
    assert!(transformer.posts(&[]).unwrap().is_empty());
    assert!(transformer.pairs(&[]).unwrap().is_empty());
}

#[test]
fn a_long_post_is_cut_and_a_hashtag_is_not() {
    for model in MODELS {
        let transformer = load(model, &params());
        assert_eq!(transformer.capacity(), EXPECTED.max_tokens);
        let long = "新機能をリリースしました。".repeat(200);
        assert_eq!(transformer.token_ids(&long).unwrap().len(), EXPECTED.max_tokens);
        // The part that is cut changes nothing; the hashtag does.
        let other = format!("{}今日", "新機能をリリースしました。".repeat(150));
        let [a, b, c] = [(&long, "パン"), (&other, "パン"), (&long, "東京")]
            .map(|(post, hashtag)| transformer.pairs(&[(post.as_str(), hashtag)]).unwrap());
        assert_eq!(a, b, "{model}");
        assert_ne!(a, c, "{model}");
        // A hashtag that is too long alone is cut.
        assert!(transformer.pairs(&[("新機能", &long)]).is_ok());
    }
    // The model's own limit applies if it is lower.
    let bert = load("bert", &TransformerParams::default());
    assert_eq!(bert.capacity(), 48);
    assert_eq!(bert.token_ids(&"今日".repeat(500)).unwrap().len(), 48);
}

#[test]
fn files_in_memory_give_the_vectors_of_a_folder() {
    for model in MODELS {
        let files = TransformerFiles::from_folder(&folder(model)).unwrap();
        let copied = TransformerFiles::from_bytes(
            files.iter().map(|(name, bytes)| (name.to_owned(), Bytes::copy_from_slice(bytes))),
        )
        .unwrap();
        assert!(files.iter().eq(copied.iter()));
        let transformer = Transformer::new(&copied, &params(), Some(words())).unwrap();
        let texts = strs(&EXPECTED.texts);
        assert_eq!(
            transformer.posts(&texts).unwrap(),
            load(model, &params()).posts(&texts).unwrap()
        );
    }
}

/// A model's files, for tests that change them.
fn files(model: &str) -> BTreeMap<String, Bytes> {
    let files = TransformerFiles::from_folder(&folder(model)).unwrap();
    files.iter().map(|(name, bytes)| (name.to_owned(), Bytes::copy_from_slice(bytes))).collect()
}

fn open(files: BTreeMap<String, Bytes>) -> Result<Transformer, VectorizeError> {
    Transformer::new(&TransformerFiles::from_bytes(files)?, &params(), Some(words()))
}

#[test]
fn a_model_that_reads_mecab_words_asks_for_them() {
    let files = TransformerFiles::from_folder(&folder("mecab-distilbert")).unwrap();
    let error = Transformer::new(&files, &params(), None).unwrap_err();
    assert!(error.to_string().contains("word_tokenizer_type"), "{error}");
    let files = TransformerFiles::from_folder(&folder("bert")).unwrap();
    assert!(Transformer::new(&files, &params(), None).is_ok());
}

/// Replaces text in a JSON file.
fn replaced(model: &str, file: &str, from: &str, to: &str) -> Result<Transformer, VectorizeError> {
    let mut files = files(model);
    let text = String::from_utf8(files[file].to_vec()).unwrap();
    assert!(text.contains(from), "{from}");
    files.insert(file.to_owned(), Bytes::from(text.replacen(from, to, 1)));
    open(files)
}

#[test]
fn files_that_do_not_fit_each_other_are_named() {
    let size = |n: usize| format!("\"hidden_size\": {n}");
    for (model, file, from, to, named) in [
        ("bert", "config.json", size(32).as_str(), size(64).as_str(), "word_embeddings"),
        ("bert", "config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "layer.2."),
        ("bert", "config.json", "\"vocab_size\": ", "\"vocab_size\": 1", "word_embeddings"),
        (
            "bert",
            "config.json",
            "\"model_type\": \"bert\"",
            "\"model_type\": \"distilbert\"",
            "token_type_embeddings",
        ),
        ("distilbert", "config.json", "\"n_heads\": 4", "\"n_heads\": 0", "n_heads"),
        ("distilbert", "tokenizer.json", "\"[SEP]\": 3", "\"[SEP]\": 4294967295", "vocab_size"),
        ("distilbert", "tokenizer.json", "\"vocab\": {", "\"words\": {", "tokenizer.json"),
        (
            "mecab-distilbert",
            "tokenizer_config.json",
            "\"mecab\"",
            "\"juman\"",
            "word_tokenizer_type",
        ),
        (
            "mecab-distilbert",
            "tokenizer_config.json",
            "[SEP]\",\n \"mask",
            "[X]\",\n \"mask",
            "sep_token",
        ),
        ("modernbert", "config.json", "sliding_attention", "wide_attention", "wide_attention"),
        (
            "modernbert",
            "config.json",
            "\"intermediate_size\": 48",
            "\"intermediate_size\": 49",
            "mlp.Wi",
        ),
    ] {
        match replaced(model, file, from, to) {
            Err(
                error @ (VectorizeError::ModelFile { .. }
                | VectorizeError::ModelValue { .. }
                | VectorizeError::UnknownToken { .. }),
            ) => {
                assert!(chain(&error).contains(named), "{from} → {to}: {}", chain(&error));
            }
            other => panic!("{from} → {to}: {other:?}"),
        }
    }
    // Without a separator posts work, and pairs do not.
    let text = replaced(
        "bert",
        "tokenizer_config.json",
        "\"sep_token\": \"[SEP]\"",
        "\"sep_token\": \"[?]\"",
    );
    let transformer = text.unwrap();
    assert!(transformer.posts(&["新機能"]).is_ok());
    let error = transformer.pairs(&[("新機能", "パン")]).unwrap_err();
    assert!(error.to_string().contains("sep_token"), "{error}");
}

#[test]
fn random_tokenizers_are_refused() {
    let from = "\"model\": {";
    let error =
        replaced("bert", "tokenizer.json", from, "\"model\": {\"dropout\": 0.1,").unwrap_err();
    assert!(error.to_string().contains("dropout"), "{error}");
}

#[test]
fn normalization_rules_that_lead_nowhere_are_refused() {
    // Too short, or shorter than their stated length.
    for rules in ["AAAA", "/////w==", "AAQAAA==", "no"] {
        let to = format!(
            "\"normalizer\": {{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"{rules}\"}}, \"x\": {{"
        );
        let error = replaced("bert", "tokenizer.json", "\"normalizer\": {", &to).unwrap_err();
        assert!(error.to_string().contains("precompiled_charsmap"), "{rules}: {error}");
    }
}

#[test]
fn a_model_without_room_for_a_text_is_refused() {
    let positions = "\"max_position_embeddings\": 64";
    let error = replaced("modernbert", "config.json", positions, "\"max_position_embeddings\": 3");
    assert!(error.unwrap_err().to_string().contains("max_position_embeddings"));
    let narrow = replaced("modernbert", "config.json", positions, "\"max_position_embeddings\": 5");
    let narrow = narrow.unwrap();
    assert_eq!(narrow.token_ids("新機能をリリース").unwrap().len(), 5);
    assert!(narrow.pairs(&[("新機能", "リリース"), ("", "")]).is_ok());
}

#[test]
fn weights_that_are_not_finite_are_named() {
    let mut files = files("distilbert");
    let mut weights = files["model.safetensors"].to_vec();
    let end = weights.len();
    weights[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    files.insert("model.safetensors".to_owned(), weights.into());
    let error = open(files).unwrap_err();
    assert!(chain(&error).contains("not finite"), "{error}");
}

#[test]
fn absurd_sizes_in_the_weights_allocate_nothing() {
    for header in [
        &b"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}"[..],
        b"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,18446744073709551615]}}",
        b"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9,4]}}",
        b"{}",
        b"[]",
        b"",
    ] {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header);
        bytes.extend_from_slice(&[0; 4]);
        for length in [bytes[..8].to_vec(), u64::MAX.to_le_bytes().to_vec()] {
            bytes[..8].copy_from_slice(&length);
            let mut files = files("distilbert");
            files.insert("model.safetensors".to_owned(), bytes.clone().into());
            let error = open(files).unwrap_err();
            assert!(chain(&error).contains("model.safetensors"), "{error}");
        }
    }
}

/// Cuts and changes each file of each model in many places: an error or a transformer, no panic.
#[test]
fn damage_is_an_error_or_harmless() {
    for model in MODELS {
        let whole = files(model);
        for (name, bytes) in &whole {
            let json = name.ends_with(".json");
            let places = (0..bytes.len()).step_by((bytes.len() / 40).max(1));
            for at in places {
                let mut cut = whole.clone();
                cut.insert(name.clone(), bytes.slice(..at));
                if at + 1 < bytes.len() {
                    assert!(open(cut).is_err() || !json, "{model}, {name} cut at {at}");
                }
                let mut changed = bytes.to_vec();
                changed[at] ^= 0x15;
                let mut files = whole.clone();
                files.insert(name.clone(), changed.into());
                if let Ok(transformer) = open(files) {
                    let texts = ["文章: 新機能、C++と1,000円", "the release \u{0} \u{10FFFF}"];
                    let _ = transformer.posts(&texts);
                    let _ = transformer.pairs(&[(texts[0], texts[1])]);
                }
            }
        }
    }
}
