//! What the files of a crate import, read from their words: no macro is expanded, no type resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A path such as `crate::a::B`, as its segments.
pub(super) type Segments = Vec<String>;

/// One crate: its files by the path of their module, test files left out.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) files: BTreeMap<Segments, File>,
}

/// One file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// The words of its code, without comments, literals and tests.
    pub(super) tokens: Vec<String>,
    /// Names that `use` brings in, with the path of each.
    imports: Vec<(String, Segments)>,
    /// Paths that stand in the code outside of `use`.
    mentions: Vec<Segments>,
    /// Modules that are compiled for tests only.
    test_modules: BTreeSet<String>,
}

impl Source {
    /// Reads the crate whose root file is in a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let mut source = Self::default();
        for path in rust_files(folder)? {
            let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
            let relative = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            source.add(relative, &text);
        }
        let tests: Vec<Segments> = (source.files.iter())
            .flat_map(|(module, file)| file.test_modules.iter().map(|name| child(module, name)))
            .collect();
        source.files.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
        Ok(source)
    }

    fn add(&mut self, path: PathBuf, text: &str) {
        let mut module: Segments = path
            .with_extension("")
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if module.last().is_some_and(|last| last == "mod")
            || matches!(module.as_slice(), [root] if root == "lib" || root == "main")
        {
            module.pop();
        }
        self.files.insert(module, File::parse(path, text));
    }

    /// The modules that a module's code refers to; itself isn't among them.
    pub(super) fn uses(&self, module: &Segments) -> BTreeSet<&Segments> {
        let Some(file) = self.files.get(module) else { return BTreeSet::new() };
        let imported = file.imports.iter().map(|(_, path)| path.clone());
        let mentioned = file.mentions.iter().map(|path| file.through_imports(path));
        imported
            .chain(mentioned)
            .filter_map(|path| self.owner(self.absolute(module, &path)?, 0))
            .filter(|&owner| owner != module)
            .collect()
    }

    /// The path from the crate's root; none for paths of other crates.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Segments> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => {
                let parent = module.get(..module.len().checked_sub(1)?)?;
                match rest.first() {
                    Some(more) if more == "super" => self.absolute(parent, rest),
                    _ => Some([parent, rest].concat()),
                }
            }
            _ => self.files.contains_key(&child(module, first)).then(|| [module, path].concat()),
        }
    }

    /// The module whose file defines what a path names, re-exports followed.
    fn owner(&self, path: Segments, depth: usize) -> Option<&Segments> {
        let known = (0..=path.len()).rev().find(|&n| self.files.contains_key(&path[..n]))?;
        let (module, file) = self.files.get_key_value(&path[..known])?;
        let re_export = path.get(known).and_then(|name| file.imported(name));
        if let Some(target) = re_export.and_then(|target| self.absolute(module, target)) {
            // `pub use self::x::x` would lead in circles.
            if depth < 8 && target != path {
                return self.owner([&target, &path[known + 1..]].concat(), depth + 1);
            }
        }
        Some(module)
    }
}

impl File {
    fn parse(path: PathBuf, text: &str) -> Self {
        let (tokens, test_modules) = without_tests(tokens(text));
        let mut file = Self { path, test_modules, ..Self::default() };
        let (mut at, mut depth) = (0, 0usize);
        // The depths of braces at which modules inside the file begin.
        let mut inside = Vec::new();
        while at < tokens.len() {
            match tokens[at].as_str() {
                "{" => {
                    if at > 1 && tokens[at - 2] == "mod" {
                        inside.push(depth);
                    }
                    depth += 1;
                }
                "}" => {
                    depth = depth.saturating_sub(1);
                    inside.pop_if(|start| *start == depth);
                }
                "use" => {
                    let mut imports = Vec::new();
                    at += 1 + use_tree(&tokens[at + 1..], &[], &mut imports);
                    let of_file = |(name, path)| (name, from_file(path, inside.len()));
                    file.imports.extend(imports.into_iter().map(of_file));
                    continue;
                }
                _ => {}
            }
            let length = path_length(&tokens[at..]);
            // The path in `pub(in crate::a)` says who may see, not what is used.
            let is_visibility = at > 0
                && tokens[at - 1] == "in"
                && tokens[..at - 1].ends_with(&["pub".into(), "(".into()]);
            if length > 1 && !is_visibility {
                let path = tokens[at..at + length].iter().step_by(2).cloned().collect();
                file.mentions.push(from_file(path, inside.len()));
            }
            at += length.max(1);
        }
        file.tokens = tokens;
        file
    }

