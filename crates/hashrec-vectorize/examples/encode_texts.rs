//! Vectors of the lines of a text file, computed by a transformer.
//!
//! ```sh
//! cargo run --release -p hashrec-vectorize --features encoder --example encode_texts -- \
//!     MODEL_FOLDER TEXTS [--repeat N] [--mecab DICTIONARY]
//! ```
//!
//! Prints the size of a vector and, for each line, the milliseconds of the fastest of N rounds, one
//! text at a time on one thread. DICTIONARY is a compiled MeCab dictionary for models that read
//! MeCab words. Without it, words are found by Unicode's rules: good enough for timing only.

#![allow(clippy::print_stdout)]

use std::{env, error::Error, fs, path::PathBuf, sync::Arc, time::Instant};

use hashrec_tokenize::{Dictionary, TextTokenizer, Tokenizer, TokenizerParams};
use hashrec_vectorize::{Transformer, TransformerFiles, TransformerParams};

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = Vec::new();
    let (mut repeat, mut dictionary) = (5, None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--repeat" => repeat = value()?.parse::<usize>()?.max(1),
            "--mecab" => dictionary = Some(PathBuf::from(value()?)),
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let [model, texts] = paths.as_slice() else {
        return Err(
            "usage: encode_texts MODEL_FOLDER TEXTS [--repeat N] [--mecab DICTIONARY]".into()
        );
    };
    let params = TokenizerParams::default().with_keep_hashtags(false);
    let words: Arc<dyn Tokenizer> = match dictionary {
        Some(path) => {
            Arc::new(TextTokenizer::vibrato(params, Arc::new(Dictionary::open(&path)?), [""; 0])?)
        }
        None => Arc::new(TextTokenizer::unicode(params, [""; 0])?),
    };
    let start = Instant::now();
    let files = TransformerFiles::from_folder(model)?;
    let transformer = Transformer::new(&files, &TransformerParams::default(), Some(words))?;
    println!("read in {:.0} ms; {} floats a text", milliseconds(start), transformer.dim());
    let texts = fs::read_to_string(texts)?;
    for text in texts.lines() {
        let mut best = f64::INFINITY;
        for _ in 0..repeat {
            let start = Instant::now();
            transformer.posts(&[text])?;
            best = best.min(milliseconds(start));
        }
        let tokens = transformer.token_ids(text)?.len();
        println!("{} characters, {tokens} tokens: {best:.1} ms", text.chars().count());
    }
    Ok(())
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
