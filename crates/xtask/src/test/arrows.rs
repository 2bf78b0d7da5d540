//! Which crate uses which: a list in the documentation, made from the manifests.

use std::fs;
use std::path::PathBuf;

use crate::env::BuildEnv;
use crate::error::Error;
use crate::workspace::Workspace;

const BEGIN: &str = "<!-- arrows begin -->\n";
const END: &str = "<!-- arrows end -->";

/// Writes the list between the markers of `docs/architecture.md`.
pub(crate) fn write(workspace: &Workspace) -> Result<(), Error> {
    let path = document(workspace);
    let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
    let text = replaced(&text, &list(workspace)).ok_or(Error::NoMarkers { path: path.clone() })?;
    fs::write(&path, text).map_err(Error::file(&path))
}

/// Whether the document has the list as it would be written.
pub(super) fn check(workspace: &Workspace, _: &BuildEnv) -> Result<(), Error> {
    let path = document(workspace);
    let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
    match replaced(&text, &list(workspace)) {
        None => Err(Error::NoMarkers { path }),
        Some(new) if new != text => Err(Error::StaleArrows { path }),
        Some(_) => Ok(()),
    }
}

fn document(workspace: &Workspace) -> PathBuf {
    workspace.root.join("docs/architecture.md")
}

/// One line for each published crate, those that use most crates first.
fn list(workspace: &Workspace) -> String {
    let published: Vec<_> = workspace.packages.iter().filter(|one| one.published).collect();
    let reach = |name: &str| {
        let (mut seen, mut left) = (vec![name], vec![name]);
        while let Some(name) = left.pop() {
            let of = published.iter().filter(|one| one.name == name);
            for used in of.flat_map(|one| &one.members) {
                if !seen.contains(&used.as_str()) {
                    seen.push(used);
                    left.push(used);
                }
            }
        }
        seen.len()
    };
    let mut crates = published.clone();
    crates.sort_by_key(|one| (std::cmp::Reverse(reach(&one.name)), &one.name));
    let mut text = String::from("```text\n");
    for package in crates {
        let uses = match package.members.is_empty() {
            true => "-".to_owned(),
            false => package.members.join(", ").replace("hashrec-", ""),
        };
        text += &format!("{:<20} → {uses}\n", package.name);
    }
    text + "```\n"
}

/// The text with another list between its markers; none if there are no markers.
fn replaced(text: &str, list: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{list}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let text = format!("# Title\n\n{BEGIN}old\n{END}\n\nMore\n");
        let new = replaced(&text, "new\n").unwrap();
        assert_eq!(new, format!("# Title\n\n{BEGIN}new\n{END}\n\nMore\n"));
        assert_eq!(replaced(&new, "new\n").as_ref(), Some(&new));
        assert_eq!(replaced("# Title\n", "new\n"), None);
    }
}
