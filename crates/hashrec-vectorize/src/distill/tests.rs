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

impl TextEncoder for Topics {
    fn dim(&self) -> usize {
        4
    }

    fn encode(&self, texts: &[&str], role: TextRole) -> Result<Vec<f32>, VectorizeError> {
        assert!(role == TextRole::Post && texts.len() <= BATCH);
        let mean = |text: &&str| {
            let mut sum = [0.0; 4];
            for word in text.split_whitespace() {
                let token = WORDS.iter().position(|&other| other == word);
                let vector = self.token_vectors(&[token.unwrap_or_default() as u32]);
                let vector = vector.unwrap_or_else(|_| vec![0.0; 4]);
                sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
            }
            unit(&sum).collect::<Vec<f32>>()
        };
        Ok(texts.iter().flat_map(mean).collect())
    }
}

impl TokenEncoder for Topics {
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

fn unfitted() -> DistillParams {
    DistillParams::default().with_fit_posts(0)
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
    let params = unfitted().with_dim(2).with_rarity(0.1);
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
    let params = unfitted().with_dim(4).with_rarity(0.125);
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
    told.clear();
    // Two titles, of which one is a whole post.
    let posts = ["cake\nthe bread", "bug", "cake"];
    distill(&Topics, &tokenizer(), posts, &params, &mut |done, all| told.push((done, all)))
        .unwrap();
    assert_eq!(told, [(0, 8), (5, 8), (8, 8)]);

    let mut quiet = |_, _| {};
    let wrong = params.clone().with_dim(0);
    assert!(distill(&Topics, &tokenizer(), [""; 0], &wrong, &mut quiet).is_err());
    assert!(distill(&Topics, b"{}", [""; 0], &params, &mut quiet).is_err());

    /// Gives these vectors for tokens and texts.
    struct Broken(Vec<f32>, Vec<f32>);
    impl TextEncoder for Broken {
        fn dim(&self) -> usize {
            1
        }

        fn encode(&self, _: &[&str], _: TextRole) -> Result<Vec<f32>, VectorizeError> {
            Ok(self.1.clone())
        }
    }
    impl TokenEncoder for Broken {
        fn token_vectors(&self, _: &[u32]) -> Result<Vec<f32>, VectorizeError> {
            Ok(self.0.clone())
        }
    }
    let fine = vec![1.0; 5];
    for wrong in [vec![], vec![1.0; 4], vec![f32::NAN; 5]] {
        for broken in [Broken(wrong.clone(), vec![1.0]), Broken(fine.clone(), wrong)] {
            let found = distill(&broken, &tokenizer(), ["cake"], &params, &mut quiet);
            assert!(matches!(found, Err(VectorizeError::NotFinite)));
        }
    }
    let broken = Broken(fine, vec![1.0]);
    assert!(distill(&broken, &tokenizer(), ["cake"], &params, &mut quiet).is_ok());
}

/// Words with a hidden vector each, of which a text's vector is the mean. Alone, a word looks
/// otherwise: its hidden vector, and more noise.
struct Hidden;

const HIDDEN: usize = 60;
const HIDDEN_DIM: usize = 6;

impl Hidden {
    fn tokenizer() -> Vec<u8> {
        let mut words: serde_json::Map<_, _> =
            (0..HIDDEN).map(|word| (format!("w{word}"), word.into())).collect();
        words.insert("?".to_owned(), HIDDEN.into());
        json!({
            "pre_tokenizer": {"type": "Whitespace"},
            "model": {"type": "WordLevel", "unk_token": "?", "vocab": words},
        })
        .to_string()
        .into_bytes()
    }

    /// Numbers between -1 and 1 that look random.
    fn noise(seed: usize) -> impl Iterator<Item = f32> {
        (1..=HIDDEN_DIM).map(move |d| ((seed * 7919 + d * 104_729) as f32 * 0.613).sin())
    }

