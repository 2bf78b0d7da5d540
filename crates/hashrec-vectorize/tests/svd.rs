//! Compared with scikit-learn's TF-IDF and exact truncated decomposition.
#![cfg(feature = "train")]

use std::collections::BTreeMap;

use hashrec_tokenize::Tokens;
use hashrec_vectorize::{TfIdfSvd, TfIdfSvdParams, Vectorizer, word_feature};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    posts: Vec<Vec<String>>,
    singular_values: Vec<f64>,
    explained_variance_ratio: Vec<f64>,
    loadings: BTreeMap<String, Vec<f64>>,
    vectors: Vec<Vec<f64>>,
}

const TOLERANCE: f64 = 2e-5;

fn near(found: &[f32], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (f, e) in found.iter().zip(expected) {
        assert!((f64::from(*f) - e).abs() < TOLERANCE, "{what}: {f}, scikit-learn: {e}");
    }
}

#[test]
fn agrees_with_scikit_learn() {
    let golden: Golden = serde_json::from_str(include_str!("golden/svd.json")).unwrap();
    let posts: Vec<Tokens> = golden
        .posts
        .iter()
        .map(|words| {
            let mut tokens = Tokens::default();
            words.iter().for_each(|word| tokens.push(word, 0..0));
            tokens
        })
        .collect();
    let dim = golden.singular_values.len();
    let params = TfIdfSvdParams::default().with_dim(dim).with_iterations(30);
    let svd = TfIdfSvd::fit(&posts, &params).unwrap();

    near(svd.singular_values(), &golden.singular_values, "singular values");
    near(svd.explained_variance_ratio(), &golden.explained_variance_ratio, "explained variance");

    assert_eq!(svd.tfidf().dim(), golden.loadings.len());
    let column = |word: &str| {
        let mut vector = Default::default();
        svd.tfidf().transform(&[word_feature(word)], &mut vector);
        vector.columns()[0]
    };
    // Each side points its components where its own largest loading is positive; up to that, they
    // must be the same.
    let signs: Vec<f64> = (0..dim)
        .map(|k| {
            let product: f64 = (golden.loadings.iter())
                .map(|(word, expected)| f64::from(svd.loadings(column(word))[k]) * expected[k])
                .sum();
            product.signum()
        })
        .collect();
    let signed = |values: &[f64]| -> Vec<f64> {
        values.iter().zip(&signs).map(|(value, sign)| value * sign).collect()
    };
    for (word, expected) in &golden.loadings {
        near(svd.loadings(column(word)), &signed(expected), word);
    }
    for (post, expected) in posts.iter().zip(&golden.vectors) {
        let mut vector = vec![0.0; svd.dim()];
        svd.vectorize(post, &mut vector);
        near(&vector, &signed(expected), "vector");
    }
}
