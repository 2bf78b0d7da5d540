//! What can go wrong, told so that the reader knows what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line makes no sense.
    Usage(String),
    /// Something the build needs is not on the machine and cannot be fetched.
    Missing(Vec<&'static str>),
    /// The build's environment was asked for before the set-up.
    NotSetUp,
    /// A program could not be started or answered with a failure.
    Program { command: String, why: String },
    /// A file or folder could not be read or written.
    File { path: PathBuf, source: io::Error },
    /// A folder that should hold a dictionary's sources does not.
    NoSources(PathBuf),
    /// `cargo metadata` answered something unexpected.
    Metadata(String),
    /// No step of `cargo xtask test` has this name.
    UnknownStep(String),
    /// A check found things that must not be there.
    Listed { what: &'static str, lines: Vec<String> },
    /// A document has no place for the crates' arrows.
    NoMarkers { path: PathBuf },
    /// A document shows other arrows than the manifests.
    StaleArrows { path: PathBuf },
    /// A check can't be made here, and why.
    Skipped(String),
    /// Some steps of `cargo xtask test` failed; they have been listed already.
    Steps { failed: usize },
}

impl Error {
    /// An input/output error at a path.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(line) => {
                write!(f, "`cargo xtask {line}` is not a command; see `cargo xtask help`")
            }
            Self::Missing(packages) => write!(
                f,
                "this machine lacks packages that this user can't install. On Debian or Ubuntu run\n\n    \
                 sudo apt-get update && sudo apt-get install -y {}\n\n\
                 (elsewhere, use the system's package manager), then run this command again.",
                packages.join(" "),
            ),
            Self::NotSetUp => write!(f, "build tools are missing; run `cargo xtask setup` first"),
            Self::Program { command, why } => write!(f, "`{command}`: {why}"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::NoSources(dir) => write!(
                f,
                "{}: no MeCab sources there; expected matrix.def, char.def, unk.def and *.csv",
                dir.display()
            ),
            Self::Metadata(what) => write!(f, "cargo metadata: {what}"),
            Self::UnknownStep(name) => {
                write!(f, "no step is called `{name}`; see `cargo xtask test --list`")
            }
            Self::Listed { what, lines } => {
                write!(f, "{what}:")?;
                lines.iter().try_for_each(|line| write!(f, "\n    {line}"))
            }
            Self::NoMarkers { path } => {
                write!(
                    f,
                    "{}: no `<!-- arrows begin -->` and `<!-- arrows end -->`",
                    path.display()
                )
            }
            Self::StaleArrows { path } => {
                write!(f, "{} is out of date; run `cargo xtask arrows`", path.display())
            }
            Self::Skipped(why) => write!(f, "skipped: {why}"),
            Self::Steps { failed: 1 } => write!(f, "1 step failed"),
            Self::Steps { failed } => write!(f, "{failed} steps failed"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_things_are_told_with_one_command_that_installs_them() {
        let text = Error::Missing(vec!["g++", "make"]).to_string();
        assert!(text.contains("apt-get install -y g++ make"), "{text}");
    }
}
