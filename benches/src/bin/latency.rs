//! How long one recommendation takes: from raw text, on one thread, with a trained bundle.

#![allow(clippy::print_stdout)]

use std::{collections::BTreeMap, error::Error, path::PathBuf, process::ExitCode, time::Instant};

use clap::Parser;
use hashrec::{Post, Recommender, Request};
use hashrec_benches::{Percentiles, Timer, Timings, evenly_spaced, peak_rss_mib};
use hashrec_examples::{exit, read_posts};
use serde::Serialize;

/// Calls before the clock runs: they map the bundle's pages and fill the caches.
const WARM_UP: usize = 20;

/// Times recommendations for evenly spaced posts of a file, one by one on one thread.
#[derive(Parser)]
struct Arguments {
    /// The bundle.
    #[arg(long)]
    bundle: PathBuf,
    /// Posts of communities that the bundle knows.
    #[arg(long)]
    posts: PathBuf,
    /// How many posts.
    #[arg(long, default_value_t = 500)]
    count: usize,
    /// How many hashtags a post.
    #[arg(long, default_value_t = 10)]
    k: usize,
    /// Where to write the figures as JSON, under the name of the bundle's folder.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// The figures of one bundle.
#[derive(Serialize)]
struct Figures {
    #[serde(flatten)]
    timings: Timings,
    /// From the bundle's path to a recommender that is ready.
    load_ms: f64,
    /// Of the whole process, the posts' file included.
    peak_rss_mib: Option<f64>,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let recommender = Recommender::load(&arguments.bundle)?;
    let load_ms = start.elapsed().as_secs_f64() * 1e3;

    let posts = read_posts(&arguments.posts)?;
    let posts = evenly_spaced(&posts, arguments.count);
    let request = |post: &Post| {
        let mut request = Request::new(&post.community, &post.text).with_k(arguments.k);
        request.created_at = post.created_at;
        request
    };
    for post in posts.iter().take(WARM_UP) {
        recommender.recommend_for(&request(post))?;
    }
    let mut timer = Timer::default();
    for post in posts {
        timer.time(|| recommender.recommend_for(&request(post)))?;
    }

    let figures = Figures { timings: timer.timings(), load_ms, peak_rss_mib: peak_rss_mib() };
    let name = name(&arguments.bundle);
    print(&name, &figures);
    if let Some(path) = &arguments.json {
        let report = BTreeMap::from([(name, figures)]);
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

/// The name of the bundle's folder, also if the path ends in `..` or `/`.
fn name(bundle: &std::path::Path) -> String {
    let whole = bundle.canonicalize().unwrap_or_else(|_| bundle.to_owned());
    whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy().into_owned()
}

fn print(name: &str, figures: &Figures) {
    let show = |percentiles: Option<Percentiles>| match percentiles {
        Some(Percentiles { p50, p99 }) => format!("p50 {p50:.3} p99 {p99:.3} ms"),
        None => "unknown".to_owned(),
    };
    let Timings { calls, wall_ms, cpu_ms } = figures.timings;
    let (wall, cpu) = (show(wall_ms), show(cpu_ms));
    let memory = figures.peak_rss_mib.map_or("unknown".to_owned(), |mib| format!("{mib:.0} MiB"));
    println!(
        "{name}: {calls} posts, wall {wall}, CPU {cpu}, loaded in {:.0} ms, peak memory {memory}",
        figures.load_ms
    );
}
