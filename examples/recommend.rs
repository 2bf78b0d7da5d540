//! Recommends hashtags for one post.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{error::Error, path::PathBuf, process::ExitCode};

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
    #[arg(long)]
    community: String,
    /// The post; its first line is its title.
    #[arg(long)]
    text: String,
    /// How many hashtags at most.
    #[arg(long, default_value_t = 10)]
    k: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// A hashtag the author has already chosen (may be repeated).
    #[arg(long)]
    chosen: Vec<String>,
    /// A hashtag never to recommend (may be repeated).
    #[arg(long)]
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
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&recommended)?);
    } else {
        for recommendation in recommended {
            println!("{:.3}  #{}", recommendation.score, recommendation.hashtag);
        }
    }
    Ok(())
}