    fn imported(&self, name: &str) -> Option<&Segments> {
        self.imports.iter().find(|(found, _)| found == name).map(|(_, path)| path)
    }

    /// A mentioned path, its first name replaced by what `use` says of it.
    fn through_imports(&self, path: &[String]) -> Segments {
        match self.imported(&path[0]) {
            Some(import) => [import, &path[1..]].concat(),
            None => path.to_vec(),
        }
    }
}

/// A path as the file itself would write it, not a module so deep inside of it.
fn from_file(path: Segments, depth: usize) -> Segments {
    let supers = path.iter().take_while(|segment| *segment == "super").count();
    match supers {
        0 => path,
        _ if supers <= depth => [&["self".to_owned()], &path[supers..]].concat(),
        _ => path[depth..].to_vec(),
    }
}

fn child(module: &[String], name: &str) -> Segments {
    [module, &[name.to_owned()]].concat()
}

/// The Rust files under a folder, programs of their own (`bin`) left out, in a fixed order.
pub(super) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "bin" && name != "target") {
                files.extend(rust_files(&path)?);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The number of tokens of a path `a::b::c` at the start; 1 for a single name, 0 for none.
fn path_length(tokens: &[String]) -> usize {
    let is_name = |at: usize| tokens.get(at).is_some_and(|token| is_word(token));
    if !is_name(0) {
        return 0;
    }
    let mut length = 1;
    while tokens.get(length).is_some_and(|token| token == "::") && is_name(length + 1) {
        length += 2;
    }
    length
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c == '_' || c.is_alphabetic())
}

/// Reads one tree of a `use`; returns how many tokens it has. The token that ends it (`;`, `,` or
/// `}`) stays.
fn use_tree(tokens: &[String], before: &[String], into: &mut Vec<(String, Segments)>) -> usize {
    let mut path = before.to_vec();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at += use_tree(&tokens[at..], &path, into);
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            "as" => {
                if let Some(name) = tokens.get(at + 1) {
                    into.push((name.clone(), path));
                }
                return at + 2;
            }
            ";" | "," | "}" => break,
            "::" => {}
            // `use a::{self}` names `a`.
            "self" if path.len() > before.len() || !before.is_empty() => {}
            name => path.push(name.to_owned()),
        }
        at += 1;
    }
    if let Some(name) = path.last() {
        into.push((name.clone(), path));
    }
    at
}

/// The tokens without the items marked `#[cfg(test)]`, and the names of modules among these.
fn without_tests(tokens: Vec<String>) -> (Vec<String>, BTreeSet<String>) {
    let (mut kept, mut modules, mut at) = (Vec::new(), BTreeSet::new(), 0);
    while at < tokens.len() {
        if !is_test_attribute(&tokens[at..]) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = at + item_length(&tokens[at..]);
        let item = &tokens[at..end.min(tokens.len())];
        if let Some(name) = item.windows(2).find(|pair| pair[0] == "mod").map(|pair| &pair[1]) {
            modules.insert(name.clone());
        }
        at = end;
    }
    (kept, modules)
}

/// `#[cfg(test)]`, `#[cfg(all(feature = "a", test))]`, and no `#[cfg(not(test))]`.
fn is_test_attribute(tokens: &[String]) -> bool {
    if tokens.len() < 3 || tokens[..3] != ["#", "[", "cfg"] {
        return false;
    }
    let attribute: Vec<_> = tokens.iter().take_while(|token| *token != "]").collect();
    let has = |word: &str| attribute.iter().any(|token| *token == word);
    has("test") && !has("not")
}

/// The tokens of an item: up to its first `;`, or to the end of its first braces.
fn item_length(tokens: &[String]) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            ";" if depth == 0 => return at + 1,
            "{" => depth += 1,
            "}" if depth <= 1 => return at + 1,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Names, `::` and single signs; comments and literals left out.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let rest = &chars[at..];
        at += match rest {
            ['/', '/', ..] => until(rest, '\n'),
            ['/', '*', ..] => comment_length(rest),
            ['"', ..] => 1 + quoted_length(&rest[1..]),
            ['r', '#' | '"', ..] if raw_string_length(rest) > 0 => raw_string_length(rest),
            ['\'', '\\', _, tail @ ..] => 4 + until(tail, '\'').min(tail.len()),
            ['\'', _, '\'', ..] => 3,
            [':', ':', ..] => {
                tokens.push("::".to_owned());
                2
            }
            [c, ..] if *c == '_' || c.is_alphanumeric() => {
                let word: String =
                    rest.iter().take_while(|c| **c == '_' || c.is_alphanumeric()).collect();
                let length = word.chars().count();
                tokens.push(word);
                length
            }
            [c, ..] => {
                if !c.is_whitespace() {
                    tokens.push(c.to_string());
                }
                1
            }
            [] => 1,
        };
    }
    tokens
}

