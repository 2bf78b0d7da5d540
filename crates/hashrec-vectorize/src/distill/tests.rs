use serde_json::json;

use super::*;
use crate::{TextEncoder, TextRole};

/// Words of two topics, and what belongs to none.
const WORDS: [&str; 8] = ["[PAD]", "[UNK]", "the", "cake", "bread", "code", "bug", "[unused1]"];

fn tokenizer() -> Vec<u8> {
    let vocabulary: serde_json::Map<_, _> =
        WORDS.iter().zip(0..).map(|(word, id): (_, u32)| ((*word).to_owned(), id.into())).collect();
    json!({
        "added_tokens": [{"id": 0, "content": "[PAD]", "special": true}],
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": vocabulary},
    })
    .to_string()
    .into_bytes()
}

/// Food points one way and software another; everything leans the same way besides.
struct Topics;

impl TokenEncoder for Topics {
    fn dim(&self) -> usize {
        4
    }

    fn token_vectors(&self, tokens: &[u32]) -> Result<Vec<f32>, VectorizeError> {
        let vector = |&token: &u32| match token {
            2 => Ok([5.0, 0.1, 0.1, 0.0]),
            3 | 4 => Ok([5.0, 1.0, 0.0, 0.1 * token as f32]),
            5 | 6 => Ok([5.0, 0.0, 1.0, 0.1 * token as f32]),
            _ => Err(VectorizeError::NotFinite),
        };
        let vectors: Result<Vec<[f32; 4]>, VectorizeError> = tokens.iter().map(vector).collect();
        Ok(vectors?.concat())
    }
}

fn distilled(posts: &[&str], params: &DistillParams) -> StaticTable {
    distill(&Topics, &tokenizer(), posts, params, &mut |_, _| {}).unwrap()
}

fn cosine(table: &StaticTable, a: &str, b: &str) -> f32 {
    let vectors = table.encode(&[a, b], TextRole::Post).unwrap();
    let (a, b) = vectors.split_at(table.dim());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn texts_of_a_topic_are_near_each_other() {
    let posts = ["the cake the bread", "the code the bug"];
    let params = DistillParams::default().with_dim(2).with_rarity(0.1);
    let table = distilled(&posts, &params);
    assert_eq!((table.dim(), table.tokens()), (2, 8));
    assert!(cosine(&table, "cake", "bread") > 0.95);
    assert!(cosine(&table, "cake", "code") < 0.0);
    assert!(cosine(&table, "the cake", "the bread") > 0.95);
    let zeros = table.encode(&["[PAD]", "[unused1]", "unknown"], TextRole::Post).unwrap();
    assert_eq!(zeros, [0.0; 6]);
    assert_eq!(table.write().unwrap(), distilled(&posts, &params).write().unwrap());
}

#[test]
fn frequent_tokens_weigh_less() {
    // Half of the tokens are `the`, an eighth each of the others: with rarity 1/8, weights are 1/5
    // and 1/2. The mean of the weighted vectors by share is subtracted.
    let posts = ["the the the the cake bread code bug"];
    let params = DistillParams::default().with_dim(4).with_rarity(0.125);
    let table = distilled(&posts, &params);
    let (shares, weights) = ([0.5, 0.125, 0.125, 0.125, 0.125], [0.2, 0.5, 0.5, 0.5, 0.5]);
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let unit: Vec<Vec<f32>> = (2..7)
        .map(|token| {
            let vector = Topics.token_vectors(&[token]).unwrap();
            let length = dot(&vector, &vector).sqrt();
            vector.iter().map(|value| value / length).collect()
        })
        .collect();
    // The plain mean goes before the directions are found.
    let mean = |of: &dyn Fn(usize) -> f32| (0..5).map(of).sum::<f32>();
    let middle: Vec<f32> = (0..4).map(|d| mean(&|n| unit[n][d] / 5.0)).collect();
    let weighted: Vec<Vec<f32>> =
        (0..5).map(|n| (0..4).map(|d| weights[n] * (unit[n][d] - middle[d])).collect()).collect();
    let common: Vec<f32> = (0..4).map(|d| mean(&|n| shares[n] * weighted[n][d])).collect();
    let row = |n: usize| (0..4).map(|d| weighted[n][d] - common[d]).collect::<Vec<f32>>();
    let cosine = |a: &[f32], b: &[f32]| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    // All directions are kept, and with them the angles.
    let the_cake: Vec<f32> = row(0).iter().zip(row(1)).map(|(a, b)| a + b).collect();
    let found = table.encode(&["the cake"], TextRole::Post).unwrap();
    for (n, word) in WORDS[2..7].iter().enumerate() {
        let alone = table.encode(&[word], TextRole::Post).unwrap();
        let expected = cosine(&the_cake, &row(n));
        assert!((cosine(&found, &alone) - expected).abs() < 1e-4, "{word} {expected}");
    }
}

#[test]
fn without_posts_the_order_of_tokens_says_how_frequent_they_are() {
    let subwords = Subwords::from_json(TOKENIZER, &tokenizer()).unwrap();
    let found = shares(&subwords, &[2, 3, 4], [""; 0]);
    let expected = [1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0].map(|share| share / (13.0 / 12.0));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
    assert_eq!(shares(&subwords, &[2, 3, 4], ["cake cake the"]), [1.0 / 3.0, 2.0 / 3.0, 0.0]);
    let unknown = shares(&subwords, &[2, 3], ["", "unknown"]);
    assert!((unknown[0] - 0.6).abs() < 1e-12 && (unknown[1] - 0.4).abs() < 1e-12);
}

#[test]
fn progress_is_told_and_errors_are_passed_on() {
    let mut told = Vec::new();
    let params = DistillParams::default();
    let table =
        distill(&Topics, &tokenizer(), [""; 0], &params, &mut |done, all| told.push((done, all)));
    assert_eq!(table.unwrap().dim(), 4);
    assert_eq!(told, [(0, 5), (5, 5)]);

    let mut quiet = |_, _| {};
    let wrong = params.clone().with_dim(0);
    assert!(distill(&Topics, &tokenizer(), [""; 0], &wrong, &mut quiet).is_err());
    assert!(distill(&Topics, b"{}", [""; 0], &params, &mut quiet).is_err());

    struct Broken(Vec<f32>);
    impl TokenEncoder for Broken {
        fn dim(&self) -> usize {
            1
        }

        fn token_vectors(&self, _: &[u32]) -> Result<Vec<f32>, VectorizeError> {
            Ok(self.0.clone())
        }
    }
    for vectors in [vec![], vec![1.0; 4], vec![f32::NAN; 5]] {
        let found = distill(&Broken(vectors), &tokenizer(), [""; 0], &params, &mut quiet);
        assert!(matches!(found, Err(VectorizeError::NotFinite)));
    }
}
