//! Measures a bundle on posts it was not trained on.

#![allow(clippy::print_stderr)]

use std::{
    error::Error,
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use hashrec::{Duplicates, Evaluation, Recommender};
use hashrec_examples::{Posts, exit};
use indicatif::ProgressBar;
use serde_json::json;

/// Recommends for every post of a file and compares with the hashtags its author chose.
#[derive(Parser)]
struct Arguments {
    /// The bundle.
    #[arg(long)]
    bundle: PathBuf,
    #[command(flatten)]
    posts: Posts,
    /// How many hashtags to recommend.
    #[arg(long, default_value_t = 10)]
    k: usize,
    /// Where to write the report as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Where to write the recommendations, one post a line.
    #[arg(long)]
    predictions: Option<PathBuf>,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let recommender = Recommender::load(&arguments.bundle)?;
    let posts = arguments.posts.read(Duplicates::Error)?;
    let mut predictions =
        arguments.predictions.as_ref().map(File::create).transpose()?.map(BufWriter::new);
    let bar = ProgressBar::new(posts.len() as u64);
    let mut evaluation = Evaluation::new(&recommender, arguments.k);
    for chunk in posts.chunks(256) {
        for (post, recommended) in chunk.iter().zip(evaluation.add(chunk)?) {
            let Some(out) = &mut predictions else { continue };
            let hashtags: Vec<_> = recommended
                .iter()
                .map(|r| json!({"hashtag": r.hashtag, "score": r.score}))
                .collect();
            let line = json!({"id": post.id, "community": post.community, "hashtags": hashtags});
            writeln!(out, "{line}")?;
        }
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    if let Some(mut out) = predictions {
        out.flush()?;
    }
    let report = evaluation.report()?;
    let unknown = evaluation.unknown_communities();
    if !unknown.is_empty() {
        let (posts, names) = (unknown.values().sum::<u64>(), Vec::from_iter(unknown.keys()));
        eprintln!("left out {posts} posts of communities that the bundle does not know: {names:?}");
    }
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    writeln!(io::stdout(), "{report}")?;
    Ok(())
}
