use std::{collections::BTreeMap, fs, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A tokenizer of a few English and Japanese pieces, in lower case.
fn tokenizer() -> Vec<u8> {
    let pieces = ["[PAD]", "[UNK]", "a", "b", "##c", "cake", "##s", "東", "京", "!", "[CLS]"];
    let vocabulary: BTreeMap<&str, usize> =
        pieces.iter().enumerate().map(|(id, &piece)| (piece, id)).collect();
    let special = |id: usize, content: &str| json!({"id": id, "content": content, "special": true});
    json!({
        "added_tokens": [special(0, "[PAD]"), special(1, "[UNK]"), special(10, "[CLS]"),
            {"id": 11, "content": "Tokyo Tower", "normalized": true}],
        "normalizer": {"type": "BertNormalizer"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 8, "vocab": vocabulary,
        },
    })
    .to_string()
    .into_bytes()
}

/// A Unigram tokenizer with rules, bytes, spaces as signs and 12 tokens.
fn unigram() -> Vec<u8> {
    let rules = crate::subwords::rules_file(&[("ｱ", "ア"), ("\t", " "), ("™", "TM")]);
    let pieces = json!([
        ["<unk>", 0.0],
        ["▁", -3.0],
        ["▁cake", -2.5],
        ["s", -3.5],
        ["ア", -4.0],
        ["T", -4.0],
        ["M", -4.0],
        ["TM", -9.0],
        ["<0xC3>", -9.0],
        ["<0xA9>", -9.0],
        ["<s>", 0.0],
    ]);
    json!({
        "added_tokens": [
            {"id": 10, "content": "<s>", "special": true},
            {"id": 11, "content": "<mask>", "special": true, "lstrip": true},
        ],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Precompiled", "precompiled_charsmap": crate::base64::encode(&rules)},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        ]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁"},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": pieces, "byte_fallback": true},
    })
    .to_string()
    .into_bytes()
}

/// Vectors of 3 numbers for its 12 tokens.
fn vectors() -> Vec<f32> {
    (0..36).map(|n| ((n * 7 % 11) as f32 - 5.0) / 4.0).collect()
}

fn table() -> StaticTable {
    StaticTable::new(&tokenizer(), vectors(), 3).unwrap()
}

fn vector(table: &StaticTable, text: &str) -> Vec<f32> {
    table.encode(&[text], TextRole::Post).unwrap()
}

