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
    Missing(Vec<Missing>),
    /// The build's environment was asked for before the set-up.
    NotSetUp,
    /// A program could not be started or answered with a failure.
    Program { command: String, why: String },
    /// A fetch failed; `by_hand` is the command that does the same.
    Fetch { what: String, why: String, by_hand: String },
    /// A file or folder could not be read or written.
    File { path: PathBuf, source: io::Error },
    /// A folder that should hold a dictionary's sources does not.
    NoSources(PathBuf),
    /// `cargo metadata` answered something unexpected.
    Metadata(String),
    /// No step of `cargo xtask test` has this name.
    UnknownStep(String),
    /// The serving build depends on packages that compile C++, or C without leave.
    NotPureRust(Vec<String>),
    /// Documents that say what isn't so; each with its file and line.
    Documents(Vec<String>),
    /// Some steps of `cargo xtask test` failed; they have been listed already.
    Steps { failed: usize },
}

/// One thing that a person has to install.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Missing {
    /// What it is, for the reader.
    pub(crate) what: &'static str,
    /// The Debian and Ubuntu packages that bring it.
    pub(crate) packages: &'static str,
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
            Self::Missing(missing) => {
                writeln!(f, "this machine lacks, and this user cannot install:")?;
                missing.iter().try_for_each(|one| writeln!(f, "  - {}", one.what))?;
                let packages: Vec<_> = missing.iter().map(|one| one.packages).collect();
                write!(
                    f,
                    "On Debian or Ubuntu run\n\n    \
                     sudo apt-get update && sudo apt-get install -y {}\n\n\
                     (elsewhere: the same through the system's package manager), then run this \
                     command again.",
                    packages.join(" "),
                )
            }
            Self::NotSetUp => write!(f, "build tools are missing; run `cargo xtask setup` first"),
            Self::Program { command, why } => write!(f, "`{command}`: {why}"),
            Self::Fetch { what, why, by_hand } => write!(
                f,
                "{what} could not be fetched:\n{why}\n\nInstall it by hand:\n\n    {by_hand}\n\n\
                 then run this command again."
            ),
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
            Self::NotPureRust(packages) => {
                write!(f, "the serving build must not depend on:")?;
                packages.iter().try_for_each(|package| write!(f, "\n    {package}"))
            }
            Self::Documents(problems) => {
                write!(f, "the documents say what isn't so:")?;
                problems.iter().try_for_each(|problem| write!(f, "\n    {problem}"))
            }
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
        let error = Error::Missing(vec![
            Missing { what: "a C++ compiler", packages: "g++" },
            Missing { what: "make", packages: "make" },
        ]);
        let text = error.to_string();
        assert!(text.contains("  - a C++ compiler\n  - make\n"), "{text}");
        assert!(text.contains("apt-get install -y g++ make"), "{text}");
    }
}
