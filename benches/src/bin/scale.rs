//! What more communities cost, and one large one: in learning, on disk, in opening, in answering.

#![allow(clippy::print_stdout)]

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use clap::{Args, Parser, Subcommand};
use hashrec::{Config, Learner, Post, RankerSource, Recommender, Request, Trainer};
use hashrec_benches::{MadeUp, Percentiles, Timer, peak_rss_mib, process_cpu, rss_mib};
use hashrec_examples::exit;
use serde::{Deserialize, Serialize};

/// Rounds over the posts that are asked for, of which the first doesn't count.
const ROUNDS: usize = 5;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Makes up communities, learns and serves them, each in a process of its own, and prints a table.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    step: Option<Step>,
    /// Numbers of communities, a row of the table each.
    #[arg(long, value_delimiter = ',', default_value = "10,100,1000,10000")]
    communities: Vec<usize>,
    #[command(flatten)]
    shape: Shape,
    /// A folder for the bundles, which are deleted afterwards.
    #[arg(long, default_value = "target/scale")]
    out: PathBuf,
    /// Leaves the bundles there.
    #[arg(long)]
    keep: bool,
}

/// What the communities are like, and what is done with them.
#[derive(Args, Clone)]
struct Shape {
    /// Posts of each community.
    #[arg(long, default_value_t = 25)]
    posts: usize,
    /// Hashtags of each community.
    #[arg(long, default_value_t = 50)]
    hashtags: usize,
    /// Words of each post.
    #[arg(long, default_value_t = 60)]
    words: usize,
    /// Another seed makes up other posts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Trains with `Trainer` and this `ranker_source`, such as `posts`, in place of `Learner`.
    #[arg(long)]
    ranker: Option<String>,
    /// How many communities are asked.
    #[arg(long, default_value_t = 100)]
    asked: usize,
    /// How many new posts of each.
    #[arg(long, default_value_t = 10)]
    new: usize,
}

#[derive(Subcommand)]
enum Step {
    /// Learns, and saves a bundle; prints its figures as JSON.
    Learn(One),
    /// Loads a bundle and asks it; prints its figures as JSON.
    Serve(One),
}

#[derive(Args)]
struct One {
    /// How many communities.
    #[arg(long)]
    count: usize,
    /// The bundle.
    #[arg(long)]
    bundle: PathBuf,
    #[command(flatten)]
    shape: Shape,
}

#[derive(Serialize, Deserialize)]
struct Learned {
    cpu_s: Option<f64>,
    wall_s: f64,
    /// Before learning: the posts, mostly.
    posts_mib: Option<f64>,
    peak_mib: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct Served {
    load_ms: f64,
    /// On the processor, where it tells: for each answer.
    answer_ms: Option<Percentiles>,
    rss_mib: Option<f64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit(match &arguments.step {
        None => table(&arguments),
        Some(Step::Learn(one)) => learn(one).and_then(|learned| say(&learned)),
        Some(Step::Serve(one)) => serve(one).and_then(|served| say(&served)),
    })
}

fn say(figures: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(figures)?);
    Ok(())
}

fn table(arguments: &Arguments) -> Result<()> {
    println!(
        "| communities | posts of each | CPU s | posts in memory, MiB | peak, MiB | on disk, KB a \
         community | load, ms | p50, ms | p99, ms | serving, MiB |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for &count in &arguments.communities {
        let bundle = arguments.out.join(format!("{count}x{}", arguments.shape.posts));
        let learned: Learned = step("learn", count, &bundle, &arguments.shape)?;
        let served: Served = step("serve", count, &bundle, &arguments.shape)?;
        let kb = size(&bundle)? as f64 / 1e3 / count.max(1) as f64;
        let (p50, p99) = served.answer_ms.map_or((None, None), |ms| (Some(ms.p50), Some(ms.p99)));
        println!(
            "| {count} | {} | {} | {} | {} | {kb:.1} | {:.1} | {} | {} | {} |",
            arguments.shape.posts,
            show(learned.cpu_s, 2),
            show(learned.posts_mib, 0),
            show(learned.peak_mib, 0),
            served.load_ms,
            show(p50, 3),
            show(p99, 3),
            show(served.rss_mib, 0),
        );
        if !arguments.keep {
            fs::remove_dir_all(&bundle)?;
        }
    }
    Ok(())
}

