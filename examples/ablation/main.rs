//! What each generator and each group of features gives: the default trained without each of them, and
//! built up group by group.
//!
//! What is finished is kept in the output folder: after a kill, the same command goes on.

#![allow(clippy::print_stdout)]

mod plan;
mod table;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use hashrec::{Config, HashSplit, Split};
use hashrec_examples::{
    exit,
    experiment::{Runs, write_whole},
    read_posts,
};

use crate::{
    plan::{Measured, Plan, Run},
    table::Ablation,
};

/// Trains the default with and without each group of features and writes ablation.md and .json.
#[derive(Parser)]
struct Arguments {
    /// Posts to train on.
    #[arg(long)]
    train: PathBuf,
    /// Posts to measure on. Without them, a fifth of the others (by a hash of the id).
    #[arg(long)]
    test: Option<PathBuf>,
    /// The folder to write.
    #[arg(long)]
    out: PathBuf,
    /// How many seeds everything is trained with.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,
    /// A TOML file; what it leaves out keeps its default.
    #[arg(long)]
    config: Option<PathBuf>,
    /// A compiled MeCab dictionary or a folder of MeCab sources.
    #[arg(long)]
    dictionary: Option<PathBuf>,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut base = match &arguments.config {
        Some(path) => Config::open(path)?,
        None => Config::default(),
    };
    if let Some(path) = &arguments.dictionary {
        base = base.with_dictionary(path);
    }
    let train = read_posts(&arguments.train)?;
    let split = match &arguments.test {
        Some(path) => Split { train, test: read_posts(path)?, ..Split::default() },
        None => Split::by_hash(train, &HashSplit::default())?,
    };
    let runs = Runs::open(&arguments.out, &split)?;
    let measured = |run: &Run| -> Result<Measured, Box<dyn Error>> {
        let outcomes = (0..arguments.seeds).map(|more| {
            let config = run.config(&base, base.seed + more);
            let name = run.name(config.seed);
            println!("{name}");
            runs.outcome(&name, config, &split)
        });
        Measured::new(run.clone(), outcomes.collect::<Result<_, _>>()?)
    };
    let whole = measured(&Run::default())?;
    let plan = Plan::new(&base, &whole.facts.gain);
    let all = |runs: &[Run]| runs.iter().map(measured).collect::<Result<Vec<_>, _>>();
    let ablation = Ablation {
        without: all(&plan.without)?,
        built_up: all(&plan.built_up)?,
        unused: plan.unused,
        whole,
    };
    write_whole(&arguments.out.join("ablation.md"), ablation.markdown()?)?;
    let json = serde_json::to_string_pretty(&ablation.json()?)? + "\n";
    write_whole(&arguments.out.join("ablation.json"), json)?;
    println!("{}", arguments.out.join("ablation.md").display());
    Ok(())
}
