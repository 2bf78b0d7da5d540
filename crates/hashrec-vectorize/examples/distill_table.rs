//! Makes a static table from a transformer.
//!
//! ```sh
//! cargo run --release -p hashrec-vectorize --features encoder,train --example distill_table -- \
//!     MODEL_FOLDER POSTS OUT_FOLDER [--dim 256] [--rarity 0.001] \
//!     [--fit-posts 20000] [--fit-tokens 96] [--fit-penalty 0.03] [--prefix TEXT] [--threads N] \
//!     [--precision single|half|int8]
//! ```
//!
//! POSTS has a post on each line: plain text, or in a file that ends with `.jsonl` an object with
//! `text`. Its posts say how frequent each token is, and rows are fitted to what the transformer makes
//! of them (`--fit-posts 0`: they aren't). `-` instead of a file: none are at hand. `--prefix` is put
//! before each text; without it, the folder's prompt for passages is, if it has one.
//! Writes a Model2Vec folder, and in it `static-table.part`, the same table as a bundle stores it.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    time::Instant,
};

use hashrec_vectorize::{
    DistillParams, Precision, TextEncoder, Transformer, TransformerFiles, TransformerParams,
    distill,
};

const USAGE: &str = "usage: distill_table MODEL_FOLDER POSTS OUT_FOLDER [--dim 256] \
                     [--rarity 0.001] [--fit-posts 20000] [--fit-tokens 96] [--fit-penalty 0.03] \
                     [--prefix TEXT] [--threads N] [--precision single|half|int8]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = Vec::new();
    let mut params = DistillParams::default();
    let (mut threads, mut precision, mut prefix) = (1, Precision::Half, None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--dim" => params.dim = value()?.parse()?,
            "--rarity" => params.rarity = value()?.parse()?,
            "--fit-posts" => params.fit_posts = value()?.parse()?,
            "--fit-tokens" => params.fit_tokens = value()?.parse()?,
            "--fit-penalty" => params.fit_penalty = value()?.parse()?,
            "--prefix" => prefix = Some(value()?),
            "--threads" => threads = value()?.parse()?,
            "--precision" => {
                precision = match value()?.as_str() {
                    "single" => Precision::Single,
                    "half" => Precision::Half,
                    "int8" => Precision::Int8,
                    other => return Err(format!("no precision is called {other}").into()),
                }
            }
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let [model, posts, out] = paths.as_slice() else { return Err(USAGE.into()) };
    let files = TransformerFiles::from_folder(model)?;
    let prefix = match prefix {
        Some(prefix) => prefix,
        None => files.prompt(&["passage", "document"])?.unwrap_or_default(),
    };
    // The rows are fitted to no more of a text than is read here; two tokens are special.
    let reader = TransformerParams::default()
        .with_batch(64)
        .with_max_tokens((params.fit_tokens + 2).clamp(8, 8192))
        .with_post_prefix(prefix)
        .with_threads(threads);
    let transformer = Transformer::new(&files, &reader, None)?;
    let tokenizer = fs::read(model.join("tokenizer.json"))?;
    let posts = read_posts(posts)?;
    let start = Instant::now();
    let mut progress = |done, all| {
        let seconds = start.elapsed().as_secs_f64();
        eprintln!("{done} of {all} tokens and texts, {seconds:.0} s");
    };
    let table = distill(&transformer, &tokenizer, &posts, &params, &mut progress)?;
    let table = table.with_precision(precision);
    table.save_folder(out, &tokenizer)?;
    let part = table.write()?;
    fs::write(out.join("static-table.part"), &part)?;
    println!(
        "{} tokens of {} floats from {} posts in {:.0} s: {}, {:.1} MB as a part",
        table.tokens(),
        table.dim(),
        posts.len(),
        start.elapsed().as_secs_f64(),
        out.display(),
        part.len() as f64 / 1e6
    );
    Ok(())
}

fn read_posts(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    if path == Path::new("-") {
        return Ok(Vec::new());
    }
    let is_json = path.extension().is_some_and(|extension| extension == "jsonl");
    let mut posts = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(File::open(path)?).lines()) {
        let line = line?;
        if !is_json {
            posts.push(line);
        } else if !line.trim().is_empty() {
            let post: serde_json::Value = serde_json::from_str(&line)?;
            let text = post.get("text").and_then(serde_json::Value::as_str);
            let place = path.display();
            posts.push(text.ok_or(format!("{place}, line {number}: no text"))?.to_owned());
        }
    }
    Ok(posts)
}