    /// Posts of five words that look random.
    fn posts(mut seed: u32) -> Vec<String> {
        let mut word = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            format!("w{}", (seed >> 8) as usize % HIDDEN)
        };
        (0..1500).map(|_| [(); 5].map(|()| word()).join(" ")).collect()
    }
}

impl TextEncoder for Hidden {
    fn dim(&self) -> usize {
        HIDDEN_DIM
    }

    fn encode(&self, texts: &[&str], _: TextRole) -> Result<Vec<f32>, VectorizeError> {
        let mean = |text: &&str| {
            let mut sum = [0.0; HIDDEN_DIM];
            let words = text.split_whitespace().filter_map(|word| word.strip_prefix('w'));
            for word in words.filter_map(|word| word.parse().ok()) {
                sum.iter_mut().zip(Self::noise(word)).for_each(|(sum, value)| *sum += value);
            }
            unit(&sum).collect::<Vec<f32>>()
        };
        Ok(texts.iter().flat_map(mean).collect())
    }
}

impl TokenEncoder for Hidden {
    fn token_vectors(&self, tokens: &[u32]) -> Result<Vec<f32>, VectorizeError> {
        let vector = |&token: &u32| {
            let seen = Self::noise(token as usize).zip(Self::noise(token as usize + 1000));
            seen.map(|(hidden, noise)| hidden + 1.5 * noise)
        };
        Ok(tokens.iter().flat_map(vector).collect())
    }
}

fn hidden(posts: &[String], params: &DistillParams) -> StaticTable {
    distill(&Hidden, &Hidden::tokenizer(), posts, params, &mut |_, _| {}).unwrap()
}

/// How far cosines between posts are from the encoder's, on average.
fn mistake(table: &StaticTable, posts: &[String]) -> f32 {
    let posts: Vec<&str> = posts.iter().map(String::as_str).collect();
    let mut expected = Hidden.encode(&posts, TextRole::Post).unwrap();
    centre(&mut expected, HIDDEN_DIM);
    let expected: Vec<f32> = expected.chunks_exact(HIDDEN_DIM).flat_map(unit).collect();
    let found = table.encode(&posts, TextRole::Post).unwrap();
    let cosine = |vectors: &[f32], dim: usize, a: usize, b: usize| -> f32 {
        let (a, b) = (&vectors[a * dim..][..dim], &vectors[b * dim..][..dim]);
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    };
    let pairs: Vec<(usize, usize)> =
        (0..posts.len()).map(|n| (n, (n * 7 + 1) % posts.len())).collect();
    let off = |&(a, b): &(usize, usize)| {
        (cosine(&expected, HIDDEN_DIM, a, b) - cosine(&found, table.dim(), a, b)).abs()
    };
    pairs.iter().map(off).sum::<f32>() / pairs.len() as f32
}

#[test]
fn fitted_rows_say_what_the_encoder_says_of_texts() {
    let (seen, new) = (Hidden::posts(0), Hidden::posts(1));
    let params = DistillParams::default();
    let distilled = hidden(&seen, &params.clone().with_fit_posts(0));
    let fitted = hidden(&seen, &params);
    for posts in [&seen, &new] {
        let (before, after) = (mistake(&distilled, posts), mistake(&fitted, posts));
        assert!(after < 0.5 * before && after < 0.1, "{before} {after}");
    }
    let few = mistake(&hidden(&seen, &params.clone().with_fit_posts(300)), &new);
    assert!(few > mistake(&fitted, &new), "{few}");
    assert_eq!(fitted.write().unwrap(), hidden(&seen, &params).write().unwrap());
}

/// [`Hidden`], and one more number that is the same for all texts and tokens.
struct Raised;

impl Raised {
    fn raise(vectors: Vec<f32>) -> Vec<f32> {
        vectors.chunks_exact(HIDDEN_DIM).flat_map(|vector| [vector, &[1.0]].concat()).collect()
    }
}

impl TextEncoder for Raised {
    fn dim(&self) -> usize {
        HIDDEN_DIM + 1
    }