/// The mean of rows, scaled to length 1.
fn mean(tokens: &[(usize, f32)]) -> Vec<f32> {
    let mut sum = [0.0f32; 3];
    for &(token, weight) in tokens {
        sum.iter_mut().zip(&vectors()[token * 3..]).for_each(|(s, v)| *s += weight * v);
    }
    let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
    sum.iter().map(|v| v / length).collect()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn a_text_is_the_mean_of_its_tokens() {
    let table = table();
    assert_eq!((table.dim(), table.tokens()), (3, 12));
    assert_eq!(table.token_ids("CAKES! ac 東京 xyz"), [5, 6, 9, 2, 4, 7, 8, 1]);
    assert_eq!(table.token_ids("[CLS]a tokyo tower"), [10, 2, 11]);
    let expected = mean(&[(5, 1.0), (6, 1.0), (9, 1.0)]);
    assert_close(&vector(&table, "cakes xyz !"), &expected);
    assert_eq!(vector(&table, "xyz"), [0.0; 3]);
    assert_eq!(vector(&table, ""), [0.0; 3]);
    let texts = ["a", "xyz", "b"];
    let together = table.encode(&texts, TextRole::Hashtag).unwrap();
    let alone: Vec<f32> = texts.iter().flat_map(|text| vector(&table, text)).collect();
    assert_eq!(together, alone);
}

#[test]
fn only_the_first_tokens_are_read() {
    let table = table().with_max_tokens(2);
    assert_eq!(table.token_ids("a b cake"), [2, 3]);
    assert_eq!(table.token_ids("cakes [CLS]"), [5, 6]);
    assert_eq!(table.with_max_tokens(0).token_ids("a"), [0u32; 0]);
}

#[test]
fn vectors_must_fit_the_tokenizer() {
    for (vectors, dim) in [(vectors(), 2), (vectors(), 0), (Vec::new(), 3), (vectors(), 1 << 15)] {
        assert!(StaticTable::new(&tokenizer(), vectors, dim).is_err(), "{dim}");
    }
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut json: Value = serde_json::from_slice(&tokenizer()).unwrap();
        change(&mut json);
        StaticTable::new(json.to_string().as_bytes(), vectors(), 3).unwrap_err().to_string()
    };
    let error = wrong(&|json| json["model"] = json!({"type": "BPE", "merges": []}));
    assert!(error.contains("model.type is \"BPE\"; expected "), "{error}");
    let error = wrong(&|json| json["model"]["unk_token"] = json!("?"));
    assert!(error.contains("model.unk_token"), "{error}");
    let error = wrong(&|json| json["model"]["vocab"]["a"] = json!(-1));
    assert!(error.contains("model.vocab.a is -1"), "{error}");
    let error = wrong(&|json| json["model"]["vocab"]["a\0"] = json!(2));
    assert!(error.contains("U+0000"), "{error}");
    let error = wrong(&|json| json["added_tokens"][0]["id"] = json!(5));
    assert!(error.contains("added_tokens: the id of \"[PAD]\" is 5; expected 0,"), "{error}");
    let error = wrong(&|json| json["model"]["vocab"]["a"] = json!(1 << 24));
    assert!(error.contains("the largest id is 16777216"), "{error}");
    assert!(StaticTable::new(b"{", vectors(), 3).is_err());
    assert!(StaticTable::new(b"{}", vectors(), 3).is_err());
}

#[test]
fn numbers_that_cannot_be_added_are_an_error() {
    for number in [f32::NAN, f32::INFINITY, f32::MAX] {
        let mut vectors = vectors();
        vectors[2 * 3] = number;
        let table = StaticTable::new(&tokenizer(), vectors, 3).unwrap();
        let found = table.encode(&["a a"], TextRole::Post);
        assert!(matches!(found, Err(VectorizeError::NotFinite)), "{number}");
    }
}

#[test]
fn survives_writing_in_every_precision() {
    for precision in [Precision::Single, Precision::Half, Precision::Int8] {
        let table = table().with_precision(precision);
        let bytes = table.write().unwrap();
        assert_eq!(bytes, table.write().unwrap());
        let read = StaticTable::read(bytes.clone().into()).unwrap();
        assert_eq!(read.precision(), precision);
        assert_eq!(read.write().unwrap(), bytes);
        for text in ["Cakes!", "tokyo tower [CLS] 東京", "?"] {
            assert_eq!(vector(&read, text), vector(&table, text));
        }
    }
}

#[test]
fn any_damage_is_an_error_or_a_table() {
    for tokenizer in [tokenizer(), unigram()] {
        let table = StaticTable::new(&tokenizer, vectors(), 3).unwrap();
        let whole = table.with_precision(Precision::Int8).write().unwrap();
        for len in 0..whole.len() {
            assert!(StaticTable::read(whole[..len].to_vec().into()).is_err(), "{len}");
        }
        for at in 0..whole.len() {
            for flip in [0x01, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                if let Ok(table) = StaticTable::read(bytes.into())
                    && let Ok(vector) = table.encode(&["Cakes!\tｱ™  東京é <s>"], TextRole::Post)
                {
                    assert!(vector.iter().all(|value| value.is_finite()));
                }
            }
        }
    }
}

#[test]
fn unigram_tokenizers_survive_writing() {
    let table = StaticTable::new(&unigram(), vectors(), 3).unwrap();
    let text = "cakes  ｱ™é <s>x <mask>\tx";
    let tokens = [2, 3, 1, 4, 5, 6, 8, 9, 1, 10, 1, 0, 11, 1, 0];
    assert_eq!(table.token_ids(text), tokens);
    let read = StaticTable::read(table.write().unwrap().into()).unwrap();
    assert_eq!(read.token_ids(text), tokens);
    assert_eq!(vector(&read, text), vector(&table, text));
}

