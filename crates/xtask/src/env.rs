//! The environment that the workspace's build needs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// Where the compiled dictionary lies, for tests.
pub(crate) const DICTIONARY: &str = "HASHREC_DICTIONARY";

/// Variables that cargo sets for the program it runs. A nested cargo must not hand them on: build
/// scripts that watch them would run again.
const CARGO_RUN_PREFIXES: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// Changes to this program's own environment, to be made for every build.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct BuildEnv {
    /// Folders to put before `PATH`.
    path: Vec<PathBuf>,
    variables: Vec<(&'static str, OsString)>,
}

impl BuildEnv {
    /// Puts a folder before `PATH`.
    pub(crate) fn with_path(mut self, folder: PathBuf) -> Self {
        self.path.push(folder);
        self
    }

    /// Adds a variable.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Gives a command this environment.
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for (name, _) in std::env::vars_os() {
            let shown = name.to_string_lossy();
            if CARGO_RUN_PREFIXES.iter().any(|prefix| shown.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        if !self.path.is_empty() {
            let old = std::env::var_os("PATH").unwrap_or_default();
            let folders = self.path.iter().cloned().chain(std::env::split_paths(&old));
            if let Ok(path) = std::env::join_paths(folders) {
                command.env("PATH", path);
            }
        }
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command
    }

    /// Runs a command in the workspace's root and this environment; prints it first.
    pub(crate) fn run(&self, workspace: &Workspace, command: &mut Command) -> Result<(), Error> {
        println!("{}", process::line(command));
        process::run(self.apply(command).current_dir(&workspace.root))
    }

    /// Lines for a POSIX shell.
    pub(crate) fn as_shell(&self) -> String {
        let quote = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        let mut lines = String::new();
        for folder in self.path.iter().rev() {
            lines
                .push_str(&format!("export PATH={}:\"$PATH\"\n", quote(&folder.to_string_lossy())));
        }
        for (name, value) in &self.variables {
            lines.push_str(&format!("export {name}={}\n", quote(&value.to_string_lossy())));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_lines_survive_blanks_and_quotes() {
        let mut env = BuildEnv::default().with("CXX", "g++");
        env.path.push(PathBuf::from("/home/o'neil/my tools/bin"));
        assert_eq!(
            env.as_shell(),
            "export PATH='/home/o'\\''neil/my tools/bin':\"$PATH\"\nexport CXX='g++'\n"
        );
    }

    #[test]
    fn folders_go_before_the_path_of_this_program() {
        let mut env = BuildEnv::default().with(DICTIONARY, "/d/ipadic.dic");
        env.path.push(PathBuf::from("/first"));
        let mut command = Command::new("env");
        env.apply(&mut command);
        let set: Vec<_> = command.get_envs().filter(|(_, value)| value.is_some()).collect();
        assert!(set.iter().any(|(name, value)| {
            *name == "PATH" && value.is_some_and(|v| v.to_string_lossy().starts_with("/first:"))
        }));
        assert!(set.iter().any(|(name, _)| *name == DICTIONARY));
    }
}
