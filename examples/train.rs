//! Trains a bundle from a file of posts.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Instant,
};

use clap::Parser;
use hashrec::{Recommender, Trainer};
use hashrec_examples::{Bars, Posts, Settings, exit, hold_out, read_notes, save, tell_merged};

/// Trains on posts and saves a bundle.
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
    /// A JSON file of what is known of hashtags beside their names, by community and hashtag:
    /// `{"knitting": {"heel": {"description": "", "aliases": [], "parents": []}}}`.
    #[arg(long)]
    notes: Option<PathBuf>,
    /// A folder where finished steps are kept: after a kill, the same command goes on from there,
    /// and other systems on the same posts share them.
    #[arg(long)]
    steps: Option<PathBuf>,
    /// The seed of everything random.
    #[arg(long)]
    seed: Option<u64>,
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
    if let Some(seed) = arguments.seed {
        config = config.with_seed(seed);
    }
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
    let mut trainer = Trainer::new(config)?;
    if let Some(steps) = &arguments.steps {
        trainer = trainer.with_finished_steps(steps);
    }
    for (community, notes) in read_notes(arguments.notes.as_deref())? {
        trainer = trainer.with_notes(&community, notes);
    }
    let (recommender, report) =
        trainer.with_progress(|progress| bars.show(progress)).train(&posts)?;
    bars.finish();
    // Reading has told of those that differ in more than case.
    tell_merged(&report.corpus.merged);
    for dropped in &report.corpus.dropped {
        writeln!(out, "dropped {} ({} posts are too few)", dropped.community, dropped.posts)?;
    }
    if let Some(choice) = &report.ranker {
        writeln!(out, "{choice}")?;
    }
    save(&recommender, &arguments.bundle)?;
    writeln!(
        out,
        "trained {} on {} posts of {} communities in {:.0} s: {}",
        recommender.manifest().config.system,
        report.corpus.posts,
        recommender.communities().count(),
        start.elapsed().as_secs_f64(),
        arguments.bundle.display()
    )?;
    Ok(())
}
