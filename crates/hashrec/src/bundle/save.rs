//! Writes a bundle's folder: beside its place, synced, then swapped.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use hashrec_storage::Bytes;

use super::{
    error::BundleError,
    folder::{MANIFEST, PartFile},
    link::link,
    manifest::Manifest,
    names::{Kind, random},
    place::aside,
    target::{Target, remove_bundle},
};
use crate::{
    files::{Files, sync_folder, try_lock},
    temporary::{clear_dead, new_folder},
};

/// How often a save tries to put its bundle in place while others put theirs there.
const ATTEMPTS: usize = 1000;

/// What a bundle consists of.
pub(crate) struct Content<'a> {
    pub(crate) manifest: &'a Manifest,
    /// The parts of the training, then those of each segment.
    pub(crate) parts: Vec<&'a BTreeMap<String, Bytes>>,
    /// Files that some of the parts are mapped from.
    pub(crate) mapped: &'a [Arc<PartFile>],
}

/// An error unless a bundle can be saved in this place.
pub(crate) fn check_target(files: &dyn Files, folder: &Path) -> Result<(), BundleError> {
    Target::new(folder)?.try_out(files)
}

/// Writes a bundle whole or not at all: into a temporary folder beside its place, synced, then
/// swapped with what is there in one step where the system can, so that a reader sees the old
/// bundle or the new one and never a mixture. Any number of writers may do so at once: each has a
/// folder of its own, and the last to swap wins. What killed writers left is cleared. A part that
/// the old bundle has too is linked, not written.
pub(crate) fn write_folder(
    files: &dyn Files,
    folder: &Path,
    content: &Content<'_>,
) -> Result<(), BundleError> {
    let target = Target::new(folder)?;
    create_parents(files, &target.parent)?;
    put_back(files, &target);
    clear(files, &target, Kind::New);
    let parent = &target.parent;
    let (fresh, _held) = new_folder(files, parent, &target.stem)
        .map_err(BundleError::io(parent, "make a folder in"))?;
    let written = fill(files, &fresh, &target.folder, content)
        // Writing takes time: somebody may have put a file there.
        .and_then(|()| target.check())
        .and_then(|()| {
            swap(files, &fresh, &target).map_err(BundleError::io(folder, "put the new bundle in"))
        });
    match written {
        Ok(old) => {
            sync_folder(files, parent).map_err(BundleError::io(parent, "sync"))?;
            if let Some(old) = old {
                discard(files, &target, &old);
            }
            clear(files, &target, Kind::Old);
            Ok(())
        }
        Err(error) => {
            remove(files, &fresh);
            Err(error)
        }
    }
}

/// Writes a bundle under a name that nothing has: beside its place, or else in the system's
/// temporary folder. Returns where.
pub(crate) fn write_elsewhere(
    files: &dyn Files,
    folder: &Path,
    content: &Content<'_>,
) -> Result<PathBuf, BundleError> {
    let name = folder.file_name().unwrap_or(MANIFEST.as_ref()).to_string_lossy();
    let name: String = name.chars().take(60).collect();
    let name = format!("{name}-{:016x}", random());
    let beside = folder.parent().map(|parent| parent.join(&name));
    let elsewhere = env::temp_dir().join(&name);
    let saved = |place: &Path| write_folder(files, place, content);
    match beside.filter(|place| saved(place).is_ok()) {
        Some(place) => Ok(place),
        None => saved(&elsewhere).map(|()| elsewhere),
    }
}

/// Makes the folders above a bundle, synced from the top.
fn create_parents(files: &dyn Files, parent: &Path) -> Result<(), BundleError> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.is_dir();
    let missing: Vec<&Path> = parent.ancestors().take_while(is_missing).collect();
    for path in missing.into_iter().rev() {
        match files.create_folder(path) {
            // Another save was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            result => result.map_err(BundleError::io(path, "create"))?,
        }
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        sync_folder(files, above).map_err(BundleError::io(above, "sync"))?;
    }
    Ok(())
}