fn show(value: Option<f64>, digits: usize) -> String {
    value.map_or("?".to_owned(), |value| format!("{value:.digits$}"))
}

/// Runs a step in a process of its own, whose memory is that of the step.
fn step<T: for<'a> Deserialize<'a>>(
    step: &str,
    count: usize,
    bundle: &Path,
    shape: &Shape,
) -> Result<T> {
    let mut command = Command::new(env::current_exe()?);
    command.arg(step).arg("--count").arg(count.to_string()).arg("--bundle").arg(bundle);
    let Shape { posts, hashtags, words, seed, ranker, asked, new } = shape;
    let numbers = [
        ("--posts", *posts as u64),
        ("--hashtags", *hashtags as u64),
        ("--words", *words as u64),
        ("--seed", *seed),
        ("--asked", *asked as u64),
        ("--new", *new as u64),
    ];
    for (name, number) in numbers {
        command.arg(name).arg(number.to_string());
    }
    if let Some(ranker) = ranker {
        command.arg("--ranker").arg(ranker);
    }
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{step} of {count} communities failed: {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn made_up(one: &One) -> MadeUp {
    let Shape { posts, hashtags, words, seed, .. } = one.shape;
    MadeUp { communities: one.count, posts, hashtags, words, seed }
}

fn learn(one: &One) -> Result<Learned> {
    let posts = made_up(one).posts();
    let posts_mib = rss_mib();
    let (before, start) = (process_cpu(), Instant::now());
    let recommender = recommender(one, &posts)?;
    let cpu = before.zip(process_cpu()).map(|(before, after)| after.saturating_sub(before));
    let wall_s = start.elapsed().as_secs_f64();
    recommender.save(&one.bundle)?;
    let cpu_s = cpu.as_ref().map(Duration::as_secs_f64);
    Ok(Learned { cpu_s, wall_s, posts_mib, peak_mib: peak_rss_mib() })
}

fn recommender(one: &One, posts: &[Post]) -> Result<Recommender> {
    let Some(source) = &one.shape.ranker else {
        return Ok(Learner::new(Config::default())?.learn(posts)?.0);
    };
    let source: RankerSource = serde_json::from_value(source.as_str().into())?;
    let config = Config::default().with_ranker_source(source);
    Ok(Trainer::new(config)?.train(posts)?.0)
}

fn serve(one: &One) -> Result<Served> {
    let start = Instant::now();
    let recommender = Recommender::load(&one.bundle)?;
    let load_ms = start.elapsed().as_secs_f64() * 1e3;

    let (made_up, shape) = (made_up(one), &one.shape);
    let step = one.count.checked_div(shape.asked).unwrap_or(1).max(1);
    let asked = (0..one.count).step_by(step).take(shape.asked);
    let news = 0..shape.new;
    let posts: Vec<Post> = asked
        .flat_map(|community| news.clone().map(move |number| (community, shape.posts + number)))
        .map(|(community, number)| made_up.post(community, number))
        .collect();
    let mut timer = Timer::default();
    for round in 0..ROUNDS {
        if round == 1 {
            timer = Timer::default();
        }
        for post in &posts {
            let mut request = Request::new(&post.community, &post.text).with_k(10);
            request.created_at = post.created_at;
            timer.time(|| recommender.recommend_for(&request))?;
        }
    }
    let timings = timer.timings();
    let answer_ms = timings.cpu_ms.or(timings.wall_ms);
    Ok(Served { load_ms, answer_ms, rss_mib: rss_mib() })
}

/// The bytes of a folder's files.
fn size(folder: &Path) -> Result<u64> {
    let lengths = fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len()));
    lengths.sum::<Result<u64>>()
}
