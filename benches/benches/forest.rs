//! Scoring the candidates of one post with a forest of the default size.
//!
//! The peer is the obvious way: row by row, each tree a list of nodes that is followed from the
//! root to a leaf.

#![allow(missing_docs, clippy::print_stdout)]

use std::{error::Error, fmt::Write, hint::black_box, process::ExitCode};

use criterion::Criterion;
use hashrec_benches::Alternatives;
use hashrec_examples::exit;
use hashrec_ranker::{Forest, ndarray::Array2};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const ROWS: usize = 60;
const COLUMNS: usize = 100;
const TREES: usize = 300;
const LEAVES: usize = 63;

/// Negative children are leaves: −1 is leaf 0.
struct Split {
    column: usize,
    threshold: f64,
    children: [i32; 2],
}

struct Tree {
    splits: Vec<Split>,
    values: Vec<f64>,
}

impl Tree {
    /// Splits a random leaf until there are [`LEAVES`], which gives the lopsided trees that
    /// leaf-wise growth gives.
    fn random(rng: &mut Pcg64) -> Self {
        let mut splits: Vec<Split> = Vec::new();
        // Where each leaf hangs: split and side.
        let mut parents: Vec<(usize, usize)> = Vec::new();
        for new in 0..LEAVES - 1 {
            let old = rng.random_range(0..=new);
            if let Some(&(split, side)) = parents.get(old) {
                splits[split].children[side] = new as i32;
            }
            splits.push(Split {
                column: rng.random_range(0..COLUMNS),
                threshold: rng.random_range(0.1..0.9),
                children: [!(old as i32), !(new as i32 + 1)],
            });
            match parents.get_mut(old) {
                Some(parent) => *parent = (new, 0),
                None => parents.push((new, 0)),
            }
            parents.push((new, 1));
        }
        let values = (0..LEAVES).map(|_| rng.random_range(-0.1..0.1)).collect();
        Self { splits, values }
    }

    fn score(&self, row: &[f32]) -> f64 {
        let mut at = 0;
        while at >= 0 {
            let split = &self.splits[at as usize];
            let right = f64::from(row[split.column]) > split.threshold;
            at = split.children[usize::from(right)];
        }
        self.values[!at as usize]
    }

    /// The tree as LightGBM writes it.
    fn write(&self, number: usize, text: &mut String) -> std::fmt::Result {
        let list = |value: &dyn Fn(&Split) -> String| {
            self.splits.iter().map(value).collect::<Vec<_>>().join(" ")
        };
        let values: Vec<_> = self.values.iter().map(f64::to_string).collect();
        writeln!(text, "Tree={number}\nnum_leaves={LEAVES}\nnum_cat=0")?;
        writeln!(text, "split_feature={}", list(&|s| s.column.to_string()))?;
        writeln!(text, "threshold={}", list(&|s| s.threshold.to_string()))?;
        writeln!(text, "decision_type={}", list(&|_| "8".to_owned()))?;
        writeln!(text, "left_child={}", list(&|s| s.children[0].to_string()))?;
        writeln!(text, "right_child={}", list(&|s| s.children[1].to_string()))?;
        writeln!(text, "leaf_value={}\nis_linear=0\nshrinkage=1\n\n", values.join(" "))
    }
}

fn model_text(trees: &[Tree]) -> Result<String, std::fmt::Error> {
    let columns =
        |value: &dyn Fn(usize) -> String| (0..COLUMNS).map(value).collect::<Vec<_>>().join(" ");
    let mut text = format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n\
         max_feature_idx={}\nobjective=binary sigmoid:1\nfeature_names={}\nfeature_infos={}\n\n",
        COLUMNS - 1,
        columns(&|column| format!("c{column}")),
        columns(&|_| "[0:1]".to_owned()),
    );
    for (number, tree) in trees.iter().enumerate() {
        tree.write(number, &mut text)?;
    }
    text.push_str("end of trees\n");
    Ok(text)
}

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut rng = Pcg64::seed_from_u64(1);
    let trees: Vec<Tree> = (0..TREES).map(|_| Tree::random(&mut rng)).collect();
    let rows = Array2::from_shape_simple_fn((ROWS, COLUMNS), || rng.random::<f32>());
    let forest = Forest::from_lightgbm(&model_text(&trees)?)?;

    let mut scores = vec![0.0; ROWS];
    let mut ours = || {
        let rows = black_box(&rows).view();
        if let Err(error) = forest.predict(rows, black_box(&mut scores)) {
            unreachable!("the rows have the forest's shape: {error}");
        }
    };
    let mut peer_scores = vec![0.0; ROWS];
    let mut peer = || {
        for (row, score) in black_box(&rows).rows().into_iter().zip(&mut peer_scores) {
            let row = row.to_slice().unwrap_or_default();
            *score = trees.iter().map(|tree| tree.score(row)).sum();
        }
        black_box(&peer_scores);
    };

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group(format!("forest/{ROWS} rows, {TREES} trees"));
    group.bench_function("hashrec", |bencher| bencher.iter(&mut ours));
    group.bench_function("row by row", |bencher| bencher.iter(&mut peer));
    group.finish();
    if std::env::args().any(|argument| argument == "--bench") {
        let turns =
            Alternatives::default().with("hashrec", &mut ours).with("row by row", &mut peer);
        println!("\n{ROWS} rows through {TREES} trees, in turn\n{}", turns.compare(101));
    }
    criterion.final_summary();

    // One of them could be fast by being wrong.
    let differ = scores.iter().zip(&peer_scores).any(|(a, b)| (a - b).abs() > 1e-9);
    if differ { Err("the two ways give different scores".into()) } else { Ok(()) }
}
