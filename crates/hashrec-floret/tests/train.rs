//! What training promises.

#![cfg(feature = "train")]

use std::ops::ControlFlow;

use hashrec_floret::{FloretError, FloretParams, FloretProgress, FloretTable, Model, train};

/// Two topics whose words never meet, in random order.
fn sentences() -> Vec<Vec<&'static str>> {
    let topics = [
        ["酵母", "小麦粉", "オーブン", "発酵", "生地", "パン"],
        ["テント", "焚き火", "寝袋", "山道", "ランタン", "キャンプ"],
    ];
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize
    };
    (0..1200).map(|i| (0..8).map(|_| topics[i % 2][random() % 6]).collect()).collect()
}

fn params() -> FloretParams {
    FloretParams::default()
        .with_dim(20)
        .with_bucket(400)
        .with_subsample(0.0)
        .with_epochs(8)
        .with_seed(3)
}

fn learn(params: &FloretParams) -> FloretTable {
    train(sentences(), params, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn cosine(table: &FloretTable, a: &str, b: &str) -> f32 {
    let (a, b) = (table.mean_vector([a]), table.mean_vector([b]));
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}

#[test]
fn words_that_are_used_alike_come_to_lie_together() {
    for model in [Model::SkipGram, Model::Cbow] {
        for threads in [1, 3] {
            let table = learn(&params().with_model(model).with_threads(threads));
            let same = cosine(&table, "酵母", "発酵").min(cosine(&table, "テント", "寝袋"));
            let other = cosine(&table, "酵母", "寝袋").max(cosine(&table, "テント", "発酵"));
            assert!(same > other + 0.3, "{model:?}, {threads} threads: {same} {other}");
        }
    }
}

#[test]
fn the_same_seed_and_threads_give_the_same_bytes() {
    for threads in [1, 2, 5] {
        let params = params().with_epochs(2).with_threads(threads);
        let bytes = learn(&params).write().unwrap();
        assert_eq!(bytes, learn(&params).write().unwrap(), "{threads} threads");
    }
}

#[test]
fn another_seed_gives_another_table_that_has_learned_the_same() {
    let (first, second) = (learn(&params()), learn(&params().with_seed(4)));
    assert_ne!(first, second);
    for (a, b) in [("酵母", "発酵"), ("テント", "寝袋"), ("酵母", "寝袋")] {
        let difference = cosine(&first, a, b) - cosine(&second, a, b);
        assert!(difference.abs() < 0.3, "{a}, {b}: {difference}");
    }
}

#[test]
fn more_threads_than_sentences_are_fine() {
    let text = ["a b a b a", "b a b"].map(|s| s.split(' '));
    let params = params().with_threads(16);
    let table = train(text, &params, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(table.dim(), 20);
}

#[test]
fn progress_goes_from_start_to_end_and_the_loss_falls() {
    let mut reports: Vec<FloretProgress> = Vec::new();
    let params = params().with_epochs(12);
    let _ = train(sentences(), &params, &mut |progress| {
        reports.push(progress);
        ControlFlow::Continue(())
    });
    let (first, last) = (reports[0], reports[reports.len() - 1]);
    assert_eq!((last.tokens, last.total), (12 * 9600, 12 * 9600));
    assert_eq!((first.epoch, last.epoch, last.epochs), (1, 12, 12));
    assert!(last.loss < first.loss && last.learning_rate == 0.0, "{first:?} {last:?}");
    assert!(reports.windows(2).all(|w| w[0].tokens < w[1].tokens));
}

#[test]
fn many_threads_learn_as_much_as_one() {
    let last_loss = |threads| {
        let mut loss = f64::NAN;
        let params = params().with_threads(threads);
        train(sentences(), &params, &mut |progress| {
            loss = progress.loss;
            ControlFlow::Continue(())
        })
        .unwrap();
        loss
    };
    let one = last_loss(1);
    for threads in [4, 16] {
        let many = last_loss(threads);
        assert!((many - one).abs() < 0.1 * one, "{threads}: {many}, 1: {one}");
    }
}

#[test]
fn training_can_be_cancelled() {
    for threads in [1, 2] {
        let params = params().with_threads(threads);
        let result = train(sentences(), &params, &mut |_| ControlFlow::Break(()));
        assert!(matches!(result, Err(FloretError::Cancelled { tokens: 1.., .. })));
    }
}

#[test]
fn bad_parameters_and_empty_text_are_typed_errors() {
    let go = |params: &FloretParams, text: &[&str]| {
        let text: Vec<_> = text.iter().map(|s| s.split_whitespace()).collect();
        train(text, params, &mut |_| ControlFlow::Continue(())).unwrap_err()
    };
    let error = go(&params().with_dim(0), &["a a b b"]);
    assert!(matches!(error, FloretError::Parameter { name: "dim", .. }));
    assert!(matches!(go(&params(), &[]), FloretError::TooLittleText { .. }));
    assert!(matches!(go(&params(), &["a a a"]), FloretError::TooLittleText { .. }));
}

#[test]
fn a_wild_learning_rate_is_an_error_or_a_finite_table() {
    let params = params().with_learning_rate(10.0).with_epochs(3).with_dim(2).with_bucket(1);
    match train(sentences(), &params, &mut |_| ControlFlow::Continue(())) {
        Ok(table) => assert!(table.mean_vector(["酵母"]).iter().all(|v| v.is_finite())),
        Err(error) => assert!(matches!(error, FloretError::Diverged { .. }), "{error}"),
    }
}
