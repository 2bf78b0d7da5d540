//! The environment that the workspace's build needs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;
use crate::setup::pip;

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
    /// What is needed for the tools found: a fetched cmake on `PATH`, the compiler's name where it
    /// is not `c++`, the place of a fetched libclang, and the headers that come with a compiler.
    pub(crate) fn new(tools: &Path, found: &crate::setup::Found) -> Self {
        let mut env = Self::default();
        if found.cmake.is_some_and(|cmake| cmake.fetched) {
            env.path.push(pip::cmake_folder(tools));
        }
        if found.fetched_libclang {
            env.variables.push(("LIBCLANG_PATH", pip::libclang_folder(tools).into()));
        }
        if let Some(name) = found.cxx.filter(|&name| name != "c++") {
            env.variables.push(("CXX", name.into()));
        }
        // libclang by itself has no stddef.h; gcc's is only asked where no other folder has it.
        if let Some(include) = compiler_headers() {
            let mut args = std::env::var_os("BINDGEN_EXTRA_CLANG_ARGS").unwrap_or_default();
            let ours = format!("-idirafter{}", include.display());
            if !args.to_string_lossy().contains(&ours) {
                if !args.is_empty() {
                    args.push(" ");
                }
                args.push(ours);
            }
            env.variables.push(("BINDGEN_EXTRA_CLANG_ARGS", args));
        }
        env
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

/// The folder of the headers that belong to the compiler itself (`stddef.h`).
fn compiler_headers() -> Option<PathBuf> {
    let answer = process::capture(Command::new("cc").arg("-print-file-name=include")).ok()?;
    // A compiler that has none repeats the bare word.
    Some(PathBuf::from(answer.trim())).filter(|dir| dir.is_absolute() && dir.is_dir())
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
