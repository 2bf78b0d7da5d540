//! The build tools: looked for on this machine, and installed where they are missing.
//!
//! LightGBM needs a C++ compiler, make, cmake and libclang. The first two come from the system's
//! package manager, the others from PyPI, whose packages contain the programs: pip puts them into
//! `target/tools/python` and leaves the system alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env::BuildEnv;
use crate::error::Error;
use crate::process;
use crate::workspace::{Workspace, cargo};

/// The oldest cmake that LightGBM's build accepts: major and minor version.
const OLDEST_CMAKE: (u32, u32) = (3, 28);

const CMAKE: &str = "cmake==4.4.4";
const LIBCLANG: &str = "libclang==18.1.1";

/// The compilers that a build may use, best first.
const COMPILERS: [&str; 3] = ["c++", "g++", "clang++"];

/// The caller's choices.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Options {
    /// Never change the system, not even as root.
    pub(crate) no_apt: bool,
}

/// The tools that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The name of the C++ compiler on `PATH`.
    pub(crate) cxx: Option<&'static str>,
    pub(crate) make: bool,
    pub(crate) cmake: Option<Origin>,
    pub(crate) libclang: Option<Origin>,
    /// pip, or a virtual environment that brings one.
    pub(crate) pip: bool,
}

/// Where a tool comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Origin {
    System,
    /// An earlier run installed it in the tools folder.
    Tools,
}

impl Found {
    fn look(tools: &Path) -> Self {
        let origin = |system: bool, fetched: &dyn Fn() -> bool| match system {
            true => Some(Origin::System),
            false => fetched().then_some(Origin::Tools),
        };
        let python = |code: &[&str]| process::succeeds(Command::new("python3").args(code));
        Self {
            cxx: COMPILERS.into_iter().find(|name| process::find(name).is_some()),
            make: process::find("make").is_some(),
            cmake: origin(is_recent_cmake(Path::new("cmake")), &|| {
                is_recent_cmake(&cmake_folder(tools).join("cmake"))
            }),
            libclang: origin(has_libclang(), &|| libclang_folder(tools).is_dir()),
            pip: python(&["-m", "pip", "--version"]) || python(&["-c", "import venv, ensurepip"]),
        }
    }

    fn complete(self) -> bool {
        self.cxx.is_some() && self.make && self.wheels().is_empty()
    }

    /// What pip has to fetch.
    fn wheels(self) -> Vec<&'static str> {
        let wanted = [(self.cmake, CMAKE), (self.libclang, LIBCLANG)];
        wanted.into_iter().filter_map(|(tool, wheel)| tool.is_none().then_some(wheel)).collect()
    }

    /// The Debian packages that bring what pip can't, pip included.
    fn packages(self) -> Vec<&'static str> {
        let mut packages = Vec::new();
        packages.extend(self.cxx.is_none().then_some("g++"));
        packages.extend((!self.make).then_some("make"));
        packages.extend((!self.wheels().is_empty() && !self.pip).then_some("python3-venv"));
        packages
    }
}

/// Makes sure that the build tools are there. Returns the environment in which a build finds them.
pub(crate) fn build_tools(workspace: &Workspace, options: Options) -> Result<BuildEnv, Error> {
    let tools = workspace.tools();
    let mut found = Found::look(&tools);
    if !found.packages().is_empty() {
        apt_install(&found.packages(), options)?;
        found = Found::look(&tools);
    }
    if !found.wheels().is_empty() {
        pip_install(&tools.join("python"), &found.wheels())?;
        found = Found::look(&tools);
    }
    match found.complete() {
        true => Ok(environment(&tools, found)),
        false => Err(Error::Missing(found.packages())),
    }
}

/// The environment for tools that are there already. Installs nothing.
pub(crate) fn present_tools(workspace: &Workspace) -> Result<BuildEnv, Error> {
    let tools = workspace.tools();
    let found = Found::look(&tools);
    if found.complete() { Ok(environment(&tools, found)) } else { Err(Error::NotSetUp) }
}

/// A fetched cmake on `PATH`, the compiler's name where it isn't `c++`, the place of a fetched
/// libclang, and the compiler's own headers.
fn environment(tools: &Path, found: Found) -> BuildEnv {
    let mut env = BuildEnv::default();
    if found.cmake == Some(Origin::Tools) {
        env = env.with_path(cmake_folder(tools));
    }
    if found.libclang == Some(Origin::Tools) {
        env = env.with("LIBCLANG_PATH", libclang_folder(tools));
    }
    if let Some(name) = found.cxx.filter(|&name| name != "c++") {
        env = env.with("CXX", name);
    }
    match compiler_headers() {
        Some(folder) => {
            // libclang has no stddef.h of its own; gcc's is read only where no other is found.
            let ours = format!("-idirafter{}", folder.display());
            let given = std::env::var("BINDGEN_EXTRA_CLANG_ARGS").unwrap_or_default();
            let ours = if given.contains(&ours) { given } else { format!("{given} {ours}") };
            env.with("BINDGEN_EXTRA_CLANG_ARGS", ours.trim())
        }
        None => env,
    }
}

