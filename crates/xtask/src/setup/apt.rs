//! Debian's and Ubuntu's package manager: installing as root, unpacking as anybody.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::version::Version;
use super::{Options, say};
use crate::error::Error;
use crate::process;

/// apt-get on this machine, if it is there.
#[derive(Debug)]
pub(crate) struct Apt {
    there: bool,
    /// May packages be installed into the system?
    installs: bool,
    /// Where package lists are kept when the system's are left alone.
    state: PathBuf,
    updated: Cell<bool>,
}

impl Apt {
    pub(crate) fn new(tools: &Path, options: Options) -> Self {
        let there = process::find("apt-get").is_some() && process::find("dpkg-deb").is_some();
        Self {
            there,
            installs: there && !options.no_apt && is_root(),
            state: tools.join("apt"),
            updated: Cell::new(false),
        }
    }

    /// Whether there is an apt at all.
    pub(crate) fn there(&self) -> bool {
        self.there
    }

    /// Whether it may install.
    pub(crate) fn installs(&self) -> bool {
        self.installs
    }

    /// Reads the package lists again, once a run. A mirror that does not answer is told and no
    /// more: what is installed from older lists often works.
    pub(crate) fn update(&self) {
        if !self.there || self.updated.replace(true) {
            return;
        }
        say("apt-get", "reading the package lists");
        if let Err(error) = self.prepare().and_then(|()| {
            process::capture(self.command("apt-get").args(["-qq", "update"])).map(drop)
        }) {
            say("apt-get", &format!("went on with the lists there are: {error}"));
        }
    }

    /// The version that an installation would bring.
    pub(crate) fn candidate(&self, package: &str) -> Option<Version> {
        if !self.there {
            return None;
        }
        let answer = process::capture(self.command("apt-cache").args(["policy", package])).ok()?;
        candidate_of(&answer)
    }

    /// Installs packages.
    pub(crate) fn install(&self, packages: &[&str]) -> Result<(), Error> {
        self.update();
        let names = packages.join(" ");
        say("apt-get", &format!("installing {names}"));
        let mut command = self.command("apt-get");
        command.args(["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]);
        process::capture(command.args(packages)).map(drop).map_err(|error| Error::Fetch {
            what: names.clone(),
            why: error.to_string(),
            by_hand: format!("apt-get update && apt-get install -y {names}"),
        })
    }

    /// Unpacks a package into a folder, without installing it: needs no root.
    pub(crate) fn unpack(&self, package: &str, into: &Path) -> Result<(), Error> {
        self.update();
        say("apt-get", &format!("unpacking {package} into {}", into.display()));
        let result = self.download_and_unpack(package, into);
        // The lists are 150 MB and made anew in seconds.
        let _ = fs::remove_dir_all(&self.state);
        self.updated.set(false);
        result
    }

    fn download_and_unpack(&self, package: &str, into: &Path) -> Result<(), Error> {
        let downloads = self.state.join("downloads");
        let _ = fs::remove_dir_all(&downloads);
        fs::create_dir_all(&downloads).map_err(Error::file(&downloads))?;
        let mut command = self.command("apt-get");
        process::capture(command.args(["-qq", "download", package]).current_dir(&downloads))?;
        let entries = fs::read_dir(&downloads).map_err(Error::file(&downloads))?;
        let archive = entries
            .flatten()
            .map(|entry| entry.path())
            .find(|file| file.extension().is_some_and(|ending| ending == "deb"))
            .ok_or_else(|| Error::Program {
                command: format!("apt-get download {package}"),
                why: "brought no package".to_owned(),
            })?;
        fs::create_dir_all(into).map_err(Error::file(into))?;
        process::capture(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(into)).map(drop)
    }

    fn prepare(&self) -> Result<(), Error> {
        if self.installs {
            return Ok(());
        }
        for folder in ["state/lists/partial", "cache/archives/partial"] {
            let folder = self.state.join(folder);
            fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        }
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        // What is read from the answers is not translated.
        command.env("LC_ALL", "C");
        if !self.installs && self.state.is_dir() {
            for (option, folder) in [("Dir::State", "state"), ("Dir::Cache", "cache")] {
                let folder = self.state.join(folder);
                command.arg("-o").arg(format!("{option}={}", folder.display()));
            }
            // No lock of the system's, and, for root, no other user who cannot read the folder.
            command.args(["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root"]);
        }
        command
    }
}

fn candidate_of(policy: &str) -> Option<Version> {
    let line = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?;
    Version::find(line)
}

fn is_root() -> bool {
    process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_candidate_is_read_from_apt_cache() {
        let policy = "cmake:\n  Installed: (none)\n  Candidate: 3.31.6-2\n  Version table:\n     \
                      3.31.6-2 500\n        500 http://deb.debian.org/debian trixie/main\n";
        assert_eq!(candidate_of(policy), Some(Version(3, 31, 6)));
        assert_eq!(candidate_of("x:\n  Installed: (none)\n  Candidate: (none)\n"), None);
        assert_eq!(candidate_of(""), None);
    }
}
