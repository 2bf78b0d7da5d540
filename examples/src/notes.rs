//! Notes on hashtags from a file.

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use hashrec::HashtagNotes;

/// Notes by the names of communities and of their hashtags.
pub type Notes = BTreeMap<String, BTreeMap<String, HashtagNotes>>;

/// Reads notes on hashtags from a JSON file: an object by the names of communities, of objects by the
/// names of hashtags, of `description`, `aliases` and `parents`. Without a file there are none.
///
/// # Errors
/// A file that can't be read, or has another form.
pub fn read_notes(path: Option<&Path>) -> Result<Notes, Box<dyn Error>> {
    let Some(path) = path else { return Ok(Notes::new()) };
    let failed = |error: &dyn Error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    Ok(serde_json::from_str(&text).map_err(|error| failed(&error))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_by_community_and_hashtag() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.json");
        fs::write(&path, r#"{"knitting": {"heel": {"aliases": ["sock heels"]}}}"#).unwrap();
        let notes = read_notes(Some(&path)).unwrap();
        assert_eq!(notes["knitting"]["heel"].aliases, ["sock heels"]);
        assert!(read_notes(None).unwrap().is_empty());
        fs::write(&path, r#"{"knitting": {"heel": {"alias": "sock heels"}}}"#).unwrap();
        let error = read_notes(Some(&path)).unwrap_err().to_string();
        assert!(error.contains("notes.json: unknown field `alias`"), "{error}");
    }
}
