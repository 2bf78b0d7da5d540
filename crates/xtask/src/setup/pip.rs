//! cmake and libclang from PyPI, whose packages carry the programs themselves.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt::Apt;
use super::plan::Tool;
use super::say;
use crate::error::Error;
use crate::process;

/// The Debian package that carries pip as a wheel, which runs without being installed.
const PIP_WHEEL_PACKAGE: &str = "python3-pip-whl";

impl Tool {
    /// The pinned requirement.
    pub(crate) fn requirement(self) -> &'static str {
        match self {
            Self::Cmake => "cmake==4.4.4",
            Self::Libclang => "libclang==18.1.1",
        }
    }
}

/// Where fetched packages lie.
fn packages(tools: &Path) -> PathBuf {
    tools.join("python")
}

/// The folder of the fetched cmake program: the one inside the package, which needs no Python.
pub(crate) fn cmake_folder(tools: &Path) -> PathBuf {
    packages(tools).join("cmake/data/bin")
}

/// The folder of the fetched `libclang.so`.
pub(crate) fn libclang_folder(tools: &Path) -> PathBuf {
    packages(tools).join("clang/native")
}

pub(crate) fn has_python() -> bool {
    process::succeeds(Command::new("python3").arg("--version"))
}

pub(crate) fn has_pip() -> bool {
    process::succeeds(Command::new("python3").args(["-m", "pip", "--version"]))
}

/// Debian ships the module `venv` without the pip it needs, unless `python3-venv` is installed.
pub(crate) fn has_venv() -> bool {
    process::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]))
}

/// Fetches tools into the tools folder.
pub(crate) fn install(tools: &Path, apt: &Apt, wanted: &[Tool]) -> Result<(), Error> {
    let requirements: Vec<_> = wanted.iter().map(|tool| tool.requirement()).collect();
    let failed = |error: Error| Error::Fetch {
        what: requirements.join(" and "),
        why: error.to_string(),
        by_hand: format!(
            "python3 -m pip install --target {} {}",
            packages(tools).display(),
            requirements.join(" ")
        ),
    };
    let mut pip = pip(tools, apt).map_err(failed)?;
    say("pip", &format!("fetching {} into the target folder", requirements.join(" and ")));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-user", "--no-deps"]);
    pip.args(["--upgrade", "--only-binary", ":all:", "--target"]).arg(packages(tools));
    process::capture(pip.args(&requirements)).map(drop).map_err(failed)
}

/// The start of a pip command: the system's, a virtual environment's, or one that is unpacked.
fn pip(tools: &Path, apt: &Apt) -> Result<Command, Error> {
    if has_pip() {
        let mut command = Command::new("python3");
        command.args(["-m", "pip"]);
        return Ok(command);
    }
    if has_venv() {
        let folder = tools.join("venv");
        say("python3", &format!("making a virtual environment in {}", folder.display()));
        process::capture(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut command = Command::new(folder.join("bin/python3"));
        command.args(["-m", "pip"]);
        return Ok(command);
    }
    let folder = tools.join("pip");
    apt.unpack(PIP_WHEEL_PACKAGE, &folder)?;
    let wheels = folder.join("usr/share/python-wheels");
    let wheel = std::fs::read_dir(&wheels)
        .map_err(Error::file(&wheels))?
        .flatten()
        .map(|entry| entry.path())
        .find(|file| is_pip_wheel(file))
        .ok_or_else(|| Error::Program {
            command: format!("apt-get download {PIP_WHEEL_PACKAGE}"),
            why: format!("no pip wheel in {}", wheels.display()),
        })?;
    // A wheel is an archive that Python can run from.
    let mut command = Command::new("python3");
    command.arg(wheel.join("pip"));
    Ok(command)
}

fn is_pip_wheel(file: &Path) -> bool {
    file.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with("pip-") && name.ends_with(".whl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_pinned() {
        for tool in [Tool::Cmake, Tool::Libclang] {
            assert!(tool.requirement().contains("=="));
        }
    }

    #[test]
    fn the_wheel_of_pip_is_told_from_its_neighbours() {
        assert!(is_pip_wheel(Path::new("/w/pip-23.0.1-py3-none-any.whl")));
        assert!(!is_pip_wheel(Path::new("/w/setuptools-66.1.1-py3-none-any.whl")));
        assert!(!is_pip_wheel(Path::new("/w/pipx-1.whl")));
    }
}
