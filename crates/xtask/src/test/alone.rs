//! Packages by themselves: what a user of one package, with one of its features, compiles.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::env::BuildEnv;
use crate::error::Error;
use crate::workspace::{Package, Workspace, cargo};

/// A program that does nothing, and does it well.
const NOTHING: &str = "true";

/// Checks one package with each of its feature choices; warnings are errors.
///
/// Every choice gives LightGBM's binding another set of features or dependencies, and cargo would
/// compile the C++ sources, minutes and hundreds of megabytes, for each. A check needs only the
/// headers, because it doesn't link: so `cmake` is stood in for by a program that does nothing. The
/// steps that link compile the sources, with `openmp`, which is all that the package's features
/// change in them. What is built in this way must not be taken for the real thing, so it lies in a
/// target folder of its own.
pub(super) fn check(workspace: &Workspace, env: &BuildEnv, package: &Package) -> Result<(), Error> {
    for choice in package.feature_choices() {
        let mut command = cargo();
        command.args(["check", "--quiet", "--package", &package.name]).args(choice);
        env.run(workspace, without_cpp(workspace, &mut command))?;
    }
    Ok(())
}

/// Makes a check skip LightGBM's C++ sources, as [`check`] says.
pub(super) fn without_cpp<'a>(workspace: &Workspace, command: &'a mut Command) -> &'a mut Command {
    command.arg("--target-dir").arg(folder(workspace));
    command.env("CMAKE", NOTHING).env("RUSTFLAGS", "-D warnings")
}

/// Removes what the checks have built: no other step uses it.
pub(super) fn clean(workspace: &Workspace) -> Result<(), Error> {
    let folder = folder(workspace);
    if folder.exists() { fs::remove_dir_all(&folder).map_err(Error::file(&folder)) } else { Ok(()) }
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("alone")
}
