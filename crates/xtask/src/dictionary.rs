//! The compiled Japanese dictionary in the tools folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::env::BuildEnv;
use crate::error::Error;
use crate::ipadic;
use crate::process;
use crate::workspace::{Workspace, cargo};

/// The example that compiles a dictionary with the project's own code.
pub(crate) const EXAMPLE: &str = "dictionary";
/// The package of the examples.
pub(crate) const EXAMPLES: &str = "hashrec-examples";

/// Where the compiled dictionary lies.
fn compiled(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("ipadic.dic")
}

/// The compiled dictionary, if it has been made.
pub(crate) fn present(workspace: &Workspace) -> Option<PathBuf> {
    Some(compiled(workspace)).filter(|file| file.is_file())
}

/// The compiled dictionary, made first where need be; none where its sources cannot be had.
///
/// `compiler` is the start of the command that compiles: the example, run by cargo or by itself.
pub(crate) fn ensure(
    workspace: &Workspace,
    env: &BuildEnv,
    compiler: &mut Command,
) -> Result<Option<PathBuf>, Error> {
    let file = compiled(workspace);
    if is_newer(&file, &workspace.root.join("crates/hashrec-tokenize/src")) {
        println!("  dictionary    {}", file.display());
        return Ok(Some(file));
    }
    match ipadic::sources(&workspace.tools()) {
        Some(sources) => {
            compile(env, compiler, &sources, &file)?;
            Ok(Some(file))
        }
        None => Ok(None),
    }
}

/// `cargo xtask dictionary`: compiles in any case.
pub(crate) fn compile_or_explain(
    workspace: &Workspace,
    mecab: Option<PathBuf>,
) -> Result<(), Error> {
    let sources = match mecab {
        Some(dir) if !ipadic::is_source(&dir) => {
            return Err(Error::NoSources(dir));
        }
        Some(dir) => Some(dir),
        None => ipadic::sources(&workspace.tools()),
    };
    let Some(sources) = sources else {
        return Err(Error::Missing(vec![ipadic::PACKAGE]));
    };
    let compiler = &mut with_cargo(workspace, EXAMPLE);
    compile(&BuildEnv::default(), compiler, &sources, &compiled(workspace))
}

/// The profile in which the quickstart and its dictionary are compiled.
pub(crate) const PROFILE: &str = "quickstart";

/// What keeps C++ out of both.
pub(crate) const PURE_RUST: &str = "--no-default-features";

/// The command that runs an example, in one profile and with one set of features, so that what is
/// compiled is shared.
pub(crate) fn with_cargo(workspace: &Workspace, example: &str) -> Command {
    let mut command = cargo();
    command.args(["run", "--profile", PROFILE, "--package", EXAMPLES, PURE_RUST]);
    command.args(["--example", example, "--"]).current_dir(&workspace.root);
    command
}

/// The example that a build of the workspace has left in the development profile.
pub(crate) fn built(workspace: &Workspace) -> Command {
    Command::new(workspace.target.join("debug/examples").join(EXAMPLE))
}

fn compile(
    env: &BuildEnv,
    compiler: &mut Command,
    sources: &Path,
    file: &Path,
) -> Result<(), Error> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(Error::file(folder))?;
    }
    println!("  dictionary    compiling {} to {}", sources.display(), file.display());
    // An interrupted run leaves the partial file, never a broken dictionary.
    let partial = file.with_extension("dic.partial");
    compiler.arg("--mecab").arg(sources).arg("--out").arg(&partial);
    process::run(env.apply(compiler))?;
    fs::rename(&partial, file).map_err(Error::file(file))
}

/// Whether the file exists and was written after every file under the folder: the form of a
/// compiled dictionary may change with the code that writes it.
fn is_newer(file: &Path, folder: &Path) -> bool {
    let written = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    match (written(file), newest(folder)) {
        (Some(file), Some(code)) => file > code,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?;
    entries
        .flatten()
        .filter_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => newest(&entry.path()),
            _ => entry.metadata().and_then(|data| data.modified()).ok(),
        })
        .max()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn write(path: &Path, seconds: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }

    #[test]
    fn a_dictionary_is_compiled_again_when_its_code_has_changed() {
        let dir = tempfile::tempdir().unwrap();
        let (file, code) = (dir.path().join("ipadic.dic"), dir.path().join("src"));
        assert!(!is_newer(&file, &code));
        write(&file, 100);
        assert!(is_newer(&file, &code));
        write(&code.join("lib.rs"), 50);
        write(&code.join("vibrato/dictionary.rs"), 90);
        assert!(is_newer(&file, &code));
        write(&code.join("vibrato/dictionary.rs"), 110);
        assert!(!is_newer(&file, &code));
    }
}
