//! Training with LightGBM: what a trained ranker has learned, and what is refused.

#![cfg(feature = "train")]

use std::ops::ControlFlow;

use hashrec_ranker::{
    Objective, Ranker, RankerError, RankerParams, RankingRows, TreeProgress,
    ndarray::{Array2, ArrayView2, array},
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

fn go_on(_: TreeProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Ten candidates per post, of which the first feature, with noise, tells the gold ones.
fn posts(count: usize, params: &RankerParams) -> RankingRows {
    let names = ["hint", "noise", "missing"].map(str::to_owned).to_vec();
    let mut rows = RankingRows::new(names, params).with_schema_version(4);
    for (values, gold) in candidates(count) {
        let values = ArrayView2::from_shape((10, 3), &values).unwrap();
        rows.push_post(values, &gold).unwrap();
    }
    rows
}

/// The rows of each post, and which are gold.
fn candidates(posts: usize) -> impl Iterator<Item = (Vec<f32>, Vec<bool>)> {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    (0..posts).map(move |_| {
        let gold: Vec<bool> = (0..10).map(|_| rng.random::<f64>() < 0.15).collect();
        let values: Vec<f32> = gold
            .iter()
            .flat_map(|&g| {
                let hint = f32::from(u8::from(g)) + rng.random::<f32>();
                let missing = if rng.random::<bool>() { f32::NAN } else { hint };
                [hint, rng.random::<f32>(), missing]
            })
            .collect();
        (values, gold)
    })
}

fn small() -> RankerParams {
    RankerParams::default().with_trees(30).with_min_rows_in_leaf(5)
}

/// The same rows with columns that have no value in any row between the others.
fn with_empty_columns(count: usize, params: &RankerParams) -> RankingRows {
    let names = ["empty_1", "hint", "noise", "empty_2", "empty_3", "missing"];
    let mut rows = RankingRows::new(names.map(str::to_owned).to_vec(), params);
    for (values, gold) in candidates(count) {
        let values: Vec<f32> = values
            .chunks(3)
            .flat_map(|row| [f32::NAN, row[0], row[1], f32::NAN, f32::NAN, row[2]])
            .collect();
        rows.push_post(ArrayView2::from_shape((10, 6), &values).unwrap(), &gold).unwrap();
    }
    rows
}

#[test]
fn columns_without_values_change_no_score_where_no_features_are_drawn() {
    for params in [small(), RankerParams::paper().with_trees(40).with_min_rows_in_leaf(5)] {
        // Where features are drawn for each tree, their number decides which are drawn.
        let params = params.with_feature_fraction(1.0);
        let plain = Ranker::train(posts(300, &params), &params, go_on).unwrap();
        let wide = Ranker::train(with_empty_columns(300, &params), &params, go_on).unwrap();
        let mut scores = [vec![0.0; 200], vec![0.0; 200]];
        let mut rng = Pcg64Mcg::seed_from_u64(8);
        let rows = Array2::from_shape_fn((200, 3), |_| 2.0 * rng.random::<f32>());
        let padded = Array2::from_shape_fn((200, 6), |(row, column)| match column {
            1 | 2 => rows[[row, column - 1]],
            5 => rows[[row, 2]],
            _ => f32::NAN,
        });
        plain.score(rows.view(), &mut scores[0]).unwrap();
        wide.score(padded.view(), &mut scores[1]).unwrap();
        assert!(scores[0].iter().any(|score| score != &scores[0][0]));
        assert_eq!(scores[0], scores[1]);
    }
}

#[test]
fn both_objectives_put_gold_first_and_say_what_they_learned_from() {
    let paper = RankerParams::paper().with_trees(40).with_min_rows_in_leaf(5);
    for params in [small(), paper] {
        let rows = posts(300, &params);
        let (all, skipped) = (rows.posts(), rows.skipped());
        assert_eq!(all + skipped, 300);
        assert!(skipped > 20);
        let ranker = Ranker::train(rows, &params, go_on).unwrap();
        let mut scores = vec![0.0; 9];
        let rows = array![[0.2, 0.5, f32::NAN], [1.8, 0.5, 1.8], [0.9, 0.5, 0.9]];
        ranker.score(rows.view(), &mut scores).unwrap();
        assert!(scores[1] > scores[0] && scores[1] > scores[2], "{scores:?}");
        if params.objective == Objective::Binary {
            assert!(scores.iter().all(|s| (0.0..=1.0).contains(s)));
        }
        let importance = ranker.importance();
        assert_eq!(importance.len(), 3);
        assert_eq!(importance[0].feature, "hint");
        assert!(importance[0].gain > importance[1].gain && importance[0].splits > 0);
        let training = ranker.training().unwrap();
        assert_eq!((training.posts, training.skipped_posts), (all, skipped));
        assert_eq!(training.trees, ranker.forest().trees());
        assert_eq!(training.validation.is_some(), params.validation_share > 0.0);
        assert_eq!(ranker.schema_version(), 4);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_survives_writing() {
    let params = small().with_validation_share(0.2).with_early_stopping(Some(5));
    let train = |params: &RankerParams| Ranker::train(posts(200, params), params, go_on).unwrap();
    let ranker = train(&params);
    let bytes = ranker.write().unwrap();
    assert_eq!(bytes, train(&params).write().unwrap());
    let read = Ranker::read(bytes.into()).unwrap();
    assert_eq!(read.importance(), ranker.importance());
    assert_eq!(read.training(), ranker.training());
    let row = array![[0.3, 0.1, f32::NAN]];
    let (mut a, mut b) = (Vec::new(), Vec::new());
    ranker.score(row.view(), &mut a).unwrap();
    read.score(row.view(), &mut b).unwrap();
    assert_eq!(a, b);
}

#[test]
fn progress_sees_every_tree_and_can_cancel() {
    let params = small().with_validation_share(0.25);
    let mut seen = Vec::new();
    Ranker::train(posts(200, &params), &params, |p| {
        assert_eq!(p.of, 30);
        assert!(p.validation.is_some_and(|ndcg| ndcg > 0.5 && ndcg <= 1.0));
        seen.push(p.trees);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, (1..=30).collect::<Vec<_>>());
    let cancelled = Ranker::train(posts(200, &params), &params, |p| {
        if p.trees == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(cancelled, Err(RankerError::Cancelled { trees: 7 })));
}

#[test]
fn rows_that_cannot_be_trained_on_are_refused() {
    let params = RankerParams::default();
    let train = |rows| Ranker::train(rows, &params, go_on);
    let none = RankingRows::new(vec!["a".to_owned()], &params);
    assert!(matches!(train(none), Err(RankerError::NoRows)));
    let mut twice = RankingRows::new(vec!["a".into(), "a".into()], &params);
    twice.push_post(array![[1.0, 2.0], [3.0, 4.0]].view(), &[true, false]).unwrap();
    assert!(matches!(train(twice), Err(RankerError::RepeatedFeature { name }) if name == "a"));
    let empty = RankingRows::new(Vec::new(), &params);
    assert!(matches!(train(empty), Err(RankerError::Shape { found: 0, .. })));
    let other = posts(20, &RankerParams::paper());
    assert!(matches!(train(other), Err(RankerError::OtherParameters)));
}

/// Every candidate is gold: no order is better than another.
#[test]
fn one_class_gives_a_ranker_that_tells_nothing_apart() {
    for objective in [Objective::LambdaRank, Objective::Binary] {
        for gold in [&[true][..], &[true; 3]] {
            let params = RankerParams::default().with_objective(objective);
            let mut rows = RankingRows::new(vec!["a".to_owned()], &params);
            rows.push_post(Array2::zeros((gold.len(), 1)).view(), gold).unwrap();
            let ranker = Ranker::train(rows, &params, go_on).unwrap();
            let ranker = Ranker::read(ranker.write().unwrap().into()).unwrap();
            let mut scores = Vec::new();
            ranker.score(array![[0.0], [f32::NAN], [9.0]].view(), &mut scores).unwrap();
            // The rule of succession: of one or three rows all were gold.
            let expected = match (objective, gold.len()) {
                (Objective::LambdaRank, _) => 0.0,
                (Objective::Binary, 1) => 2.0 / 3.0,
                (Objective::Binary, _) => 0.8,
            };
            assert!(scores.iter().all(|score| (score - expected).abs() < 1e-12), "{scores:?}");
            assert_eq!(ranker.training().unwrap().positives, gold.len());
        }
    }
}

#[test]
fn too_few_rows_for_a_split_give_a_ranker_of_one_leaf() {
    let params = RankerParams::default();
    let mut few = RankingRows::new(vec!["a".to_owned()], &params);
    few.push_post(array![[1.0], [2.0]].view(), &[true, false]).unwrap();
    let ranker = Ranker::train(few, &params, go_on).unwrap();
    assert_eq!((ranker.forest().trees(), ranker.forest().leaves()), (1, 1));
    let mut scores = Vec::new();
    ranker.score(array![[1.0], [2.0]].view(), &mut scores).unwrap();
    assert_eq!(scores[0], scores[1]);
}

#[test]
fn another_seed_gives_another_ranker_that_has_learned_the_same() {
    let params = small();
    let rankers = [1, 2].map(|seed| {
        let params = params.clone().with_seed(seed);
        Ranker::train(posts(300, &params), &params, go_on).unwrap()
    });
    let rows = Array2::from_shape_fn((20, 3), |(row, _)| row as f32 / 10.0);
    let scores = rankers.map(|ranker| {
        let mut scores = Vec::new();
        ranker.score(rows.view(), &mut scores).unwrap();
        assert!(scores[19] > scores[0] + 1.0, "{scores:?}");
        scores
    });
    assert_ne!(scores[0], scores[1]);
}