fn fill(
    files: &dyn Files,
    fresh: &Path,
    old: &Path,
    content: &Content<'_>,
) -> Result<(), BundleError> {
    for (entries, parts) in content.manifest.all_parts().zip(&content.parts) {
        for (name, entry) in entries {
            let bytes = parts.get(name).ok_or_else(|| BundleError::MissingPart {
                path: fresh.to_owned(),
                part: name.clone(),
            })?;
            let path = fresh.join(&entry.file);
            let linked = link(files, (old, fresh), entry, content.mapped);
            if !linked.map_err(BundleError::io(&path, "link"))? {
                write_file(files, &path, bytes)?;
            }
        }
    }
    let path = fresh.join(MANIFEST);
    let (bytes, _) = (content.manifest.to_bytes())
        .map_err(|error| BundleError::io(&path, "write")(io::Error::other(error)))?;
    write_file(files, &path, &bytes)?;
    sync_folder(files, fresh).map_err(BundleError::io(fresh, "sync"))
}

fn write_file(files: &dyn Files, path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    let mut file = files.create_file(path).map_err(BundleError::io(path, "create"))?;
    files.write(path, &mut file, bytes).map_err(BundleError::io(path, "write"))?;
    files.sync(path, &file).map_err(BundleError::io(path, "sync"))
}

/// Puts the new folder in place, and returns where the old one is then.
fn swap(files: &dyn Files, fresh: &Path, target: &Target) -> io::Result<Option<PathBuf>> {
    for _ in 0..ATTEMPTS {
        match files.exchange(fresh, &target.folder) {
            Ok(()) => return Ok(Some(fresh.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                if let Some(old) = step_aside(files, fresh, target)? {
                    return Ok(Some(old));
                }
            }
            Err(error) => return Err(error),
        }
        match files.rename(fresh, &target.folder) {
            Ok(()) => return Ok(None),
            Err(error) if was_slower(&error, fresh, &target.folder) => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// Whether a folder couldn't be moved because another writer's is there, or was: it may have been
/// moved aside since.
fn was_slower(error: &io::Error, fresh: &Path, folder: &Path) -> bool {
    let is_filled = || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists)
        || (fresh.exists() && is_filled())
}

/// Moves the old folder aside and the new one into its place. `None` if there is no old one, or
/// another writer was faster.
fn step_aside(files: &dyn Files, fresh: &Path, target: &Target) -> io::Result<Option<PathBuf>> {
    let folder = &target.folder;
    // Locked, so that nobody clears it as long as it might have to be put back.
    let held = File::open(folder).ok();
    held.as_ref().and_then(try_lock);
    let old = target.parent.join(target.stem.random(Kind::Old));
    match files.rename(folder, &old) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result?,
    }
    match files.rename(fresh, folder) {
        Ok(()) => Ok(Some(old)),
        Err(error) if was_slower(&error, fresh, folder) => {
            discard(files, target, &old);
            Ok(None)
        }
        Err(error) => match files.rename(&old, folder) {
            // Another save has put it back.
            Err(again) if again.kind() != io::ErrorKind::NotFound => Err(again),
            _ => Err(error),
        },
    }
}

/// Puts back the old bundle, if a writer was killed after it had moved it aside.
fn put_back(files: &dyn Files, target: &Target) {
    if target.folder.exists() {
        return;
    }
    if let Some(old) = aside(&target.folder) {
        // If that writer lives, it or this one is faster; both go on.
        let _ = files.rename(&old, &target.folder);
    }
}

/// Clears what killed writers left.
fn clear(files: &dyn Files, target: &Target, kind: Kind) {
    let dead = |name: &OsStr| name.to_str().is_some_and(|name| target.stem.has(name, kind));
    clear_dead(&target.parent, dead, |path| remove_bundle(files, &take_away(files, target, path)?));
}

/// Removes a bundle that has been replaced.
fn discard(files: &dyn Files, target: &Target, old: &Path) {
    match take_away(files, target, old) {
        Ok(path) => remove(files, &path),
        // Another save has put it back, or cleared it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            tracing::warn!(path = %old.display(), %error, "a temporary folder stays");
        }
    }
}

/// Gives a folder that is to be removed a name under which nobody takes it for a whole bundle.
fn take_away(files: &dyn Files, target: &Target, path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().and_then(OsStr::to_str);
    if !name.is_some_and(|name| target.stem.has(name, Kind::Old)) {
        return Ok(path.to_owned());
    }
    let taken = target.parent.join(target.stem.random(Kind::New));
    files.rename(path, &taken)?;
    Ok(taken)
}

/// Removes what is of no use any more. What can't be removed is cleared by a later save.
fn remove(files: &dyn Files, folder: &Path) {
    if let Err(error) = remove_bundle(files, folder) {
        tracing::warn!(path = %folder.display(), %error, "a temporary folder stays");
    }
}
