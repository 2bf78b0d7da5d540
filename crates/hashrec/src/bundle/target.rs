//! The place where a bundle is to be saved, looked at before anything is written.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    error::{BundleError, TargetProblem},
    folder::MANIFEST,
    manifest::Manifest,
    names::Stem,
};
use crate::{
    files::Files,
    temporary::{is_at, new_folder},
};

/// How often a folder that others replace is looked at.
const ATTEMPTS: usize = 100;

/// A place that a bundle may be saved in: nothing, an empty folder, or a bundle.
pub(super) struct Target {
    /// The folder itself, links followed.
    pub(super) folder: PathBuf,
    pub(super) parent: PathBuf,
    pub(super) stem: Stem,
}

impl Target {
    /// Looks at the place.
    pub(super) fn new(path: &Path) -> Result<Self, BundleError> {
        let folder = resolve(path)?;
        let Some(parent) = folder.parent().filter(|_| folder.file_name().is_some()) else {
            return Err(problem(path, TargetProblem::NoName));
        };
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let target = Self { parent: parent.to_owned(), stem: Stem::of(&folder), folder };
        target.check()?;
        Ok(target)
    }

    /// Looks at what is there. What seems wrong with a folder that was replaced meanwhile is looked
    /// at again: two bundles were seen as one.
    pub(super) fn check(&self) -> Result<(), BundleError> {
        for _ in 1..ATTEMPTS {
            let seen = fs::File::open(&self.folder).ok();
            let found = self.look();
            if found.is_ok() || seen.is_some_and(|seen| is_at(&seen, &self.folder)) {
                return found;
            }
        }
        self.look()
    }

    fn look(&self) -> Result<(), BundleError> {
        let folder = &self.folder;
        match fs::metadata(folder) {
            Ok(metadata) if !metadata.is_dir() => Err(problem(folder, TargetProblem::NotAFolder)),
            Ok(_) if is_mount_point(folder) => Err(problem(folder, TargetProblem::MountPoint)),
            Ok(_) if is_current(folder) => Err(problem(folder, TargetProblem::CurrentFolder)),
            Ok(_) => match foreign_entry(folder).map_err(BundleError::io(folder, "list"))? {
                Some(entry) => Err(problem(folder, TargetProblem::Foreign { entry })),
                None => Ok(()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(BundleError::io(folder, "look at")(error)),
        }
    }

    /// Tries whether the folder can be made, or replaced, and leaves everything as it was.
    pub(super) fn try_out(&self, files: &dyn Files) -> Result<(), BundleError> {
        let there = |path: &&Path| fs::symlink_metadata(path).is_ok();
        let parent = self.parent.ancestors().find(there);
        let parent = parent.filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (path, _held) = new_folder(files, parent, &self.stem)
            .map_err(BundleError::io(parent, "make a folder in"))?;
        files.remove_folder(&path).map_err(BundleError::io(&path, "remove"))?;
        #[cfg(unix)]
        if self.folder.exists() {
            use rustix::fs::{Access, access};
            access(&self.folder, Access::WRITE_OK | Access::EXEC_OK)
                .map_err(|error| BundleError::io(&self.folder, "replace")(error.into()))?;
        }
        Ok(())
    }
}

fn problem(path: &Path, source: TargetProblem) -> BundleError {
    BundleError::Target { path: path.to_owned(), source }
}

/// The folder that a path means: a link's own target, so that the link stays.
fn resolve(path: &Path) -> Result<PathBuf, BundleError> {
    // Without a slash at the end, which would hide a link.
    let path: PathBuf = path.components().collect();
    match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_symlink() => {
            fs::canonicalize(&path).map_err(|error| match fs::read_link(&path) {
                Ok(to) if error.kind() == io::ErrorKind::NotFound => {
                    problem(&path, TargetProblem::DanglingLink { to })
                }
                _ => BundleError::io(&path, "follow the link")(error),
            })
        }
        Ok(_) if path.file_name().is_some() => Ok(path),
        // `.`, `..` and the like have a name of their own.
        Ok(_) => fs::canonicalize(&path).map_err(BundleError::io(&path, "look at")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path),
        Err(error) => Err(BundleError::io(&path, "look at")(error)),
    }
}

fn is_current(folder: &Path) -> bool {
    let current = env::current_dir().and_then(fs::canonicalize);
    matches!((current, fs::canonicalize(folder)), (Ok(current), Ok(folder)) if current == folder)
}

#[cfg(target_os = "linux")]
fn is_mount_point(folder: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let found = statx(CWD, folder, AtFlags::empty(), StatxFlags::empty());
    found.is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mount_point(_folder: &Path) -> bool {
    false
}

/// The names of the files that a bundle's manifest lists; `None` if it can't be read.
fn listed(folder: &Path) -> Option<BTreeSet<String>> {
    let path = folder.join(MANIFEST);
    let (manifest, _) = Manifest::from_bytes(&fs::read(&path).ok()?, &path).ok()?;
    Some(manifest.files().map(|entry| entry.file.clone()).collect())
}

/// Whether a bundle has a file of this name, by its list if it has one.
fn is_part(name: &OsStr, listed: Option<&BTreeSet<String>>) -> bool {
    let Some(name) = name.to_str() else { return false };
    match listed {
        Some(listed) => listed.contains(name),
        None => name.ends_with(".part"),
    }
}

/// Something in a folder that is no part of a bundle; `None` if it is empty or a bundle, be it a
/// damaged one.
fn foreign_entry(folder: &Path) -> io::Result<Option<String>> {
    let listed = listed(folder);
    let (mut manifest, mut parts, mut foreign) = (false, false, None);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, is_file) = (entry.file_name(), entry.file_type()?.is_file());
        if is_file && name == MANIFEST {
            manifest = true;
        } else if is_file && is_part(&name, listed.as_ref()) {
            parts = true;
        } else {
            foreign = Some(name.to_string_lossy().into_owned());
        }
    }
    Ok(match (foreign, manifest, parts) {
        (None, false, true) => Some("files without a manifest.json".to_owned()),
        (None, true, false) if listed.is_none() => Some(MANIFEST.to_owned()),
        (foreign, ..) => foreign,
    })
}

/// Deletes a bundle, whole or not, and nothing else: a folder that holds anything else stays.
pub(super) fn remove_bundle(files: &dyn Files, folder: &Path) -> io::Result<()> {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    };
    let listed = listed(folder);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name == MANIFEST || is_part(&name, None) || is_part(&name, listed.as_ref()) {
            gone(files.remove_file(&entry.path()))?;
        }
    }
    gone(files.remove_folder(folder))
}
