//! What is on this machine.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::pip;
use super::say;
use super::version::Version;
use crate::process;

/// The oldest cmake that LightGBM's build accepts.
pub(crate) const OLDEST_CMAKE: Version = Version(3, 28, 0);

/// The compilers a build may use, in the order of preference.
const COMPILERS: [&str; 3] = ["c++", "g++", "clang++"];

/// The build tools found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The C++ compiler's name on `PATH`.
    pub(crate) cxx: Option<&'static str>,
    pub(crate) make: bool,
    /// A cmake that is new enough.
    pub(crate) cmake: Option<Cmake>,
    /// A cmake that is too old, for the reader.
    pub(crate) old_cmake: Option<Version>,
    /// The system's libclang, or the one that `LIBCLANG_PATH` names.
    pub(crate) libclang: Option<PathBuf>,
    /// There is none on the system, but one was fetched before.
    pub(crate) fetched_libclang: bool,
}

/// A cmake that can be used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cmake {
    pub(crate) version: Version,
    /// It lies in the tools folder rather than on `PATH`.
    pub(crate) fetched: bool,
}

impl Found {
    /// Whether the workspace can be built.
    pub(crate) fn complete(&self) -> bool {
        self.cxx.is_some() && self.make && self.cmake.is_some() && self.has_libclang()
    }

    pub(crate) fn has_libclang(&self) -> bool {
        self.libclang.is_some() || self.fetched_libclang
    }

    /// One line a tool.
    pub(crate) fn tell(&self) {
        say("C++ compiler", self.cxx.unwrap_or("not found"));
        say("make", if self.make { "found" } else { "not found" });
        match (self.cmake, self.old_cmake) {
            (Some(Cmake { version, fetched: false }), _) => say("cmake", &version.to_string()),
            (Some(Cmake { version, .. }), _) => say("cmake", &format!("{version}, fetched")),
            (None, Some(old)) => {
                say("cmake", &format!("{old} is too old, {OLDEST_CMAKE} or newer is needed"));
            }
            (None, None) => say("cmake", "not found"),
        }
        match &self.libclang {
            Some(path) => say("libclang", &path.display().to_string()),
            None if self.fetched_libclang => say("libclang", "fetched"),
            None => say("libclang", "not found"),
        }
    }
}

/// Looks for every tool.
pub(crate) fn look(tools: &Path) -> Found {
    let on_path = cmake_version(Path::new("cmake"));
    let system = on_path.filter(|&version| version >= OLDEST_CMAKE);
    let fetched = || {
        cmake_version(&pip::cmake_folder(tools).join("cmake"))
            .filter(|&version| version >= OLDEST_CMAKE)
    };
    let cmake = system
        .map(|version| Cmake { version, fetched: false })
        .or_else(|| fetched().map(|version| Cmake { version, fetched: true }));
    let libclang = env::var_os("LIBCLANG_PATH")
        .and_then(|path| libclang_at(Path::new(&path)))
        .or_else(|| library_folders().iter().find_map(|dir| libclang_at(dir)));
    let fetched_libclang =
        libclang.is_none() && libclang_at(&pip::libclang_folder(tools)).is_some();
    Found {
        cxx: COMPILERS.into_iter().find(|name| process::find(name).is_some()),
        make: process::find("make").is_some(),
        cmake,
        old_cmake: if system.is_none() { on_path } else { None },
        libclang,
        fetched_libclang,
    }
}

fn cmake_version(cmake: &Path) -> Option<Version> {
    Version::find(&process::capture(Command::new(cmake).arg("--version")).ok()?)
}

/// Where distributions put libclang; the build looks in these folders too.
fn library_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        ["/usr/local/lib", "/usr/lib", "/usr/lib64"].into_iter().map(PathBuf::from).collect();
    let mut inside: Vec<PathBuf> = std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            if name.starts_with("llvm") {
                return Some(entry.path().join("lib"));
            }
            name.contains("-linux-").then(|| entry.path())
        })
        .collect();
    inside.sort();
    folders.extend(inside);
    folders
}

/// The library at a path, which names it or its folder.
fn libclang_at(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_path_buf());
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_libclang))
        .map(|entry| entry.path())
        // A dangling link is no library.
        .filter(|file| file.exists())
        .collect();
    files.sort();
    files.into_iter().next()
}

/// The file names that the loader of libclang accepts.
fn is_libclang(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("libclang") else { return false };
    if name.ends_with(".dylib") {
        return rest == ".dylib";
    }
    // `libclang-cpp.so` is another library.
    let versioned = rest
        .strip_prefix('-')
        .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'));
    match versioned {
        Some(rest) => rest.starts_with("so"),
        None => rest.starts_with(".so"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_libclang_itself_is_taken_for_it() {
        for name in [
            "libclang.so",
            "libclang.so.1",
            "libclang-14.so.1",
            "libclang-14.so.14.0.6",
            "libclang.dylib",
        ] {
            assert!(is_libclang(name), "{name}");
        }
        for name in ["libclang-cpp.so.14", "libclangAST.a", "libclang_rt.so", "libclang.a", "x"] {
            assert!(!is_libclang(name), "{name}");
        }
    }

    #[test]
    fn a_library_is_found_by_file_and_by_folder() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(libclang_at(dir.path()), None);
        let file = dir.path().join("libclang.so");
        std::fs::write(&file, []).unwrap();
        assert_eq!(libclang_at(dir.path()), Some(file.clone()));
        assert_eq!(libclang_at(&file), Some(file));
        assert_eq!(libclang_at(&dir.path().join("absent")), None);
    }

    #[test]
    fn an_empty_machine_is_not_complete() {
        assert!(!Found::default().complete());
    }
}
