//! Files and folders that are being written. Each has a name that nothing else has, and its maker
//! holds a lock on it, so that those of a process that was killed can be told apart and cleared.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::{
    bundle::names::{Kind, Stem},
    files::{Files, try_lock},
};

/// How many names are tried. A name is in use only if somebody clears it between its making and
/// its locking.
const ATTEMPTS: usize = 100;

/// Makes a folder that only the caller writes to, inside `parent`. It counts as in use while the
/// returned handle is open; where folders can't be opened (Windows), nobody clears it.
pub(crate) fn new_folder(
    files: &dyn Files,
    parent: &Path,
    stem: &Stem,
) -> io::Result<(PathBuf, Option<File>)> {
    let create = |path: &Path| {
        files.create_folder(path)?;
        if cfg!(unix) { File::open(path).map(Some) } else { Ok(None) }
    };
    make(parent, stem, create, Option::as_ref)
}

/// Makes a file that only the caller writes to, inside `parent`. It counts as in use while it is
/// open.
pub(crate) fn new_file(
    files: &dyn Files,
    parent: &Path,
    stem: &Stem,
) -> io::Result<(PathBuf, File)> {
    make(parent, stem, |path| files.create_file(path), |file| Some(file))
}

fn make<T>(
    parent: &Path,
    stem: &Stem,
    create: impl Fn(&Path) -> io::Result<T>,
    handle: impl Fn(&T) -> Option<&File>,
) -> io::Result<(PathBuf, T)> {
    let mut reason = io::ErrorKind::AlreadyExists.into();
    for _ in 0..ATTEMPTS {
        let path = parent.join(stem.random(Kind::New));
        match create(&path) {
            Ok(made) => match handle(&made) {
                Some(file) if !is_ours(file, &path) => {}
                _ => return Ok((path, made)),
            },
            // Somebody has the name, or cleared it before it was opened.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => reason = error,
            Err(error) if error.kind() == io::ErrorKind::NotFound && parent.is_dir() => {
                reason = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(reason)
}

/// Whether the maker has the lock, if there are locks, of what is still at this path.
fn is_ours(file: &File, path: &Path) -> bool {
    match try_lock(file) {
        Some(locked) => locked && is_at(file, path),
        None => true,
    }
}

/// Whether an open file or folder is still the one at this path.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

#[cfg(not(unix))]
pub(crate) fn is_at(_file: &File, path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Calls `clear` for each file or folder in `parent` whose name is `dead` and that nobody holds,
/// while nobody can take it. What can't be cleared is left, with a warning.
pub(crate) fn clear_dead(
    parent: &Path,
    dead: impl Fn(&OsStr) -> bool,
    clear: impl Fn(&Path) -> io::Result<()>,
) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| dead(&entry.file_name())) {
        let path = entry.path();
        let Ok(file) = File::open(&path) else { continue };
        if try_lock(&file) != Some(true) || !is_at(&file, &path) {
            continue;
        }
        match clear(&path) {
            Ok(()) => {
                tracing::info!(path = %path.display(), "what a killed process left is cleared")
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "what a killed process left stays");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::files::Disk;

    #[test]
    fn only_what_nobody_holds_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let stem = Stem::of(Path::new("bundle"));
        let (living, _folder) = new_folder(&Disk, dir.path(), &stem).unwrap();
        let (dead, folder) = new_folder(&Disk, dir.path(), &stem).unwrap();
        let (step, _file) = new_file(&Disk, dir.path(), &stem).unwrap();
        drop(folder);
        let other = dir.path().join("other");
        fs::create_dir(&other).unwrap();
        let ours = |name: &OsStr| stem.has(name.to_str().unwrap(), Kind::New);
        clear_dead(dir.path(), ours, |path| fs::remove_dir(path));
        assert!(living.exists() && step.exists() && other.exists() && !dead.exists());
    }

    #[test]
    fn a_name_that_somebody_has_or_cleared_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let stem = Stem::of(Path::new("bundle"));
        let calls = AtomicUsize::new(0);
        let other = OnceLock::new();
        let create = |path: &Path| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            match call {
                0 => return Err(io::ErrorKind::AlreadyExists.into()),
                1 => return Err(io::ErrorKind::NotFound.into()),
                _ => fs::create_dir(path)?,
            }
            let file = File::open(path)?;
            match call {
                2 => {
                    let clearer = other.get_or_init(|| File::open(path).unwrap());
                    assert_eq!(try_lock(clearer), Some(true));
                }
                3 => fs::remove_dir(path)?,
                _ => {}
            }
            Ok(file)
        };
        let (path, _file) = make(dir.path(), &stem, create, |file| Some(file)).unwrap();
        assert!(path.is_dir());
        assert_eq!(calls.into_inner(), 5);
    }

    #[test]
    fn what_cannot_be_made_is_not_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let stem = Stem::of(Path::new("bundle"));
        let made = |parent: &Path, kind: io::ErrorKind| {
            let calls = AtomicUsize::new(0);
            let create = |_: &Path| -> io::Result<File> {
                calls.fetch_add(1, Ordering::Relaxed);
                Err(kind.into())
            };
            let error = make(parent, &stem, create, |file| Some(file)).unwrap_err();
            assert_eq!(error.kind(), kind);
            calls.into_inner()
        };
        assert_eq!(made(dir.path(), io::ErrorKind::StorageFull), 1);
        assert_eq!(made(&dir.path().join("nowhere"), io::ErrorKind::NotFound), 1);
        assert_eq!(made(dir.path(), io::ErrorKind::AlreadyExists), ATTEMPTS);
    }

    /// Sixteen threads make and clear in one folder: nobody loses what it holds.
    #[test]
    fn makers_and_clearers_do_not_meet() {
        let dir = tempfile::tempdir().unwrap();
        let stem = &Stem::of(Path::new("bundle"));
        let ours = |name: &OsStr| stem.has(name.to_str().unwrap(), Kind::New);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let (path, _held) = new_folder(&Disk, dir.path(), stem).unwrap();
                        clear_dead(dir.path(), ours, |path| fs::remove_dir(path));
                        assert!(path.exists());
                    }
                });
            }
        });
        clear_dead(dir.path(), ours, |path| fs::remove_dir(path));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
