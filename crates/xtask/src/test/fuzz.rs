//! A short run of every fuzz target: what was found once is not found again.
//!
//! A longer run of one target: `RUSTC_BOOTSTRAP=1 cargo fuzz run -s none TARGET` in its crate.

use std::fs;
use std::path::Path;

use crate::env::BuildEnv;
use crate::error::Error;
use crate::process;
use crate::workspace::{FACADE, Package, Workspace, cargo};

/// Seconds that each target runs.
const SECONDS: u32 = 10;

/// Builds and runs the targets of every crate that has some.
pub(super) fn run(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    if process::find("cargo-fuzz").is_none() {
        let why = "cargo-fuzz isn't here: `cargo install --locked cargo-fuzz` installs it";
        return Err(Error::Skipped(why.to_owned()));
    }
    bundles(workspace, env)?;
    let fuzzed = |package: &&Package| package.folder.join("fuzz/Cargo.toml").is_file();
    for package in workspace.packages.iter().filter(fuzzed) {
        let fuzz = package.folder.join("fuzz");
        // The versions that everything else is tested with.
        let lock = fuzz.join("Cargo.lock");
        if !lock.is_file() {
            fs::copy(workspace.root.join("Cargo.lock"), &lock).map_err(Error::file(&lock))?;
        }
        let mut list = cargo();
        list.args(["fuzz", "list", "--fuzz-dir"]).arg(&fuzz);
        for target in process::capture(env.apply(&mut list))?.lines() {
            run_target(workspace, env, &fuzz, target)?;
        }
    }
    Ok(())
}

fn run_target(
    workspace: &Workspace,
    env: &BuildEnv,
    fuzz: &Path,
    target: &str,
) -> Result<(), Error> {
    let built = workspace.target.join("fuzz");
    // What is found goes to the first folder; the repository's own inputs are only read.
    let found = built.join("corpus").join(target);
    fs::create_dir_all(&found).map_err(Error::file(&found))?;
    let mut command = cargo();
    // Code without `unsafe` has nothing for a sanitizer to find, and runs faster without.
    command.args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir"]).arg(fuzz);
    command.arg("--target-dir").arg(&built).arg(target).arg(found);
    let own = fuzz.join("corpus").join(target);
    if own.is_dir() {
        command.arg(own);
    }
    command.arg("--").arg(format!("-max_total_time={SECONDS}"));
    command.args(["-timeout=20", "-rss_limit_mb=3000", "-verbosity=0"]);
    env.run(workspace, command.env("RUSTC_BOOTSTRAP", "1"))
}

/// Trains the bundles that the facade's targets start from, unless they are there.
fn bundles(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let facade = workspace.packages.iter().find(|package| package.name == FACADE);
    if facade.is_none_or(|facade| facade.folder.join("fuzz/bundles").is_dir()) {
        return Ok(());
    }
    let mut command = cargo();
    command.arg("test").args(workspace.everything()).args(["--test", "hostile"]);
    env.run(workspace, command.args(["--", "--ignored", "bundles_for_the_fuzz_targets"]))
}
