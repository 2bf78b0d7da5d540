//! Recommends hashtags for one post.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use hashrec::{Recommender, Request};
use hashrec_examples::exit;

/// Recommends hashtags of one community for one text.
#[derive(Parser)]
struct Arguments {
    /// The bundle.
    #[arg(long)]
    bundle: PathBuf,
    /// The community.
    #[arg(long, allow_hyphen_values = true)]
    community: String,
    /// The post; its first line is its title.
    #[arg(long, allow_hyphen_values = true)]
    text: String,
    /// How many hashtags at most.
    #[arg(long, default_value_t = 10)]
    k: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// A hashtag the author has already chosen (may be repeated).
    #[arg(long, allow_hyphen_values = true)]
    chosen: Vec<String>,
    /// A hashtag never to recommend (may be repeated).
    #[arg(long, allow_hyphen_values = true)]
    deny: Vec<String>,
}

fn main() -> ExitCode {
    exit(run(Arguments::parse()))
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let recommender = Recommender::load(&arguments.bundle)?;
    let request = Request::new(arguments.community, arguments.text)
        .with_k(arguments.k)
        .with_chosen(arguments.chosen)
        .with_denied(arguments.deny);
    let recommended = recommender.recommend_for(&request)?;
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&recommended)?)?;
    } else {
        for recommendation in recommended {
            writeln!(out, "{:.3}  #{}", recommendation.score, recommendation.hashtag)?;
        }
    }
    Ok(())
}
