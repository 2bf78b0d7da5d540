//! Finding the build tools, and fetching the ones that are missing.
//!
//! Three questions, one module each: what is on this machine ([`look`]), what to do about what is
//! not ([`plan`]), and how to do it ([`apt`], [`pip`], [`sources`]). A tool that is on the machine
//! is always preferred. Root fetches through the system's package manager; a user without root
//! fetches into `target/tools`.

mod apt;
mod look;
pub(crate) mod pip;
mod plan;
mod sources;
mod version;

use std::path::PathBuf;

use crate::env::BuildEnv;
use crate::error::Error;
use crate::workspace::Workspace;

pub(crate) use look::Found;
pub(crate) use sources::is_source as is_dictionary_source;

use apt::Apt;
use plan::Python;

/// Choices of the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Options {
    /// Leave the system as it is, whoever runs this.
    pub(crate) no_apt: bool,
}

/// Makes sure that a C++ compiler, make, cmake and libclang are there; returns the environment
/// in which a build finds them.
pub(crate) fn build_tools(workspace: &Workspace, options: Options) -> Result<BuildEnv, Error> {
    println!("set-up");
    let tools = workspace.tools();
    let found = look::look(&tools);
    if found.complete() {
        found.tell();
        return Ok(BuildEnv::new(&tools, &found));
    }

    let apt = Apt::new(&tools, options);
    if apt.installs() {
        apt.update();
    }
    let facts = plan::Facts {
        apt: apt.installs(),
        apt_cmake: apt.candidate("cmake"),
        python: if pip::has_pip() {
            Python::Pip
        } else if pip::has_venv() {
            Python::Venv
        } else if pip::has_python() {
            if apt.there() { Python::Wheel } else { Python::NoPip }
        } else {
            Python::None
        },
        found: found.clone(),
    };
    let plan = plan::plan(&facts);
    if !plan.missing.is_empty() {
        found.tell();
        return Err(Error::Missing(plan.missing));
    }
    if !plan.apt.is_empty() {
        apt.install(&plan.apt)?;
    }
    if !plan.pip.is_empty() {
        pip::install(&tools, &apt, &plan.pip)?;
    }

    let found = look::look(&tools);
    found.tell();
    if found.complete() {
        Ok(BuildEnv::new(&tools, &found))
    } else {
        Err(Error::Missing(plan::by_hand(&found, facts.apt_cmake)))
    }
}

/// The environment of what is there already; fetches nothing.
pub(crate) fn present_tools(workspace: &Workspace) -> Result<BuildEnv, Error> {
    let tools = workspace.tools();
    let found = look::look(&tools);
    if found.complete() { Ok(BuildEnv::new(&tools, &found)) } else { Err(Error::NotSetUp) }
}

/// The folder of IPADIC's sources, fetched where need be; none, after a word on why, where they
/// cannot be had. The dictionary makes Japanese results better and nothing else depends on it.
pub(crate) fn dictionary_sources(workspace: &Workspace) -> Option<PathBuf> {
    let tools = workspace.tools();
    match sources::find(&tools) {
        Some(dir) => {
            say("IPADIC", &format!("{}", dir.display()));
            Some(dir)
        }
        None => sources::fetch(&tools),
    }
}

/// Makes `rustfmt` and `clippy` available, which a minimal toolchain lacks.
pub(crate) fn rust_components() -> Result<(), Error> {
    use crate::process;
    use std::process::Command;

    let lacks =
        |tool: &str| !process::succeeds(crate::workspace::cargo().args([tool, "--version"]));
    let components: Vec<_> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter_map(|(tool, component)| lacks(tool).then_some(component))
        .collect();
    if components.is_empty() {
        return Ok(());
    }
    say("toolchain", &format!("adding {} with rustup", components.join(" and ")));
    process::capture(Command::new("rustup").args(["component", "add"]).args(&components))
        .map(drop)
        .map_err(|error| Error::Fetch {
            what: components.join(" and "),
            why: error.to_string(),
            by_hand: format!("rustup component add {}", components.join(" ")),
        })
}

/// One line of the set-up.
fn say(subject: &str, what: &str) {
    println!("  {subject:<14}{what}");
}