/// How far a sign is away.
fn until(chars: &[char], sign: char) -> usize {
    chars.iter().position(|c| *c == sign).unwrap_or(chars.len())
}

fn comment_length(chars: &[char]) -> usize {
    let end = chars.windows(2).skip(2).position(|pair| pair == ['*', '/']);
    end.map_or(chars.len(), |at| at + 4)
}

fn quoted_length(chars: &[char]) -> usize {
    let mut at = 0;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of `r"…"` or `r#"…"#`, or 0 if that isn't one.
fn raw_string_length(chars: &[char]) -> usize {
    let hashes = chars[1..].iter().take_while(|c| **c == '#').count();
    if chars.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let start = 2 + hashes;
    let found = chars[start..].windows(end.len()).position(|window| window == end);
    found.map_or(chars.len(), |at| start + at + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(files: &[(&str, &str)]) -> Source {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Source::read(folder.path()).unwrap()
    }

    fn uses(source: &Source, module: &str) -> Vec<String> {
        let module: Segments = module.split("::").map(str::to_owned).collect();
        source.uses(&module).into_iter().map(|module| module.join("::")).collect()
    }

    #[test]
    fn literals_and_comments_are_no_code() {
        let text = "a /* use b; */ r#\"use c;\"# '\"' '\\'' \"\\\"use d;\" // use e;\n<'f> 'g'::h";
        assert_eq!(tokens(text).concat(), "a<'f>::h");
    }

    #[test]
    fn uses_are_read_in_every_form() {
        let source = source(&[
            ("lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
            (
                "a.rs",
                "use {crate::{b::{self, X}, c::Y as Z}, std::x}; fn f() { super::d::g(); Z; }",
            ),
            ("b.rs", ""),
            ("c.rs", "use crate::e; fn f() { e::g() }"),
            ("d.rs", "fn f() { crate::b::g::<crate::c::T>() }"),
            ("e.rs", "use std::fmt; pub(in crate::a) fn g() {} // use crate::a::B;"),
        ]);
        assert_eq!(uses(&source, "a"), ["b", "c", "d"]);
        assert_eq!(uses(&source, "c"), ["e"]);
        assert_eq!(uses(&source, "d"), ["b", "c"]);
        assert!(uses(&source, "e").is_empty());
    }

    #[test]
    fn re_exports_lead_to_the_file_that_defines() {
        let source = source(&[
            ("lib.rs", "mod a; mod b; pub use a::Thing;"),
            ("a/mod.rs", "mod inner; pub(crate) use inner::Thing;"),
            ("a/inner.rs", "pub struct Thing;"),
            ("b.rs", "use crate::Thing;"),
        ]);
        assert_eq!(uses(&source, "b"), ["a::inner"]);
        assert_eq!(uses(&source, "a"), ["a::inner"]);
    }

    #[test]
    fn a_module_inside_a_file_belongs_to_the_file() {
        let source = source(&[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; mod c;"),
            (
                "a/b.rs",
                "mod inside { use super::B; fn f() { super::super::c::g() } } use super::d;",
            ),
            ("a/c.rs", "mod inside { use super::C; }"),
        ]);
        assert_eq!(uses(&source, "a::b"), ["a", "a::c"]);
        assert!(uses(&source, "a::c").is_empty());
    }

    #[test]
    fn tests_do_not_count() {
        let source = source(&[
            ("lib.rs", "mod a; mod b; #[cfg(test)] mod only_tests;"),
            ("a.rs", "#[cfg(test)] mod tests { use crate::b::B; } fn f() {}"),
            (
                "b.rs",
                "#[cfg(all(feature = \"x\", test))] use crate::a::A; use crate::only_tests::helper;",
            ),
            ("only_tests.rs", "use crate::a::A;"),
        ]);
        assert!(uses(&source, "a").is_empty());
        // What remains of a module that isn't there is its parent.
        assert_eq!(uses(&source, "b"), [""]);
    }
}
