//! A text encoder compared with Python's.

#![allow(clippy::print_stdout)]

use std::{error::Error, fs, iter, path::PathBuf, process::ExitCode};

use clap::Parser;
use hashrec_examples::exit;
use hashrec_vectorize::{Transformer, TransformerFiles, TransformerParams};
use serde::Deserialize;

/// Encodes texts and compares token ids and vectors with what `encoders/reference.py` computed. Fails
/// where ids differ, or a coordinate by more than 1e-4.
#[derive(Parser)]
struct Arguments {
    /// A model's folder in the Hugging Face layout.
    model: PathBuf,
    /// The file that `encoders/reference.py` wrote for that folder.
    reference: PathBuf,
    /// Most texts of a batch.
    #[arg(long, default_value_t = 16)]
    batch: usize,
}

#[derive(Deserialize)]
struct Reference {
    prompt: String,
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    vectors: Vec<Vec<f32>>,
}

/// The largest difference of a coordinate that rounding explains.
const MOST: f32 = 1e-4;

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let reference: Reference = serde_json::from_slice(&fs::read(&arguments.reference)?)?;
    let Reference { prompt, texts, ids, vectors: wanted } = &reference;
    let params = TransformerParams::default().with_post_prefix(prompt).with_batch(arguments.batch);
    let files = TransformerFiles::from_folder(&arguments.model)?;
    let transformer = Transformer::new(&files, &params, None)?;
    let width = transformer.dim();
    if wanted.iter().any(|vector| vector.len() != width) || wanted.len() != texts.len() {
        return Err(
            format!("the reference has no {} vectors of {width} floats", texts.len()).into()
        );
    }
    let mut other_ids = 0;
    for (text, want) in texts.iter().zip(ids) {
        let got = transformer.token_ids(&format!("{prompt}{text}"))?;
        if got != *want {
            other_ids += 1;
            println!("other ids: {text:?}\n  here   {got:?}\n  Python {want:?}");
        }
    }
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = transformer.posts(&borrowed)?;
    let (mut difference, mut cosine) = (0f32, 1f32);
    for (got, want) in vectors.chunks_exact(width).zip(wanted) {
        let got = unit(got);
        let differences = iter::zip(&got, want).map(|(a, b)| (a - b).abs());
        difference = differences.fold(difference, f32::max);
        cosine = cosine.min(iter::zip(&got, &unit(want)).map(|(a, b)| a * b).sum());
    }
    println!("{} texts, {other_ids} with other token ids", texts.len());
    println!("largest difference of a coordinate: {difference:.1e}");
    println!("smallest cosine: {cosine:.7}");
    if other_ids == 0 && difference <= MOST {
        Ok(())
    } else {
        Err(format!("more than {MOST:e}, or other token ids").into())
    }
}

/// A vector scaled to length 1.
fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter().map(|value| value / length.max(f32::MIN_POSITIVE)).collect()
}