/// The folder of the headers that belong to the compiler itself (`stddef.h`).
fn compiler_headers() -> Option<PathBuf> {
    let answer = process::capture(Command::new("cc").arg("-print-file-name=include")).ok()?;
    // A compiler that has none repeats the bare word.
    Some(PathBuf::from(answer.trim())).filter(|folder| folder.is_absolute() && folder.is_dir())
}

/// The folder of the cmake that pip installed.
fn cmake_folder(tools: &Path) -> PathBuf {
    tools.join("python/cmake/data/bin")
}

/// The folder of the `libclang.so` that pip installed.
fn libclang_folder(tools: &Path) -> PathBuf {
    tools.join("python/clang/native")
}

fn is_recent_cmake(cmake: &Path) -> bool {
    let answer = process::capture(Command::new(cmake).arg("--version"));
    answer.is_ok_and(|text| version(&text).is_some_and(|version| version >= OLDEST_CMAKE))
}

/// Major and minor version in `cmake version 3.25.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let number =
        text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let mut parts = number?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Whether bindgen finds a libclang by itself. Only Linux's loader can be asked; elsewhere the
/// compiler brings one.
fn has_libclang() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() || !cfg!(target_os = "linux") {
        return true;
    }
    let known = process::capture(Command::new("/sbin/ldconfig").arg("-p"));
    known.is_ok_and(|list| {
        list.split_whitespace().any(|name| {
            name.strip_prefix("libclang")
                .is_some_and(|rest| rest.starts_with(".so") || is_versioned(rest))
        })
    })
}

/// `-14.so.1`, unlike the `-cpp.so.14` of another library.
fn is_versioned(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Installs Debian packages as root; otherwise the error says which.
pub(crate) fn apt_install(packages: &[&'static str], options: Options) -> Result<(), Error> {
    if options.no_apt || !is_root() || process::find("apt-get").is_none() {
        return Err(Error::Missing(packages.to_vec()));
    }
    println!("  apt-get       installing {}", packages.join(" "));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        command
    };
    // An unreachable mirror isn't the end: older lists often still work.
    let _ = process::capture(apt().arg("update"));
    let arguments = ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
    process::capture(apt().args(arguments).args(packages)).map(drop)
}

pub(crate) fn is_root() -> bool {
    process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs packages from PyPI into a folder of their own.
pub(crate) fn pip_install(folder: &Path, wheels: &[&str]) -> Result<(), Error> {
    println!("  pip           installing {} into {}", wheels.join(" "), folder.display());
    let mut python = PathBuf::from("python3");
    if !process::succeeds(Command::new(&python).args(["-m", "pip", "--version"])) {
        let venv = folder.with_file_name("venv");
        process::capture(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&venv))?;
        python = venv.join("bin/python3");
    }
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-user"]);
    pip.args(["--no-deps", "--upgrade", "--only-binary", ":all:", "--target"]);
    process::capture(pip.arg(folder).args(wheels)).map(drop)
}

/// Makes `rustfmt` and `clippy` available, which a minimal toolchain lacks.
pub(crate) fn rust_components() -> Result<(), Error> {
    let lacks = |tool: &str| !process::succeeds(cargo().args([tool, "--version"]));
    let components: Vec<_> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter_map(|(tool, component)| lacks(tool).then_some(component))
        .collect();
    if components.is_empty() {
        return Ok(());
    }
    process::capture(Command::new("rustup").args(["component", "add"]).args(components)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: Found = Found {
        cxx: Some("c++"),
        make: true,
        cmake: Some(Origin::System),
        libclang: Some(Origin::Tools),
        pip: false,
    };

    #[test]
    fn a_bare_machine_is_asked_for_everything_at_once() {
        let bare = Found::default();
        assert_eq!(bare.packages(), ["g++", "make", "python3-venv"]);
        assert_eq!(bare.wheels(), [CMAKE, LIBCLANG]);
        assert!(!bare.complete());
    }

    #[test]
    fn python_is_asked_for_only_where_pip_has_work() {
        assert!(COMPLETE.complete() && COMPLETE.packages().is_empty());
        let old_cmake = Found { cmake: None, ..COMPLETE };
        assert_eq!(old_cmake.packages(), ["python3-venv"]);
        assert!(Found { pip: true, ..old_cmake }.packages().is_empty());
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(version("cmake version 3.25.1\n\nCMake suite"), Some((3, 25)));
        assert!(version("cmake version 3.9.6") < Some(OLDEST_CMAKE));
        assert!(version("cmake version 4.1.0-rc2") > Some(OLDEST_CMAKE));
        assert_eq!(version("no version"), None);
    }

    #[test]
    fn the_library_of_the_compiler_is_not_libclang() {
        assert!(is_versioned("-14.so.1") && !is_versioned("-cpp.so.14"));
    }
}
