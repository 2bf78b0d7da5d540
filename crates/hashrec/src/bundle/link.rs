//! Keeps what a save doesn't change: a part that the old bundle has already gets a second name in the
//! new one, and no byte of it is written.
//!
//! Only files of the bundle that is being replaced are linked, so once it is gone no two bundles
//! share a file, and a write to one can never damage another.

use std::{
    fs::{self, File, Metadata},
    io,
    path::Path,
    sync::Arc,
};

use super::{folder::PartFile, manifest::PartEntry};
use crate::{files::Files, temporary::is_at};

/// Links the part of `entry` from the old bundle's folder into the new one's. False, and nothing is
/// there, where that can't be done: the old bundle has no such file, or another, a damaged or
/// somebody else's, or the system has no links.
pub(super) fn link(
    files: &dyn Files,
    (old, new): (&Path, &Path),
    entry: &PartEntry,
    mapped: &[Arc<PartFile>],
) -> io::Result<bool> {
    let (from, to) = (old.join(&entry.file), new.join(&entry.file));
    let Ok(Some(file)) = verified(&from, new, entry, mapped) else { return Ok(false) };
    if files.link(&from, &to).is_err() {
        return Ok(false);
    }
    if is_at(&file, &to) {
        return files.sync(&to, &file).map(|()| true);
    }
    // Another save has just replaced the bundle.
    files.remove_file(&to).map(|()| false)
}

/// The file, if it holds the part: it is the one that was verified when it was mapped, or its hash
/// says so.
fn verified(
    path: &Path,
    new: &Path,
    entry: &PartEntry,
    mapped: &[Arc<PartFile>],
) -> io::Result<Option<File>> {
    let metadata = fs::symlink_metadata(path)?;
    let fits = metadata.is_file() && metadata.len() == entry.length;
    if !fits || !has_one_owner(&metadata, &fs::metadata(new)?) {
        return Ok(None);
    }
    let mut file = File::open(path)?;
    if !mapped.iter().any(|known| known.is_of(entry) && known.is_still_at(path)) {
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut file, &mut hasher)?;
        if hasher.finalize().to_hex().as_str() != entry.blake3 {
            return Ok(None);
        }
    }
    Ok(Some(file))
}

/// Whether the file belongs to whoever made the folder: others might write to it later. False where
/// the system tells neither that nor whether two names lead to one file.
#[cfg(unix)]
fn has_one_owner(file: &Metadata, folder: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.uid() == folder.uid()
}

#[cfg(not(unix))]
fn has_one_owner(_file: &Metadata, _folder: &Metadata) -> bool {
    false
}
