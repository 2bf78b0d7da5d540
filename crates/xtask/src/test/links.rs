//! Every link from one document of the repository to another leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};

use super::markdown::Document;
use crate::env::BuildEnv;
use crate::error::Error;
use crate::workspace::Workspace;

/// Folders without documents of ours.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// Checks the links of all documents.
pub(super) fn check(workspace: &Workspace, _: &BuildEnv) -> Result<(), Error> {
    let mut documents = Vec::new();
    collect(&workspace.root, &mut documents)?;
    let mut broken = Vec::new();
    for path in &documents {
        let text = fs::read_to_string(path).map_err(Error::file(path))?;
        for (line, target) in Document::parse(&text).links() {
            if !leads_somewhere(path, target) {
                let path = path.strip_prefix(&workspace.root).unwrap_or(path);
                broken.push(format!("{}:{line}: no such target: {target}", path.display()));
            }
        }
    }
    println!("{} documents", documents.len());
    if broken.is_empty() {
        return Ok(());
    }
    Err(Error::Listed { what: "broken links", lines: broken })
}

/// All Markdown files below a folder.
fn collect(folder: &Path, documents: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let entry = entry.map_err(Error::file(folder))?;
        let path = entry.path();
        if entry.file_type().map_err(Error::file(&path))?.is_dir() {
            if !SKIPPED.iter().any(|name| entry.file_name() == *name) {
                collect(&path, documents)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            documents.push(path);
        }
    }
    Ok(())
}

/// Whether a target is outside this repository, or exists with the heading that it names.
fn leads_somewhere(document: &Path, target: &str) -> bool {
    // `[text](crate::Item)` is rustdoc's own, and rustdoc checks it.
    if target.contains("://") || target.contains("::") {
        return true;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(f, a)| (f, Some(a)));
    let path = match (file, document.parent()) {
        ("", _) => document.to_path_buf(),
        (file, Some(folder)) => folder.join(file),
        (file, None) => PathBuf::from(file),
    };
    let Some(anchor) = anchor else { return path.exists() };
    fs::read_to_string(path)
        .is_ok_and(|text| Document::parse(&text).anchors().any(|found| found == anchor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_headings_must_exist() {
        let folder = std::env::temp_dir().join(format!("hashrec-links-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let document = folder.join("a.md");
        fs::write(&document, "# Here it is\n").unwrap();
        let found = |target| leads_somewhere(&document, target);
        let outcomes =
            ["a.md", "a.md#here-it-is", "#here-it-is", "https://example.org", "b.md"].map(found);
        let anchors = ["a.md#there", "#there", "b.md#here-it-is"].map(found);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(outcomes, [true, true, true, true, false]);
        assert_eq!(anchors, [false; 3]);
    }
}
