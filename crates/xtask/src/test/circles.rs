//! No two files of a crate import each other, and what a pipeline is made of stands in one place.

use std::path::{Path, PathBuf};

use super::source::{Source, rust_files};
use crate::env::BuildEnv;
use crate::error::Error;
use crate::workspace::Workspace;

/// Looks for files that import each other, in every crate.
pub(super) fn check(workspace: &Workspace, _: &BuildEnv) -> Result<(), Error> {
    let mut found = Vec::new();
    for package in &workspace.packages {
        for folder in crate_folders(&package.folder) {
            for [a, b] in circles(&Source::read(&folder)?) {
                let folder = folder.strip_prefix(&workspace.root).unwrap_or(&folder);
                found.push(format!("{}: {} and {}", folder.display(), a.display(), b.display()));
            }
        }
    }
    match found.is_empty() {
        true => Ok(()),
        false => Err(Error::Listed { what: "files that import each other", lines: found }),
    }
}

/// The folders of a package that hold the root of a crate with modules.
fn crate_folders(package: &Path) -> Vec<PathBuf> {
    let bins = std::fs::read_dir(package.join("src/bin")).into_iter().flatten().flatten();
    let folders = bins.map(|entry| entry.path()).filter(|path| path.is_dir());
    folders.chain([package.join("src")]).filter(|path| path.is_dir()).collect()
}

/// The pairs of files that import each other.
fn circles(source: &Source) -> Vec<[&Path; 2]> {
    let mut found = Vec::new();
    for (module, file) in &source.files {
        for other in source.uses(module) {
            if module < other && source.uses(other).contains(module) {
                found.push([file.path.as_path(), &source.files[other].path]);
            }
        }
    }
    found
}

/// Looks for code of the facade that asks which system it has, outside the file of the presets and
/// the file of the enum.
pub(super) fn presets(workspace: &Workspace, _: &BuildEnv) -> Result<(), Error> {
    let folder = workspace.root.join("crates/hashrec/src");
    let source = Source::read(&folder)?;
    let mut lines = Vec::new();
    for file in source.files.values() {
        if !file.path.ends_with("presets.rs") && asks_for_a_system(&file.tokens) {
            lines.push(file.path.display().to_string());
        }
    }
    match lines.is_empty() {
        true => Ok(()),
        false => Err(Error::Listed { what: "files that know systems by name", lines }),
    }
}

/// Whether a file names a variant of `System` or matches on a system, and doesn't define the enum.
fn asks_for_a_system(tokens: &[String]) -> bool {
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token == word);
    let defines = (0..tokens.len()).any(|at| is(at, "enum") && is(at + 1, "System"));
    let names = |at: usize| {
        is(at, "System") && is(at + 1, "::") && tokens.get(at + 2).is_some_and(|t| is_variant(t))
    };
    let matches = |at: usize| {
        is(at, "match")
            && tokens[at..].iter().take_while(|t| *t != "{").any(|t| t.ends_with("system"))
    };
    !defines && (0..tokens.len()).any(|at| names(at) || matches(at))
}

/// `Popular`, unlike `ALL` and `default`.
fn is_variant(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.any(char::is_lowercase)
}

/// Looks for dependencies that no file of their package names.
pub(super) fn unused(workspace: &Workspace, _: &BuildEnv) -> Result<(), Error> {
    let mut lines = Vec::new();
    for package in &workspace.packages {
        let mut text = String::new();
        for file in rust_files(&package.folder)?.into_iter().chain(bins(&package.folder)?) {
            text += &std::fs::read_to_string(&file).map_err(Error::file(&file))?;
        }
        let unused = package.dependencies.iter().filter(|name| !names(&text, name));
        lines.extend(unused.map(|name| format!("{}: {name}", package.name)));
    }
    match lines.is_empty() {
        true => Ok(()),
        false => Err(Error::Listed { what: "dependencies that nothing uses", lines }),
    }
}

fn bins(package: &Path) -> Result<Vec<PathBuf>, Error> {
    let folder = package.join("src/bin");
    if folder.is_dir() { rust_files(&folder) } else { Ok(Vec::new()) }
}

/// Whether a text has a word.
fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn pairs(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let source = Source::read(folder.path()).unwrap();
        circles(&source).iter().map(|[a, b]| format!("{} {}", a.display(), b.display())).collect()
    }

    #[test]
    fn two_files_that_import_each_other_are_a_circle() {
        let found = pairs(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            ("b.rs", "pub struct B; impl B { fn f(_: super::a::A) {} }"),
        ]);
        assert_eq!(found, ["a.rs b.rs"]);
    }

    #[test]
    fn a_circle_through_a_re_export_is_one_too() {
        let found = pairs(&[
            ("lib.rs", "mod a; mod b; pub use a::A;"),
            ("a.rs", "use crate::b::f; pub struct A;"),
            ("b.rs", "use crate::A; pub fn f(_: A) {}"),
        ]);
        assert_eq!(found, ["a.rs b.rs"]);
        let found = pairs(&[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; pub fn f() { b::g() }"),
            ("a/b.rs", "use super::f; pub fn g() { f() }"),
        ]);
        assert_eq!(found, ["a/mod.rs a/b.rs"]);
    }

    #[test]
    fn one_way_is_no_circle() {
        let found = pairs(&[
            ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
            ("a.rs", "use crate::b::B; pub struct A(B); #[cfg(test)] mod tests { use super::*; }"),
            ("b.rs", "pub struct B; // crate::a::A\n#[cfg(test)] mod tests { use crate::A; }"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn only_variants_and_matches_ask_for_a_system() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(asks_for_a_system(&words("if x == System :: Popular { }")));
        assert!(asks_for_a_system(&words("match self . config . system { }")));
        assert!(!asks_for_a_system(&words("System :: ALL . map ( System :: name )")));
        assert!(!asks_for_a_system(&words("match x { y => system }")));
        assert!(!asks_for_a_system(&words("enum System { Popular } match system { }")));
    }

    #[test]
    fn a_word_is_not_a_part_of_another() {
        assert!(names("use rand::Rng;", "rand"));
        assert!(!names("use rand_pcg::Pcg64;", "rand") && !names("operand", "rand"));
    }
}
