//! A service in its smallest form: JSON requests in, JSON answers out, one a line.

#![allow(clippy::print_stderr)]

use std::{
    error::Error,
    io::{self, BufRead, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use hashrec::{Recommender, Request};
use hashrec_examples::exit;
use serde_json::{Value, json};

/// Answers requests from standard input, one JSON object a line.
#[derive(Parser)]
struct Arguments {
    /// The bundle.
    #[arg(long)]
    bundle: PathBuf,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let recommender = Recommender::load(&arguments.bundle)?;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        writeln!(out, "{}", answer(&recommender, &line?))?;
        out.flush()?;
    }
    Ok(())
}

/// The answer to one line. An error is an answer too, so that one bad request doesn't end the service.
fn answer(recommender: &Recommender, line: &str) -> Value {
    let request: Request = match serde_json::from_str(line) {
        Ok(request) => request,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    match recommender.recommend_for(&request) {
        Ok(found) => {
            let hashtags: Vec<&str> = found.iter().map(|hit| hit.hashtag.as_str()).collect();
            json!({ "hashtags": hashtags })
        }
        Err(error) => json!({ "error": error.to_string() }),
    }
}
