//! Writes a bundle's folder: to a sibling, synced, then swapped.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use hashrec_storage::Bytes;

use super::{
    error::BundleError,
    folder::{MANIFEST, io_error},
    manifest::Manifest,
};

/// Writes a bundle whole or not at all: into a temporary sibling folder, synced, then swapped with
/// the folder of that name in one step where the system can, so that a reader sees the old bundle
/// or the new one and never a mixture.
pub(crate) fn write_folder(
    folder: &Path,
    manifest: &Manifest,
    parts: &BTreeMap<String, Bytes>,
) -> Result<(), BundleError> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent).map_err(io_error(&parent, "create"))?;
    if folder.exists() && !folder.join(MANIFEST).is_file() && !is_empty(folder)? {
        let source = io::Error::new(
            io::ErrorKind::AlreadyExists,
            "it exists, is not empty and is not a bundle; it would be replaced",
        );
        return Err(BundleError::Io { path: folder.to_owned(), action: "write a bundle", source });
    }
    let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let fresh = parent.join(format!(".{name}.{}.new", std::process::id()));
    let written = fill(&fresh, manifest, parts).and_then(|()| swap(&fresh, folder));
    if fresh.exists() {
        // After a swap the sibling holds the old bundle; after a failure, what was half written.
        let removed = fs::remove_dir_all(&fresh);
        written?;
        removed.map_err(io_error(&fresh, "remove"))?;
    } else {
        written?;
    }
    sync_folder(&parent)
}

fn is_empty(folder: &Path) -> Result<bool, BundleError> {
    let mut entries = fs::read_dir(folder).map_err(io_error(folder, "list"))?;
    Ok(entries.next().is_none())
}

fn fill(
    fresh: &Path,
    manifest: &Manifest,
    parts: &BTreeMap<String, Bytes>,
) -> Result<(), BundleError> {
    if fresh.exists() {
        fs::remove_dir_all(fresh).map_err(io_error(fresh, "remove"))?;
    }
    fs::create_dir(fresh).map_err(io_error(fresh, "create"))?;
    for (name, bytes) in parts {
        let entry = manifest.parts.get(name).ok_or_else(|| BundleError::MissingPart {
            path: fresh.to_owned(),
            part: name.clone(),
        })?;
        write_file(&fresh.join(&entry.file), bytes)?;
    }
    let path = fresh.join(MANIFEST);
    let bytes = manifest.to_bytes().map_err(|e| io_error(&path, "write")(io::Error::other(e)))?;
    write_file(&path, &bytes)?;
    sync_folder(fresh)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    let mut file = File::create(path).map_err(io_error(path, "create"))?;
    file.write_all(bytes).map_err(io_error(path, "write"))?;
    file.sync_all().map_err(io_error(path, "sync"))
}

fn sync_folder(path: &Path) -> Result<(), BundleError> {
    // Folders can't be opened for syncing everywhere (Windows); the files themselves are synced.
    if cfg!(unix) {
        let folder = File::open(path).map_err(io_error(path, "open"))?;
        folder.sync_all().map_err(io_error(path, "sync"))?;
    }
    Ok(())
}

fn swap(fresh: &Path, folder: &Path) -> Result<(), BundleError> {
    let fail = io_error(folder, "put the new bundle in place");
    if !folder.exists() {
        return fs::rename(fresh, folder).map_err(fail);
    }
    if exchange(fresh, folder) {
        return Ok(());
    }
    // Not every file system can swap two names: the old bundle steps aside first.
    let aside = fresh.with_extension("old");
    fs::rename(folder, &aside).map_err(io_error(folder, "move the old bundle aside"))?;
    if let Err(e) = fs::rename(fresh, folder) {
        fs::rename(&aside, folder).map_err(io_error(&aside, "put the old bundle back"))?;
        return Err(fail(e));
    }
    fs::remove_dir_all(&aside).map_err(io_error(&aside, "remove"))
}

#[cfg(target_os = "linux")]
fn exchange(fresh: &Path, folder: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, fresh, CWD, folder, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_fresh: &Path, _folder: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{folder::read_folder, test_bundle::bundle};

    #[test]
    fn replaces_a_bundle_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("bundle");
        for content in [b"one".as_slice(), b"two"] {
            let (manifest, parts) = bundle(content);
            write_folder(&folder, &manifest, &parts).unwrap();
            let (read, bytes) = read_folder(&folder).unwrap();
            assert_eq!((read, &bytes["a"][..]), (manifest, content));
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_reader_of_the_old_bundle_keeps_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("bundle");
        let (manifest, parts) = bundle(b"old");
        write_folder(&folder, &manifest, &parts).unwrap();
        let (_, old) = read_folder(&folder).unwrap();
        let (manifest, parts) = bundle(b"new");
        write_folder(&folder, &manifest, &parts).unwrap();
        assert_eq!(&old["a"][..], b"old");
    }

    #[test]
    fn refuses_to_replace_what_is_not_a_bundle() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.tex"), b"years of work").unwrap();
        let (manifest, parts) = bundle(b"x");
        assert!(write_folder(dir.path(), &manifest, &parts).is_err());
        assert!(dir.path().join("thesis.tex").exists());
    }
}
