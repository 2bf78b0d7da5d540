//! Makes a bundle from a file of posts in seconds, with a ranker that is trained already.

use std::{
    error::Error,
    fs,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Instant,
};

use clap::Parser;
use hashrec::{Learner, Ranker, Recommender};
use hashrec_examples::{Bars, Posts, Settings, exit, hold_out, read_notes, save, tell_merged};

/// Learns from posts without training a ranker, and saves a bundle.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    posts: Posts,
    /// The folder to write; an older bundle of that name is replaced whole.
    #[arg(long)]
    bundle: PathBuf,
    /// Hold out a fifth of the posts, by a hash of the id, and write them to this file.
    #[arg(long)]
    held_out: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// A ranker to use instead of the built-in one, as `benches/quality` makes it.
    #[arg(long)]
    ranker: Option<PathBuf>,
    /// A JSON file of what is known of hashtags beside their names, by community and hashtag:
    /// `{"knitting": {"heel": {"description": "", "aliases": [], "parents": []}}}`.
    #[arg(long)]
    notes: Option<PathBuf>,
    /// Threads; 0 is one a core.
    #[arg(long)]
    threads: Option<usize>,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    Recommender::check_target(&arguments.bundle)?;
    let mut config = arguments.settings.read()?;
    if let Some(threads) = arguments.threads {
        config = config.with_threads(threads);
    }
    let mut out = io::stdout().lock();
    let mut posts = arguments.posts.read(config.duplicates)?;
    if let Some(file) = &arguments.held_out {
        posts = hold_out(posts, file, &mut out)?;
    }
    let start = Instant::now();
    let mut bars = Bars::default();
    let mut learner = Learner::new(config)?;
    if let Some(file) = &arguments.ranker {
        learner = learner.with_ranker(Ranker::read(fs::read(file)?.into())?);
    }
    for (community, notes) in read_notes(arguments.notes.as_deref())? {
        learner = learner.with_notes(&community, notes);
    }
    let (recommender, report) =
        learner.with_progress(|progress| bars.show(progress)).learn(&posts)?;
    bars.finish();
    // Reading has told of those that differ in more than case.
    tell_merged(&report.merged);
    save(&recommender, &arguments.bundle)?;
    writeln!(
        out,
        "learned from {} posts of {} communities in {:.1} s: {}",
        report.posts,
        report.communities,
        start.elapsed().as_secs_f64(),
        arguments.bundle.display()
    )?;
    Ok(())
}
