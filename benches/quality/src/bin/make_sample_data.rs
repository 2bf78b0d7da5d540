//! Composes the sample data from its hand-written parts: `data/parts/*.toml` → `data/posts.jsonl`
//! and, for the tutorial, `data/posts.csv` with some of its communities.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use hashrec_quality::sample::{SEED, TUTORIAL, compose, read_parts};

/// Composes synthetic posts from hand-written parts.
#[derive(Parser)]
struct Arguments {
    /// The folder of the parts.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/parts"))]
    parts: PathBuf,
    /// Where to write the posts; the CSV file goes beside them.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/posts.jsonl"))]
    out: PathBuf,
    /// The seed.
    #[arg(long, default_value_t = SEED)]
    seed: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let posts = compose(&read_parts(&arguments.parts)?, arguments.seed);
    hashrec::write_posts(&arguments.out, &posts, &hashrec::WriteParams::default())?;
    let some = posts.iter().filter(|post| TUTORIAL.contains(&post.community.as_str()));
    let table = arguments.out.with_extension("csv");
    let rows = hashrec::write_posts(&table, some, &hashrec::WriteParams::default())?;
    println!("{rows} posts written to {}", table.display());
    println!("{} posts written to {}", posts.len(), arguments.out.display());
    Ok(())
}
