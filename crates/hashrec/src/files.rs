//! What a writer asks of the file system.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::Path,
};

/// Every change that a save makes, each by itself, so that a test can let any of them fail.
pub(crate) trait Files: Send + Sync {
    /// Makes a folder, which must not be there.
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    /// Makes a file, which must not be there.
    fn create_file(&self, path: &Path) -> io::Result<File> {
        File::create_new(path)
    }

    /// Gives a file one more name, which nothing must have.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    /// Appends to a file.
    fn write(&self, path: &Path, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let _ = path;
        file.write_all(bytes)
    }

    /// Waits until a file, or the names in a folder, would survive a loss of power.
    fn sync(&self, path: &Path, file: &File) -> io::Result<()> {
        let _ = path;
        file.sync_all()
    }

    /// Renames a file or folder.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Swaps two names in one step. [`io::ErrorKind::Unsupported`] where that can't be done.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        exchange(one, other)
    }

    /// Deletes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Deletes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

/// The file system itself.
pub(crate) struct Disk;

impl Files for Disk {}

/// Syncs a folder, where folders can be opened for it (not on Windows).
pub(crate) fn sync_folder(files: &dyn Files, path: &Path) -> io::Result<()> {
    if cfg!(unix) { files.sync(path, &File::open(path)?) } else { Ok(()) }
}

/// Locks a file or folder until it is closed: true, or false if another process or thread has the
/// lock. `None` if the file system has no locks.
pub(crate) fn try_lock(file: &File) -> Option<bool> {
    match file.try_lock() {
        Ok(()) => Some(true),
        Err(TryLockError::WouldBlock) => Some(false),
        Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::{
        fs::{CWD, RenameFlags, renameat_with},
        io::Errno,
    };
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(|error| match error {
        // A kernel or a file system that doesn't know the flag.
        Errno::INVAL | Errno::NOSYS | Errno::NOTSUP => io::ErrorKind::Unsupported.into(),
        other => other.into(),
    })
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
