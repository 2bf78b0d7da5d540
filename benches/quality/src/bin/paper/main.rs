//! Reproduces the paper's tables and figure on any posts.
//!
//! One command trains every system, writes Tables 1 to 3 and Figure 3, and says how far the
//! figures can be trusted. What is finished is kept in the output folder: after a kill, the same
//! command goes on.

#![allow(clippy::print_stdout)]

mod figure3;
mod labels;
mod order;
mod plan;
mod reliability;
mod table1;
mod table2;
mod table3;
mod workshop;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use hashrec::{System, VectorKind};
use hashrec_examples::exit;
use hashrec_quality::{ExperimentArguments, write_whole};

use crate::{
    plan::{Measured, Run, Side},
    workshop::Workshop,
};

/// Trains the paper's systems and writes its tables and figure.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    experiment: ExperimentArguments,
    /// The rows of Table 1, as configurations spell them, separated by commas; all by default.
    #[arg(long, value_delimiter = ',')]
    systems: Vec<System>,
    /// How many seeds every system is trained with; one where the posts are split by time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,
    /// Also splits all posts by time: the newest fifth of each community is measured on.
    #[arg(long)]
    by_time: bool,
    /// A post of Table 2, by id; may be given several times. Three telling ones by default.
    #[arg(long)]
    show: Vec<String>,
    /// In Table 2, also the generators trained on texts whose hashtags the dictionary splits.
    #[arg(long)]
    split_hashtags: bool,
    /// The rows of Table 3, as configurations spell them, separated by commas; all by default.
    #[arg(long, value_delimiter = ',', value_parser = vector_kind)]
    vectors: Vec<VectorKind>,
    /// A transformer for Table 3: a folder in the Hugging Face layout (feature `encoder`).
    #[arg(long)]
    transformer: Option<PathBuf>,
    /// A compiled MeCab dictionary for a transformer whose tokenizer begins with MeCab (ruri-small).
    #[arg(long)]
    transformer_dictionary: Option<PathBuf>,
}

/// The kind of vectors with that name.
fn vector_kind(name: &str) -> Result<VectorKind, serde_json::Error> {
    serde_json::from_value(name.into())
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let experiment = Experiment::open(arguments)?;
    let rows = experiment.table1(Side::AsGiven)?;
    experiment.table2(&rows)?;
    experiment.table3()?;
    if arguments.by_time {
        experiment.table1(Side::ByTime)?;
    }
    println!("tables and figure: {}", arguments.experiment.out.display());
    Ok(())
}

/// The command at work.
struct Experiment<'a> {
    arguments: &'a Arguments,
    workshop: Workshop,
    systems: Vec<System>,
    first_seed: u64,
}

impl<'a> Experiment<'a> {
    fn open(arguments: &'a Arguments) -> Result<Self, Box<dyn Error>> {
        let mut base = arguments.experiment.settings.read()?;
        let source = &mut base.vectors.transformer;
        source.folder.clone_from(&arguments.transformer);
        source.dictionary.clone_from(&arguments.transformer_dictionary);
        let split = arguments.experiment.split()?;
        let systems = match arguments.systems.as_slice() {
            [] => System::ALL.to_vec(),
            some => some.to_vec(),
        };
        let first_seed = base.seed;
        let workshop = Workshop::open(&arguments.experiment.out, base, split)?;
        Ok(Self { arguments, workshop, systems, first_seed })
    }

    /// A system with every seed, measured.
    fn measured(&self, run: Run) -> Result<Measured, Box<dyn Error>> {
        let many = run.is_random() && run.side == Side::AsGiven;
        let seeds = if many { self.arguments.seeds } else { 1 };
        let outcomes = (0..seeds).map(|more| {
            let run = Run { seed: self.first_seed + more, ..run };
            println!("{}", run.name());
            self.workshop.outcome(&run)
        });
        Measured::new(run, outcomes.collect::<Result<_, _>>()?)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<(), Box<dyn Error>> {
        write_whole(&self.arguments.experiment.out.join(name), content)
    }

    fn write_json(&self, name: &str, content: &serde_json::Value) -> Result<(), Box<dyn Error>> {
        self.write(name, serde_json::to_string_pretty(content)? + "\n")
    }

    /// Table 1, what its figures are worth, and Figure 3.
    fn table1(&self, side: Side) -> Result<Vec<Measured>, Box<dyn Error>> {
        let rows = self
            .systems
            .iter()
            .map(|&system| self.measured(Run::row(side, system, self.first_seed)));
        let rows: Vec<Measured> = rows.collect::<Result<_, _>>()?;
        let name = |name: &str, ending: &str| format!("{name}{}.{ending}", side.suffix());
        self.write(&name("table1", "md"), table1::markdown(&rows))?;
        self.write_json(&name("table1", "json"), &table1::json(&rows))?;
        self.write(&name("reliability", "md"), reliability::markdown(&rows)?)?;
        let posts = &self.workshop.split(side).test;
        self.write(&name("order", "md"), order::markdown(&rows, posts)?)?;
        let shown = [System::LightGbmMultiLabel, System::Hashrec];
        let shown: Vec<&Measured> =
            rows.iter().filter(|row| shown.contains(&row.run.system)).collect();
        if !shown.is_empty() {
            let svg = figure3::svg(&shown)?;
            self.write(&name("figure3", "svg"), &svg)?;
            self.write(&name("figure3", "png"), figure3::png(&svg)?)?;
        }
        Ok(rows)
    }

    fn table2(&self, rows: &[Measured]) -> Result<(), Box<dyn Error>> {
        let find = |system| rows.iter().find(|row| row.run.system == system);
        let (Some(simple), Some(net)) = (find(System::Simple), find(System::MultiLabel)) else {
            return Ok(());
        };
        let ids = match self.arguments.show.as_slice() {
            [] => table2::telling(simple, net),
            some => some.to_vec(),
        };
        let mut split = Vec::new();
        if self.arguments.split_hashtags {
            for system in [System::MultiLabel, System::Simple] {
                let run = Run::row(Side::AsGiven, system, self.first_seed);
                split.push(self.measured(Run { whole_hashtags: false, ..run })?);
            }
        }
        let mut systems = vec![net, simple];
        systems.extend(&split);
        systems.extend([System::LightGbmMultiLabel, System::Hashrec].into_iter().filter_map(find));
        let posts = &self.workshop.split(Side::AsGiven).test;
        self.write("table2.md", table2::markdown(posts, &ids, &systems))
    }

    fn table3(&self) -> Result<(), Box<dyn Error>> {
        let system = System::LightGbmMultiLabel;
        if !self.systems.contains(&system) {
            return Ok(());
        }
        let is_transformer = |kind: VectorKind| {
            matches!(kind, VectorKind::TransformerSeparate | VectorKind::TransformerUnified)
        };
        let Arguments { vectors, transformer, .. } = self.arguments;
        let wanted = table3::KINDS
            .into_iter()
            .filter(|kind| vectors.is_empty() || vectors.contains(kind))
            .filter(|&kind| transformer.is_some() || !is_transformer(kind));
        let rows = wanted.map(|vectors| {
            self.measured(Run { vectors, ..Run::row(Side::AsGiven, system, self.first_seed) })
        });
        let rows: Vec<Measured> = rows.collect::<Result<_, _>>()?;
        self.write("table3.md", table3::markdown(&rows))?;
        self.write_json("table3.json", &table3::json(&rows))
    }
}
