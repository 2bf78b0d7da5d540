//! The forest against predictions of LightGBM's Python package (`golden/make_golden.py`).

use hashrec_ranker::{
    Forest,
    ndarray::{ArrayView2, Axis},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    model: String,
    features: usize,
    rows: Vec<u32>,
    raw: Vec<u64>,
    predicted: Vec<u64>,
}

/// Largest difference allowed, relative where values are large.
const TOLERANCE: f64 = 1e-12;

fn cases() -> Vec<(String, Case)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| {
            let case = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), case)
        })
        .collect();
    cases.sort_by(|a: &(String, Case), b| a.0.cmp(&b.0));
    cases
}

fn compare(name: &str, what: &str, scores: &[f64], expected: &[u64]) {
    assert_eq!(scores.len(), expected.len());
    for (row, (&score, &bits)) in scores.iter().zip(expected).enumerate() {
        let expected = f64::from_bits(bits);
        let difference = (score - expected).abs() / expected.abs().max(1.0);
        assert!(difference <= TOLERANCE, "{name}, {what}, row {row}: {score} for {expected}");
    }
}

fn matrix(rows: &[f32], features: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((rows.len() / features, features), rows).unwrap()
}

#[test]
fn agrees_with_lightgbm() {
    let cases = cases();
    assert!(cases.len() >= 13, "only {} golden files", cases.len());
    for (name, case) in cases {
        let forest = Forest::from_lightgbm(&case.model).unwrap_or_else(|e| panic!("{name}: {e}"));
        let reread = Forest::read(forest.write().unwrap().into()).unwrap();
        let rows: Vec<f32> = case.rows.iter().map(|&bits| f32::from_bits(bits)).collect();
        for forest in [forest, reread] {
            let mut scores = vec![f64::NAN; case.raw.len()];
            forest.predict(matrix(&rows, case.features), &mut scores).unwrap();
            compare(&name, "raw", &scores, &case.raw);
            forest.transform(&mut scores);
            compare(&name, "predicted", &scores, &case.predicted);
        }
    }
}

#[test]
fn a_row_scores_the_same_alone_and_in_any_batch() {
    for (name, case) in cases() {
        let forest = Forest::from_lightgbm(&case.model).unwrap();
        let rows: Vec<f32> = case.rows.iter().map(|&bits| f32::from_bits(bits)).collect();
        let mut together = vec![0.0; case.raw.len()];
        let rows = matrix(&rows, case.features);
        forest.predict(rows, &mut together).unwrap();
        for size in [1, 3, 7, 8, 9, 16, 23] {
            for (rows, together) in rows.axis_chunks_iter(Axis(0), size).zip(together.chunks(size))
            {
                let mut scores = vec![0.0; together.len()];
                forest.predict(rows, &mut scores).unwrap();
                assert_eq!(scores, together, "{name}, batches of {size}");
            }
        }
    }
}

#[test]
fn rows_in_any_layout_score_the_same() {
    let (_, case) = cases().into_iter().find(|(name, _)| name == "categorical").unwrap();
    let forest = Forest::from_lightgbm(&case.model).unwrap();
    let rows: Vec<f32> = case.rows.iter().map(|&bits| f32::from_bits(bits)).collect();
    let rows = matrix(&rows, case.features);
    let mut columns_first = rows.t().as_standard_layout().into_owned();
    columns_first.swap_axes(0, 1);
    let mut scores = vec![0.0; case.raw.len()];
    forest.predict(columns_first.view(), &mut scores).unwrap();
    compare("categorical", "columns first", &scores, &case.raw);
}

#[test]
fn the_golden_files_cover_what_they_are_meant_to() {
    let cases = cases();
    let has = |name: &str, text: &str| {
        let (_, case) = cases.iter().find(|(n, _)| n == name).unwrap();
        case.model.contains(text)
    };
    assert!(has("categorical", "cat_threshold="));
    assert!(has("one_leaf", "num_leaves=1\n"));
    assert!(has("average", "\naverage_output\n"));
    assert!(has("sigmoid", "sigmoid:1.7"));
    assert!(has("lambdarank", "objective=lambdarank"));
    let decisions: Vec<u8> = cases
        .iter()
        .flat_map(|(_, case)| case.model.lines())
        .filter_map(|line| line.strip_prefix("decision_type="))
        .flat_map(|values| values.split_ascii_whitespace().map(|v| v.parse().unwrap()))
        .collect();
    for missing in 0..3 {
        assert!(decisions.iter().any(|d| d >> 2 == missing), "missing type {missing}");
    }
    assert!(decisions.iter().any(|d| d & 2 == 0) && decisions.iter().any(|d| d & 2 != 0));
}
