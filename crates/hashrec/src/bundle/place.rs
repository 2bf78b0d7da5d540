//! A bundle's folder as it was found, though another may be put in its place.

#[cfg(not(unix))]
use std::time::SystemTime;
use std::{
    fs::{self, File, Metadata},
    path::{Path, PathBuf},
};

use super::names::{Kind, Stem};

/// A folder as it was found in its place.
pub(super) struct Place<'a> {
    pub(super) folder: &'a Path,
    /// A path to what was found, wherever it is by now.
    pub(super) found: PathBuf,
    identity: Option<Identity>,
    /// Whether it was found beside its place, where a save may be deleting it.
    pub(super) is_aside: bool,
    /// While the folder is open, no other can get its identity.
    _handle: Option<File>,
}

/// Tells folders apart that have the same path one after the other.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = Option<SystemTime>;

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> Identity {
    metadata.created().ok()
}

impl<'a> Place<'a> {
    pub(super) fn open(folder: &'a Path) -> Self {
        // A folder that only its owner may list, or any on Windows, can't be opened.
        let handle = File::open(folder).ok();
        let metadata = match &handle {
            Some(handle) => handle.metadata(),
            None => fs::metadata(folder),
        };
        let identity = metadata.as_ref().map(identity).ok();
        // Where two names can't be swapped, a save moves the old bundle aside for a moment.
        let old = if identity.is_none() { aside(folder) } else { None };
        let is_aside = old.is_some();
        let found = match &handle {
            Some(handle) => path_of(handle).unwrap_or_else(|| folder.to_owned()),
            None => old.unwrap_or_else(|| folder.to_owned()),
        };
        Self { folder, found, identity, is_aside, _handle: handle }
    }

    /// Whether nothing was there when the place was opened.
    pub(super) fn was_missing(&self) -> bool {
        self.identity.is_none()
    }

    /// Whether the path leads to another folder than the one that was found, or a save is about to
    /// put one there.
    pub(super) fn was_replaced(&self) -> bool {
        let now = fs::metadata(self.folder).as_ref().map(identity).ok();
        self.is_aside || now != self.identity || (now.is_none() && aside(self.folder).is_some())
    }
}

/// A path that leads to an open folder whatever its name has become.
#[cfg(target_os = "linux")]
fn path_of(folder: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
    path.is_dir().then_some(path)
}

#[cfg(not(target_os = "linux"))]
fn path_of(_folder: &File) -> Option<PathBuf> {
    None
}

/// The bundle that a save has moved aside, and not yet, or never, replaced.
pub(super) fn aside(folder: &Path) -> Option<PathBuf> {
    let stem = Stem::of(folder);
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    let entries = fs::read_dir(parent.unwrap_or(Path::new("."))).ok()?;
    let is_aside = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| stem.has(name, Kind::Old))
    };
    entries.filter_map(|entry| Some(entry.ok()?.path())).find(is_aside)
}
