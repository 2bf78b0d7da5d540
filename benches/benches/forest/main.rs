//! Scoring the candidates of one post: with the built-in ranker's forest beside LightGBM's own
//! prediction, and with random trees of the default size beside the obvious way.

#![allow(missing_docs, clippy::print_stdout)]

mod built_in;
mod random;

use std::{error::Error, hint::black_box, process::ExitCode};

use criterion::Criterion;
use hashrec_benches::Alternatives;
use hashrec_examples::exit;
use hashrec_ranker::{
    Forest, ForestScratch, Ranker,
    ndarray::{Array2, ArrayView2},
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// The candidates of a post.
const ROWS: usize = 60;
/// Posts that take turns: with one alone, LightGBM's branches would be learned by heart.
const POSTS: usize = 32;
const ROUNDS: usize = 101;

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    built_in(&mut criterion)?;
    random(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// Times both ways, one after the other and then in turn.
fn race(
    criterion: &mut Criterion,
    title: &str,
    ours: &mut dyn FnMut(),
    (peer_name, peer): (&str, &mut dyn FnMut()),
) {
    let mut group = criterion.benchmark_group(format!("forest/{title}"));
    group.bench_function("hashrec", |bencher| bencher.iter(&mut *ours));
    group.bench_function(peer_name, |bencher| bencher.iter(&mut *peer));
    group.finish();
    if std::env::args().any(|argument| argument == "--bench") {
        let turns = Alternatives::default().with("hashrec", ours).with(peer_name, peer);
        println!("\n{title}, in turn\n{}", turns.compare(ROUNDS));
    }
}

/// One of them could be fast by being wrong.
fn agree(ours: &[f64], theirs: &[f64]) -> Result<(), Box<dyn Error>> {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9;
    let agree = ours.len() == theirs.len() && ours.iter().zip(theirs).all(near);
    if agree { Ok(()) } else { Err("the two ways give different scores".into()) }
}

fn score(forest: &Forest, rows: ArrayView2<'_, f32>, scratch: &mut ForestScratch, out: &mut [f64]) {
    if let Err(error) = forest.predict_with(rows, scratch, out) {
        unreachable!("the rows have the forest's shape: {error}");
    }
}

/// Candidates of several posts with the built-in ranker.
fn built_in(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let ranker = Ranker::built_in()?;
    let forest = ranker.forest();
    let (text, thresholds) = built_in::read(&ranker)?;
    let lightgbm = lightgbm3::Booster::from_string(&text)?;
    let mut rng = Pcg64::seed_from_u64(1);
    let posts: Vec<_> = (0..POSTS).map(|_| built_in::rows(&mut rng, ROWS, &thresholds)).collect();

    let predict = |rows: &Array2<f32>| {
        let values = rows.as_slice().unwrap_or_default();
        lightgbm.raw_scores_with_params(values, rows.ncols() as i32, true, "num_threads=1")
    };
    let (mut scratch, mut scores) = (ForestScratch::default(), vec![0.0; ROWS]);
    for rows in &posts {
        score(forest, rows.view(), &mut scratch, &mut scores);
        agree(&scores, &predict(rows)?)?;
    }
    let mut ours = || {
        for rows in black_box(&posts) {
            score(forest, rows.view(), &mut scratch, black_box(&mut scores));
        }
    };
    let mut peer = || {
        for rows in black_box(&posts) {
            // That it succeeds is known from above.
            black_box(predict(rows).ok());
        }
    };
    let title = format!("{POSTS} posts of {ROWS} rows, {} built-in trees", forest.trees());
    race(criterion, &title, &mut ours, ("LightGBM", &mut peer));
    Ok(())
}

/// Candidates of one post with random trees.
fn random(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let trees = random::trees();
    let forest = Forest::from_lightgbm(&random::model_text(&trees)?)?;
    let mut rng = Pcg64::seed_from_u64(2);
    let rows = Array2::from_shape_simple_fn((ROWS, random::COLUMNS), || rng.random::<f32>());

    let (mut scratch, mut scores) = (ForestScratch::default(), vec![0.0; ROWS]);
    let mut ours = || score(&forest, black_box(&rows).view(), &mut scratch, black_box(&mut scores));
    let mut peer_scores = vec![0.0; ROWS];
    let mut peer = || {
        for (row, score) in black_box(&rows).rows().into_iter().zip(&mut peer_scores) {
            let row = row.to_slice().unwrap_or_default();
            *score = trees.iter().map(|tree| tree.score(row)).sum();
        }
        black_box(&peer_scores);
    };
    ours();
    peer();
    let title = format!("{ROWS} rows, {} random trees", random::TREES);
    race(criterion, &title, &mut ours, ("row by row", &mut peer));
    agree(&scores, &peer_scores)
}
