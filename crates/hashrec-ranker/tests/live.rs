//! Training with LightGBM itself: the forest against LightGBM on random models, and the checks of
//! the wrapper.

#![cfg(feature = "train")]

use std::ops::ControlFlow;

use hashrec_ranker::{
    Forest, Negatives, Objective, Ranker, RankerError, RankerParams, RankingRows,
    lightgbm::{Booster, Dataset, ImportanceKind, Params, Progress, Source},
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

fn go_on(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Random rows with missing values, zeros and columns of very different scale; the last column
/// holds categories.
fn table(rng: &mut Pcg64Mcg, rows: usize, columns: usize) -> Vec<f32> {
    (0..rows * columns)
        .map(|i| {
            let column = i % columns;
            match rng.random_range(0..10) {
                0 | 1 => f32::NAN,
                2 => 0.0,
                _ if column == columns - 1 => rng.random_range(0..40_u8).into(),
                _ => (rng.random::<f32>() - 0.5) * 10_f32.powi(column as i32 % 9 - 4),
            }
        })
        .collect()
}

fn labels(rng: &mut Pcg64Mcg, rows: &[f32], columns: usize) -> Vec<f32> {
    rows.chunks(columns)
        .map(|row| {
            let category = row[columns - 1];
            let chance = if row[0] > 0.0 { 0.7 } else { 0.2 }
                + if row[1].is_nan() { 0.2 } else { 0.0 }
                + if category as i32 % 3 == 0 { 0.1 } else { -0.1 };
            f32::from(u8::from(rng.random::<f64>() < chance))
        })
        .collect()
}

#[test]
fn agrees_with_lightgbm_on_random_forests() {
    for seed in 0..24_u64 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let (rows, columns) = (400, rng.random_range(2..12));
        let x = table(&mut rng, rows, columns);
        let y = labels(&mut rng, &x, columns);
        let params = Params::default()
            .with_leaves(rng.random_range(2..40))
            // From trees with leaves of single rows to trees that can't split at all.
            .with_min_rows_in_leaf([1, 5, 20, 190, 300][seed as usize % 5])
            .with_bagging_fraction(0.8)
            .with_bagging_every((seed % 2) as u32)
            .with_feature_fraction(if seed % 3 == 0 { 0.7 } else { 1.0 })
            .with_categorical(if seed % 2 == 0 { vec![columns as u32 - 1] } else { Vec::new() })
            .with_zero_as_missing(seed % 4 == 3)
            .with_use_missing(seed % 7 != 6)
            .with_by_columns(seed % 2 == 1)
            .with_objective(if seed % 3 == 2 { Objective::LambdaRank } else { Objective::Binary })
            .with_seed(seed as u32);
        let groups = vec![20; rows / 20];
        let source = Source::new(&x, columns, &y).with_groups(&groups);
        let mut booster =
            Booster::new(Dataset::new(&source, &params, None).unwrap(), &params).unwrap();
        booster.train(30, None, go_on).unwrap();
        let forest = Forest::from_lightgbm(&booster.model_text(None).unwrap()).unwrap();

        let mut asked = x.clone();
        asked.extend(table(&mut rng, 203, columns));
        asked.extend((0..columns * 20).map(|_| {
            [0.0, 1e-35, -1e-35, 1e-40, 1e30, -1e30, -0.5, 39.5, 40.0, f32::NAN]
                [rng.random_range(0..10)]
        }));
        let count = asked.len() / columns;
        let (mut ours, mut theirs) = (vec![0.0; count], vec![0.0; count]);
        let close = |ours: &[f64], theirs: &[f64]| {
            for (row, (a, b)) in ours.iter().zip(theirs).enumerate() {
                assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{seed}, {row}: {a} for {b}");
            }
        };
        forest.predict(&asked, columns, &mut ours).unwrap();
        booster.predict_raw(&asked, &mut theirs).unwrap();
        close(&ours, &theirs);
        forest.transform(&mut ours);
        booster.predict(&asked, &mut theirs).unwrap();
        close(&ours, &theirs);
    }
}

/// Ten candidates a post, one or two of them gold, told apart by the first feature, with noise.
fn posts(count: usize, params: &RankerParams) -> RankingRows {
    let names = ["hint", "noise", "missing"].map(str::to_owned).to_vec();
    let mut rows = RankingRows::for_params(names, params).with_schema_version(4);
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    for _ in 0..count {
        let gold: Vec<bool> = (0..10).map(|_| rng.random::<f64>() < 0.15).collect();
        let values: Vec<f32> = gold
            .iter()
            .flat_map(|&g| {
                let hint = f32::from(u8::from(g)) + rng.random::<f32>();
                let missing = if rng.random::<bool>() { f32::NAN } else { hint };
                [hint, rng.random::<f32>(), missing]
            })
            .collect();
        rows.push_post(&values, &gold).unwrap();
    }
    rows
}

fn small() -> RankerParams {
    RankerParams::default().with_trees(30).with_min_rows_in_leaf(5)
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
        ranker.score(&[0.2, 0.5, f32::NAN, 1.8, 0.5, 1.8, 0.9, 0.5, 0.9], &mut scores).unwrap();
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
    assert_ne!(bytes, train(&params.with_seed(2)).write().unwrap());
    let read = Ranker::read(bytes.into()).unwrap();
    assert_eq!(read.importance(), ranker.importance());
    assert_eq!(read.training(), ranker.training());
    let row = [0.3, 0.1, f32::NAN];
    let (mut a, mut b) = (Vec::new(), Vec::new());
    ranker.score(&row, &mut a).unwrap();
    read.score(&row, &mut b).unwrap();
    assert_eq!(a, b);
}

#[test]
fn negatives_drawn_late_give_the_same_ranker() {
    let params = RankerParams::paper()
        .with_trees(10)
        .with_negatives(Negatives::Random { per_positive: 2.0 });
    let early = posts(100, &params);
    let loose = RankerParams::default().with_objective(Objective::Binary);
    let mut late = RankingRows::new(early.feature_names().to_vec()).with_schema_version(4);
    // The same posts again, unselected: pushed from a table that kept all rows.
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    for _ in 0..100 {
        let gold: Vec<bool> = (0..10).map(|_| rng.random::<f64>() < 0.15).collect();
        let values: Vec<f32> = gold
            .iter()
            .flat_map(|&g| {
                let hint = f32::from(u8::from(g)) + rng.random::<f32>();
                let missing = if rng.random::<bool>() { f32::NAN } else { hint };
                [hint, rng.random::<f32>(), missing]
            })
            .collect();
        late.push_post(&values, &gold).unwrap();
    }
    assert_eq!(late.rows(), posts(100, &loose).rows());
    let a = Ranker::train(early, &params, go_on).unwrap();
    let b = Ranker::train(late, &params, go_on).unwrap();
    assert_eq!(a.write().unwrap(), b.write().unwrap());
}

#[test]
fn progress_sees_every_tree_and_can_cancel() {
    let params = small().with_validation_share(0.25);
    let mut seen = Vec::new();
    Ranker::train(posts(200, &params), &params, |p| {
        assert_eq!(p.of, 30);
        assert_eq!(p.evaluations.len(), 1);
        assert_eq!(p.evaluations[0].metric, "ndcg@10");
        assert!(p.evaluations[0].higher_is_better && p.evaluations[0].value > 0.5);
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
fn early_stopping_keeps_the_best_trees() {
    // Labels that are pure noise: validation gets worse soon.
    let mut rng = Pcg64Mcg::seed_from_u64(9);
    let mut part = |rows: usize| {
        let x: Vec<f32> = (0..rows * 4).map(|_| rng.random()).collect();
        let y: Vec<f32> = (0..rows).map(|_| f32::from(u8::from(rng.random::<bool>()))).collect();
        (x, y)
    };
    let (train, valid, other) = (part(300), part(300), part(100));
    let params = Params::default().with_min_rows_in_leaf(2).with_learning_rate(0.3);
    let data = |p: &(Vec<f32>, Vec<f32>), reference: Option<&Dataset>| {
        Dataset::new(&Source::new(&p.0, 4, &p.1), &params, reference).unwrap()
    };
    let first = data(&train, None);
    let (valid, other) = (data(&valid, Some(&first)), data(&other, Some(&first)));
    assert_eq!((valid.rows(), valid.columns()), (300, 4));
    let mut booster = Booster::new(first, &params).unwrap();
    booster.add_validation(valid).unwrap();
    booster.add_validation(other).unwrap();
    let training = booster.train(500, Some(10), go_on).unwrap();
    assert_eq!(training.trees, training.best + 10);
    assert_eq!(training.history.len(), training.trees);
    for evaluations in &training.history {
        let sets: Vec<usize> = evaluations.iter().map(|e| e.set).collect();
        assert_eq!(sets, [0, 1]);
        assert!(evaluations.iter().all(|e| e.metric == "binary_logloss" && !e.higher_is_better));
    }
    let best = training.history[training.best - 1][0].value;
    assert!(training.history.iter().all(|h| h[0].value >= best));
    let forest = Forest::from_lightgbm(&booster.model_text(Some(training.best)).unwrap()).unwrap();
    assert_eq!(forest.trees(), training.best);
    let splits = booster.importance(ImportanceKind::Splits, Some(training.best)).unwrap();
    assert_eq!(splits.iter().sum::<f64>() as usize, forest.leaves() - forest.trees());
}

#[test]
fn what_would_harm_lightgbm_never_reaches_it() {
    let x = [0.5_f32; 12];
    let y = [1.0_f32, 0.0, 1.0, 0.0];
    let binary = Params::default();
    let ranking = Params::default().with_objective(Objective::LambdaRank);
    let rows = |source: &Source<'_>, params: &Params| {
        matches!(Dataset::new(source, params, None), Err(RankerError::Rows { .. }))
    };
    let shape = |source: &Source<'_>, params: &Params| {
        matches!(Dataset::new(source, params, None), Err(RankerError::Shape { .. }))
    };
    assert!(shape(&Source::new(&x[..11], 3, &y), &binary));
    assert!(rows(&Source::new(&x, 0, &y), &binary));
    assert!(rows(&Source::new(&[], 3, &[]), &binary));
    for label in [f32::NAN, f32::INFINITY, 2.0, -1.0, 0.5] {
        assert!(rows(&Source::new(&x, 3, &[1.0, label, 0.0, 0.0]), &binary), "{label}");
    }
    for label in [f32::NAN, 31.0, -1.0, 0.5] {
        let y = [1.0, label, 0.0, 0.0];
        assert!(rows(&Source::new(&x, 3, &y).with_groups(&[4]), &ranking), "{label}");
    }
    let mut infinite = x;
    infinite[5] = f32::NEG_INFINITY;
    assert!(rows(&Source::new(&infinite, 3, &y), &binary));
    let source = Source::new(&x, 3, &y);
    assert!(rows(&source, &ranking));
    assert!(shape(&source.with_groups(&[2, 1]), &ranking));
    assert!(shape(&source.with_groups(&[u32::MAX; 3]), &ranking));
    assert!(rows(&source.with_groups(&[4, 0]), &ranking));
    assert!(shape(&source.with_weights(&[1.0; 3]), &binary));
    assert!(rows(&source.with_weights(&[1.0, f32::NAN, 1.0, 1.0]), &binary));
    assert!(shape(&source.with_names(&["a", "b"]), &binary));
    for names in [["a", "a", "b"], ["a", "b c", "d"], ["a", "", "b"], ["a", "b\0", "c"]] {
        assert!(rows(&source.with_names(&names), &binary), "{names:?}");
    }
    assert!(rows(&source, &binary.clone().with_categorical(vec![3])));
    assert!(rows(&source, &binary.clone().with_categorical(vec![1])));
    assert!(matches!(
        Dataset::new(&source, &binary.clone().with_leaves(1), None),
        Err(RankerError::Parameter { name: "leaves", .. })
    ));
    let large = vec![0.0; 10_001];
    let group = [10_001];
    assert!(rows(&Source::new(&large, 1, &large).with_groups(&group), &ranking));

    let data = || Dataset::new(&source, &binary, None).unwrap();
    assert!(matches!(Booster::new(data(), &ranking), Err(RankerError::Rows { .. })));
    let other = Dataset::new(&Source::new(&x, 1, &[1.0; 12]), &binary, None).unwrap();
    assert!(Dataset::new(&source, &binary, Some(&other)).is_err());
    let mut booster = Booster::new(data(), &binary).unwrap();
    assert!(matches!(booster.add_validation(other), Err(RankerError::Shape { .. })));
    assert!(booster.predict(&x[..5], &mut [0.0; 2]).is_err());
    booster.predict(&[], &mut []).unwrap();
}

#[test]
fn rows_that_teach_nothing_are_refused() {
    let names = || vec!["a".to_owned()];
    let params = RankerParams::default();
    let none = RankingRows::new(names());
    assert!(matches!(Ranker::train(none, &params, go_on), Err(RankerError::Rows { .. })));
    let mut all_gold = RankingRows::new(names());
    all_gold.push_post(&[1.0, 2.0], &[true, true]).unwrap();
    assert!(matches!(Ranker::train(all_gold, &params, go_on), Err(RankerError::Rows { .. })));
    let mut twice = RankingRows::new(vec!["a".into(), "a".into()]);
    twice.push_post(&[1.0, 2.0, 3.0, 4.0], &[true, false]).unwrap();
    assert!(matches!(Ranker::train(twice, &params, go_on), Err(RankerError::Rows { .. })));
    // Too few rows for any split: a ranker of one leaf, which scores all alike.
    let mut few = RankingRows::new(names());
    few.push_post(&[1.0, 2.0], &[true, false]).unwrap();
    let ranker = Ranker::train(few, &params, go_on).unwrap();
    let mut scores = Vec::new();
    ranker.score(&[1.0, 2.0], &mut scores).unwrap();
    assert_eq!(scores[0], scores[1]);
}
