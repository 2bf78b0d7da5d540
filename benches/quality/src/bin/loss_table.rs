//! Compares runs of `measure_classifier`: `loss_table RUNS.jsonl [BASE]`.
//!
//! Prints a table for each corpus: NDCG@10 over all posts, the macro mean, and by the number of a
//! community's training posts, each the mean over seeds; and, over the posts of communities with
//! under 200, the difference to the strategy BASE (`plain`) on the same posts and seeds with its 95 %
//! interval. The interval is a paired bootstrap over posts, stratified by community, of every
//! post's difference averaged over seeds.

use std::{collections::BTreeMap, fs};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

const RESAMPLES: usize = 10_000;
const SMALL: u64 = 200;
const BUCKETS: [&str; 5] = ["<50", "50-199", "200-999", ">=1000", "<200"];

/// The runs of one strategy on one corpus, by seed.
type Runs = BTreeMap<u64, Value>;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Every small community's posts: what `run` has more than `base`, averaged over common seeds.
fn differences(run: &Runs, base: &Runs) -> Result<(usize, Vec<Vec<f64>>), Failure> {
    let common: Vec<(&Value, &Value)> =
        run.iter().filter_map(|(seed, run)| Some((run, base.get(seed)?))).collect();
    let mut by_community: BTreeMap<u64, BTreeMap<usize, f64>> = BTreeMap::new();
    for (run, base) in &common {
        let posts = |run: &Value| run["posts"].as_array().cloned().ok_or("a run without posts");
        for (at, (a, b)) in posts(run)?.iter().zip(posts(base)?).enumerate() {
            let community = a[1].as_u64().filter(|_| a[0].as_u64().is_some_and(|n| n < SMALL));
            let Some(community) = community else { continue };
            let more = a[2].as_f64().unwrap_or(0.0) - b[2].as_f64().unwrap_or(0.0);
            let sum = by_community.entry(community).or_default().entry(at).or_default();
            *sum += more / common.len() as f64;
        }
    }
    let posts = by_community.into_values().map(|posts| posts.into_values().collect());
    Ok((common.len(), posts.collect()))
}

/// The mean over all posts and the middle 95 % of its bootstrap distribution.
fn interval(strata: &[Vec<f64>]) -> [f64; 3] {
    let count = strata.iter().map(Vec::len).sum::<usize>().max(1) as f64;
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let draw = |posts: &Vec<f64>| -> f64 {
                (0..posts.len()).map(|_| posts[random.random_range(0..posts.len())]).sum()
            };
            strata.iter().map(draw).sum::<f64>() / count
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let whole = strata.iter().flatten().sum::<f64>() / count;
    [whole, means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40]]
}

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: loss_table RUNS.jsonl [BASE]")?;
    let base = arguments.next().unwrap_or_else(|| "plain".into());
    let mut corpora: BTreeMap<String, BTreeMap<String, Runs>> = BTreeMap::new();
    for line in fs::read_to_string(path)?.lines() {
        let run: Value = serde_json::from_str(line)?;
        let text = |key: &str| run[key].as_str().unwrap_or_default().to_owned();
        let (corpus, name) = (text("corpus"), text("name"));
        let seed = run["seed"].as_u64().unwrap_or(0);
        corpora.entry(corpus).or_default().entry(name).or_default().insert(seed, run);
    }
    for (corpus, strategies) in &corpora {
        println!("\n{corpus}\n");
        println!(
            "| strategy | seeds | NDCG | macro | {} | <200 against {base} [95 %] | CPU s |",
            BUCKETS.join(" | ")
        );
        println!("|---|{}", "--:|".repeat(BUCKETS.len() + 5));
        for (name, runs) in strategies {
            let over = |value: &dyn Fn(&Value) -> Option<f64>| {
                mean(&runs.values().filter_map(value).collect::<Vec<f64>>())
            };
            let mut cells = vec![name.clone(), runs.len().to_string()];
            cells.push(format!("{:.4}", over(&|run| run["ndcg"].as_f64())));
            cells.push(format!("{:.4}", over(&|run| run["macro"].as_f64())));
            for bucket in BUCKETS {
                let (count, ndcg) = (
                    over(&|run| run["buckets"][bucket][0].as_f64()),
                    over(&|run| run["buckets"][bucket][1].as_f64()),
                );
                cells.push(if count > 0.0 { format!("{ndcg:.4}") } else { "–".into() });
            }
            cells.push(match strategies.get(&base) {
                Some(of_base) if *name != base => {
                    let (seeds, strata) = differences(runs, of_base)?;
                    let [whole, low, high] = interval(&strata);
                    format!("{whole:+.4} [{low:+.4}, {high:+.4}], {seeds} seeds")
                }
                _ => "–".into(),
            });
            cells.push(format!("{:.0}", over(&|run| run["cpu_seconds"].as_f64())));
            println!("| {} |", cells.join(" | "));
        }
    }
    Ok(())
}
