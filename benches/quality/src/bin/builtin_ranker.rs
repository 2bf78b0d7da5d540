//! Makes the ranker that comes with hashrec.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use hashrec::{Config, EncoderParams, Post, RankerCorpus, Trainer};
use hashrec_examples::{Bars, exit, read_posts};
use hashrec_quality::write_whole;

/// Trains one ranker on several corpora and writes it to a file.
///
/// Each corpus is seen twice: as it is, and without times, so that the ranker doesn't rely on them.
/// To measure how well a ranker serves a corpus that it has never seen, leave that corpus out, and
/// give the file to `examples/learn --ranker`.
#[derive(Parser)]
struct Arguments {
    /// Posts of one corpus (may be repeated). `POSTS=FOLDER` says what they mean by the encoder in
    /// that folder.
    #[arg(long, required = true)]
    corpus: Vec<String>,
    /// Posts of one Japanese corpus, which the dictionary splits into words (may be repeated).
    #[arg(long, requires = "dictionary")]
    japanese: Vec<String>,
    /// A compiled MeCab dictionary.
    #[arg(long)]
    dictionary: Option<PathBuf>,
    /// Where to write the ranker.
    #[arg(long)]
    out: PathBuf,
    /// Threads; 0 is one a core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let japanese = arguments.japanese.iter().map(|path| (path, arguments.dictionary.clone()));
    let others = arguments.corpus.iter().map(|path| (path, None));
    let mut corpora = Vec::new();
    for (argument, dictionary) in japanese.chain(others) {
        let (path, encoder) = match argument.split_once('=') {
            Some((path, folder)) => (path, EncoderParams::default().with_folder(folder)),
            None => (argument.as_str(), EncoderParams::default()),
        };
        let posts = read_posts(Path::new(path))?;
        let timeless = posts.iter().cloned().map(without_time).collect();
        for posts in [posts, timeless] {
            let (dictionary, encoder) = (dictionary.clone(), encoder.clone());
            corpora.push(RankerCorpus { posts, dictionary, encoder });
        }
    }
    let mut bars = Bars::default();
    let trainer = Trainer::new(config(arguments.threads))?;
    let ranker = trainer.with_progress(|progress| bars.show(progress)).train_ranker(corpora)?;
    bars.finish();
    let bytes = ranker.write()?;
    write_whole(&arguments.out, &bytes)?;
    let (trees, size) = (ranker.forest().trees(), bytes.len());
    println!("{trees} trees, {size} bytes: {}", arguments.out.display());
    Ok(())
}

fn without_time(post: Post) -> Post {
    Post { created_at: None, ..post }
}

/// What was chosen by leaving each corpus out; `docs/builtin-ranker.md` has the table.
fn config(threads: usize) -> Config {
    let mut config = Config::default().with_threads(threads).with_min_posts(0);
    config.ranker = config.ranker.with_learning_rate(0.03).with_trees(200);
    config
}