#[test]
fn headers_that_would_blow_up_are_refused() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let whole = table().write().unwrap();
        let (_, metadata) = safetensors::SafeTensors::read_metadata(&whole).unwrap();
        let mut envelope: Value =
            serde_json::from_str(&metadata.metadata().as_ref().unwrap()["hashrec"]).unwrap();
        change(&mut envelope["header"]);
        let tensors = safetensors::SafeTensors::deserialize(&whole).unwrap();
        let metadata = [("hashrec".to_owned(), envelope.to_string())].into_iter().collect();
        let bytes = safetensors::serialize(tensors.iter(), Some(metadata)).unwrap();
        StaticTable::read(bytes.into()).is_err()
    };
    assert!(!refused(&|_| {}));
    assert!(refused(&|header| header["subwords"]["splitter"] = json!(vec!["Spaces"; 100_000])));
    assert!(refused(&|header| header["subwords"]["normalizer"] = json!(vec!["Nfc"; 100_000])));
    let long = json!([{"Prepend": "a".repeat(1000)}]);
    assert!(refused(&|header| header["subwords"]["normalizer"] = long.clone()));
    assert!(refused(&|header| header["dim"] = json!(0)));
    assert!(refused(&|header| header["rows"] = json!(usize::MAX)));
    assert!(refused(&|header| header["subwords"]["tokens"] = json!("x")));
}

#[test]
fn folders_give_the_table_that_was_saved() {
    for precision in [Precision::Single, Precision::Half, Precision::Int8] {
        let folder = tempfile::tempdir().unwrap();
        let table = table().with_precision(precision).with_max_tokens(5);
        table.save_folder(folder.path(), &tokenizer()).unwrap();
        let read = StaticTable::from_folder(folder.path()).unwrap();
        assert_eq!(read.precision(), precision);
        for text in ["Cakes!", "tokyo tower 東京", "?", "a a a a a b b b"] {
            assert_close(&vector(&read, text), &vector(&table, text));
        }
        let modules = folder.path().join("modules.json");
        assert_eq!(modules.exists(), precision != Precision::Int8);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut other: Value = serde_json::from_slice(&tokenizer()).unwrap();
    other["model"]["vocab"] = json!({"[PAD]": 0, "[UNK]": 1, "z": 9, "[CLS]": 10});
    let error = table().save_folder(folder.path(), other.to_string().as_bytes()).unwrap_err();
    assert!(matches!(error, VectorizeError::ModelValue { .. }), "{error}");
}

/// A tensor's name, type, shape and bytes.
type Tensor<'a> = (&'a str, safetensors::Dtype, Vec<usize>, Vec<u8>);