    fn encode(&self, texts: &[&str], role: TextRole) -> Result<Vec<f32>, VectorizeError> {
        Hidden.encode(texts, role).map(Self::raise)
    }
}

impl TokenEncoder for Raised {
    fn token_vectors(&self, tokens: &[u32]) -> Result<Vec<f32>, VectorizeError> {
        let vectors = Hidden.token_vectors(tokens)?;
        Ok(Self::raise(vectors.chunks_exact(HIDDEN_DIM).flat_map(unit).collect()))
    }
}

#[test]
fn what_all_texts_have_in_common_makes_no_difference() {
    let (posts, params) = (Hidden::posts(0), DistillParams::default());
    let raised = distill(&Raised, &Hidden::tokenizer(), &posts, &params, &mut |_, _| {}).unwrap();
    let (found, plain) = (mistake(&raised, &posts), mistake(&hidden(&posts, &params), &posts));
    assert!(found < plain + 0.01, "{found} {plain}");
}

#[test]
fn a_high_penalty_keeps_the_distilled_rows() {
    let posts = Hidden::posts(0);
    let params = DistillParams::default().with_fit_penalty(1e6);
    let (kept, distilled) = (hidden(&posts, &params), hidden(&posts, &params.with_fit_posts(0)));
    // Directions differ, and with them the numbers, but not the angles.
    for pair in posts.windows(2) {
        let (a, b) = (pair[0].as_str(), pair[1].as_str());
        assert!((cosine(&kept, a, b) - cosine(&distilled, a, b)).abs() < 1e-4, "{a}, {b}");
    }
}

#[test]
fn posts_that_say_nothing_change_nothing() {
    let bytes = |posts: &[&str], params: &DistillParams| {
        let tokenizer = Hidden::tokenizer();
        distill(&Hidden, &tokenizer, posts, params, &mut |_, _| {}).unwrap().write().unwrap()
    };
    let fitted = DistillParams::default();
    let plain = bytes(&[], &unfitted());
    for posts in [&[][..], &["", " \n"], &["unknown", "\u{0}"]] {
        assert_eq!(bytes(posts, &fitted), plain, "{posts:?}");
    }
    // A row that is in no text stays, up to the directions.
    let posts = ["w1 w2", "unknown\nw3 w4", "w5", ""];
    let table = |params| distill(&Hidden, &Hidden::tokenizer(), posts, params, &mut |_, _| {});
    let (with, without) = (table(&fitted).unwrap(), table(&unfitted()).unwrap());
    assert!((cosine(&with, "w6", "w7") - cosine(&without, "w6", "w7")).abs() < 1e-4);
    assert!((cosine(&with, "w1", "w3") - cosine(&without, "w1", "w3")).abs() > 1e-3);
}

#[test]
fn only_the_first_tokens_of_a_text_are_fitted() {
    // The encoder of whole texts is the same; the words after the second get no blame.
    let posts = Hidden::posts(0);
    let params = DistillParams::default();
    let subwords = Subwords::from_json(TOKENIZER, &Hidden::tokenizer()).unwrap();
    let tokens: Vec<u32> = (0..HIDDEN as u32).collect();
    let found = text_shares(&subwords, &tokens, &["w3 w1 ? w3 w2", "?"], 4);
    let third = 1.0 / 3.0;
    assert_eq!(found[0].columns(), [1, 3]);
    assert_eq!(found[0].weights(), [third, 2.0 * third]);
    assert!(found[1].columns().is_empty());
    let (all, two) = (hidden(&posts, &params), hidden(&posts, &params.clone().with_fit_tokens(2)));
    assert!(mistake(&two, &posts) > mistake(&all, &posts));
}

#[test]
fn titles_and_posts_are_texts_once() {
    let posts = ["one\ntwo", "  \n", "three", "one", " four \r\nfive"].map(String::from);
    assert_eq!(texts(&posts), ["one", "four", "three", "one\ntwo", "four \r\nfive"]);
}
