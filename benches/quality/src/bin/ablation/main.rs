//! What each generator and each group of features gives: the default trained without each of them, and
//! built up group by group.
//!
//! What is finished is kept in the output folder: after a kill, the same command goes on.

#![allow(clippy::print_stdout)]

mod plan;
mod table;

use std::{error::Error, process::ExitCode};

use clap::Parser;
use hashrec_examples::exit;
use hashrec_quality::{ExperimentArguments, Runs, write_whole};

use crate::{
    plan::{Measured, Plan, Run},
    table::Ablation,
};

/// Trains the default with and without each group of features and writes ablation.md and .json.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    experiment: ExperimentArguments,
    /// How many seeds everything is trained with.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let base = arguments.experiment.settings.read()?;
    let split = arguments.experiment.split()?;
    let runs = Runs::open(&arguments.experiment.out, &split)?;
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
    write_whole(&arguments.experiment.out.join("ablation.md"), ablation.markdown()?)?;
    let json = serde_json::to_string_pretty(&ablation.json()?)? + "\n";
    write_whole(&arguments.experiment.out.join("ablation.json"), json)?;
    println!("{}", arguments.experiment.out.join("ablation.md").display());
    Ok(())
}