fn write_tensors(path: &Path, tensors: &[Tensor<'_>]) {
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (*name, safetensors::tensor::TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A folder of Model2Vec.
fn folder(config: &Value, tensors: &[Tensor<'_>]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    fs::write(folder.path().join("tokenizer.json"), tokenizer()).unwrap();
    write_tensors(&folder.path().join("model.safetensors"), tensors);
    folder
}

#[test]
fn tokens_can_share_rows_and_weigh_differently() {
    use safetensors::Dtype::{F32, I64};
    let row_of = [0usize, 0, 3, 2, 3, 1, 0, 0, 0, 0, 0, 0];
    let weights: Vec<f32> = (0..12).map(|token| 0.5 + token as f32).collect();
    let tensors: [Tensor<'_>; 3] = [
        ("embeddings", F32, vec![4, 3], bytes(&vectors()[..12])),
        ("weights", F32, vec![12], bytes(&weights)),
        ("mapping", I64, vec![12], row_of.iter().flat_map(|&r| (r as i64).to_le_bytes()).collect()),
    ];
    let config = json!({"model_type": "model2vec", "normalize": false, "seq_length": 1_000_000});
    let folder = folder(&config, &tensors);
    let table = StaticTable::from_folder(folder.path()).unwrap();
    let expected = mean(&[(3, 2.5), (2, 3.5), (1, 5.5)]);
    assert_close(&vector(&table, "a b cake"), &expected);
    let read = StaticTable::read(table.write().unwrap().into()).unwrap();
    assert_eq!(vector(&read, "a b cake"), vector(&table, "a b cake"));
    for precision in [Precision::Single, Precision::Int8] {
        let again = tempfile::tempdir().unwrap();
        let rounded = table.clone().with_precision(precision);
        rounded.save_folder(again.path(), &tokenizer()).unwrap();
        let read = StaticTable::from_folder(again.path()).unwrap();
        assert_close(&vector(&read, "a b cake"), &vector(&rounded, "a b cake"));
    }
}

#[test]
fn texts_are_cut_as_model2vec_cuts_them() {
    let tensors: [Tensor<'_>; 1] =
        [("embeddings", safetensors::Dtype::F32, vec![12, 3], bytes(&vectors()))];
    let tokens = |config: Value, text: &str| {
        let mut config = config;
        config["model_type"] = json!("model2vec");
        let folder = folder(&config, &tensors);
        StaticTable::from_folder(folder.path()).unwrap().token_ids(text)
    };
    // The median token has 3 characters: nine are read for three tokens.
    assert_eq!(tokens(json!({"max_length": 3}), "a b c東京"), [2, 3, 1]);
    assert_eq!(tokens(json!({"max_length": 3}), "a 東 b b"), [2, 7, 3]);
    assert_eq!(tokens(json!({"max_length": 3}), "cakes!"), [5, 6, 9]);
    assert_eq!(tokens(json!({"max_length": 3}), "cake     !"), [5]);
    let long = "a ".repeat(2000);
    assert_eq!(tokens(json!({}), &long).len(), 512);
    assert_eq!(tokens(json!({"max_length": null}), &long).len(), 2000);
}

#[test]
fn sentence_transformers_counts_unknown_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let modules = |kinds: &[&str]| {
        let module = |kind: &&str| json!({"path": format!("0_{kind}"), "type": format!("sentence_transformers.models.{kind}")});
        let modules: Vec<Value> = kinds.iter().map(module).collect();
        fs::write(path("modules.json"), json!(modules).to_string()).unwrap();
    };
    modules(&["StaticEmbedding", "Normalize"]);
    fs::create_dir(path("0_StaticEmbedding")).unwrap();
    fs::write(path("0_StaticEmbedding/tokenizer.json"), tokenizer()).unwrap();
    let dtype = safetensors::Dtype::F32;
    let tensors: [Tensor<'_>; 1] = [("embedding.weight", dtype, vec![12, 3], bytes(&vectors()))];
    write_tensors(&path("0_StaticEmbedding/model.safetensors"), &tensors);
    let table = StaticTable::from_folder(folder.path()).unwrap();
    assert_close(&vector(&table, "cake xyz"), &mean(&[(5, 1.0), (1, 1.0)]));
    assert_eq!(table.token_ids(&"a ".repeat(2000)).len(), 512);
    let mut cut: Value = serde_json::from_slice(&tokenizer()).unwrap();
    cut["truncation"] = json!({"max_length": 2, "direction": "Right"});
    fs::write(path("0_StaticEmbedding/tokenizer.json"), cut.to_string()).unwrap();
    assert_eq!(StaticTable::from_folder(folder.path()).unwrap().token_ids("a b a"), [2, 3]);

    for (kinds, named) in [
        (&["StaticEmbedding", "Dense"][..], "Dense"),
        (&["Transformer", "Pooling"], "Transformer"),
        (&[], "StaticEmbedding"),
    ] {
        modules(kinds);
        let error = StaticTable::from_folder(folder.path()).unwrap_err().to_string();
        assert!(error.contains("modules.json") && error.contains(named), "{error}");
    }
    let outside = json!([{"path": "../0", "type": "StaticEmbedding"}]);
    fs::write(path("modules.json"), outside.to_string()).unwrap();
    let error = StaticTable::from_folder(folder.path()).unwrap_err().to_string();
    assert!(error.contains("[0].path"), "{error}");
}

#[test]
fn what_is_wrong_with_a_folder_is_named() {
    use safetensors::Dtype::{F32, I64, U8};
    let fine: Tensor<'_> = ("embeddings", F32, vec![12, 3], bytes(&vectors()));
    let row = |row: i64| [row; 12].iter().flat_map(|row| row.to_le_bytes()).collect::<Vec<u8>>();
    let config = json!({"model_type": "model2vec"});
    for (tensors, named) in [
        (vec![("vectors", F32, vec![12, 3], bytes(&vectors()))], "embeddings"),
        (vec![("embeddings", F32, vec![36], bytes(&vectors()))], "[36]"),
        (vec![("embeddings", F32, vec![9, 4], bytes(&vectors()))], "12 rows"),
        (vec![("embeddings", F32, vec![12, 3], bytes(&[f32::NAN; 36]))], "not finite"),
        (vec![("embeddings", U8, vec![12, 3], vec![0; 36])], "U8"),
        (vec![fine.clone(), ("weights", F32, vec![3], bytes(&[1.0; 3]))], "weights"),
        (vec![fine.clone(), ("mapping", I64, vec![12], row(12))], "mapping"),
        (vec![fine.clone(), ("mapping", I64, vec![12], row(-1))], "mapping"),
        (vec![fine.clone(), ("mapping", F32, vec![12], bytes(&[0.0; 12]))], "mapping"),
    ] {
        let folder = folder(&config, &tensors);
        let error = StaticTable::from_folder(folder.path()).unwrap_err().to_string();
        assert!(error.contains("model.safetensors") && error.contains(named), "{error}");
    }
    let error = |config: Value| {
        let folder = folder(&config, std::slice::from_ref(&fine));
        StaticTable::from_folder(folder.path()).unwrap_err().to_string()
    };
    assert!(error(json!({"model_type": "bert"})).contains("model_type is \"bert\""));
    assert!(error(json!({"model_type": "model2vec", "max_length": -1})).contains("max_length"));
    for missing in ["config.json", "tokenizer.json", "model.safetensors"] {
        let folder = folder(&config, std::slice::from_ref(&fine));
        fs::remove_file(folder.path().join(missing)).unwrap();
        match StaticTable::from_folder(folder.path()).unwrap_err() {
            VectorizeError::MissingFile { file, .. } => assert_eq!(file, missing),
            error => panic!("{error}"),
        }
    }
    let folder = folder(&config, std::slice::from_ref(&fine));
    fs::write(folder.path().join("model.safetensors"), b"x").unwrap();
    assert!(matches!(
        StaticTable::from_folder(folder.path()),
        Err(VectorizeError::ModelFile { .. })
    ));
}

proptest! {
    #[test]
    fn any_text_has_a_vector_of_length_1_or_0(text: String) {
        for table in [table(), StaticTable::new(&unigram(), vectors(), 3).unwrap()] {
            let vector = vector(&table, &text);
            let length: f32 = vector.iter().map(|v| v * v).sum();
            prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn any_mix_of_pieces_is_read(parts in prop::collection::vec(
        prop::sample::select(vec!["a", "b", "c", "s", "cake", " ", "[CLS]", "Tokyo Tower", "東", "\u{0}", "é", "\u{301}", "[", "🎉", "▁", "™", "ｱ", "\r\n", "<mask>", "<s>"]),
        0..20,
    )) {
        let text = parts.concat();
        for table in [table(), StaticTable::new(&unigram(), vectors(), 3).unwrap()] {
            let read = StaticTable::read(table.write().unwrap().into()).unwrap();
            let tokens = table.token_ids(&text);
            prop_assert!(tokens.iter().all(|&token| (token as usize) < table.tokens()));
            prop_assert_eq!(tokens, read.token_ids(&text));
        }
    }
}
