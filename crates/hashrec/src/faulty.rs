//! A file system that fails, or loses power, at a chosen change.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

use crate::files::{Disk, Files};

/// What happens at the chosen change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// It fails, a write after half of its bytes.
    Failure,
    /// The process is killed: nothing is changed any more, not even to clean up.
    Kill,
}

/// The names that a loss of power takes back: those that no sync had made last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Loss {
    /// None: the process was killed, and the system went on.
    Nothing,
    /// All.
    Everything,
    /// Those in one folder: a file system may write another's first.
    In(PathBuf),
}

/// A file system without faults that waits for no disk, and may not know how to swap two names.
pub(crate) struct Quick {
    pub(crate) can_exchange: bool,
}

impl Files for Quick {
    fn sync(&self, _path: &Path, _file: &File) -> io::Result<()> {
        Ok(())
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        if self.can_exchange {
            return Disk.exchange(one, other);
        }
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A file system with one fault.
pub(crate) struct Faulty {
    fault: Fault,
    at: usize,
    /// Whether two names can be swapped in one step.
    can_exchange: bool,
    trash: tempfile::TempDir,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    changes: usize,
    killed: bool,
    unsynced: BTreeSet<PathBuf>,
    log: Vec<Change>,
}

/// What can be taken back, in `folder`.
struct Change {
    folder: PathBuf,
    undo: Undo,
}

enum Undo {
    DeleteFolder(PathBuf),
    DeleteFile(PathBuf),
    Rename(PathBuf, PathBuf),
    Exchange(PathBuf, PathBuf),
    MakeFolder(PathBuf),
}

impl Faulty {
    pub(crate) fn new(fault: Fault, at: usize, can_exchange: bool) -> Self {
        let trash = tempfile::tempdir().unwrap();
        Self { fault, at, can_exchange, trash, state: Mutex::default() }
    }

    /// Whether the chosen change was reached.
    pub(crate) fn has_happened(&self) -> bool {
        self.state().changes > self.at
    }

    /// What a loss of power may take back.
    pub(crate) fn losses(&self) -> Vec<Loss> {
        let folders: BTreeSet<_> = self.state().log.iter().map(|c| c.folder.clone()).collect();
        let one_folder = folders.into_iter().map(Loss::In);
        [Loss::Nothing, Loss::Everything].into_iter().chain(one_folder).collect()
    }

    /// Loses power: files that weren't synced are cut, names that weren't are taken back.
    pub(crate) fn lose(&self, loss: &Loss) {
        let mut state = self.state();
        if *loss == Loss::Nothing {
            return;
        }
        for path in &state.unsynced {
            if let Ok(file) = File::options().write(true).open(path) {
                file.set_len(file.metadata().unwrap().len() / 2).unwrap();
            }
        }
        for change in state.log.drain(..).rev() {
            if *loss == Loss::Everything || *loss == Loss::In(change.folder) {
                change.undo.run();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Counts a change; an error if it must not happen.
    fn count(&self) -> io::Result<()> {
        let mut state = self.state();
        if state.killed {
            return Err(io::ErrorKind::Interrupted.into());
        }
        state.changes += 1;
        if state.changes == self.at + 1 {
            state.killed = self.fault == Fault::Kill;
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn note(&self, path: &Path, undo: Undo) {
        let folder = path.parent().unwrap().to_owned();
        self.state().log.push(Change { folder, undo });
    }
}

impl Undo {
    /// What a change in another folder has made impossible is not taken back.
    fn run(self) {
        let _ = match self {
            Self::DeleteFolder(path) => fs::remove_dir_all(path),
            Self::DeleteFile(path) => fs::remove_file(path),
            Self::Rename(from, to) => fs::rename(from, to),
            Self::Exchange(one, other) => Disk.exchange(&one, &other),
            Self::MakeFolder(path) => fs::create_dir(path),
        };
    }
}

impl Files for Faulty {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.count()?;
        Disk.create_folder(path)?;
        self.note(path, Undo::DeleteFolder(path.to_owned()));
        Ok(())
    }

    fn create_file(&self, path: &Path) -> io::Result<File> {
        self.count()?;
        let file = Disk.create_file(path)?;
        self.note(path, Undo::DeleteFile(path.to_owned()));
        self.state().unsynced.insert(path.to_owned());
        Ok(file)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.count()?;
        Disk.link(from, to)?;
        self.note(to, Undo::DeleteFile(to.to_owned()));
        Ok(())
    }

    fn write(&self, path: &Path, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let counted = self.count();
        if counted.is_ok() || self.state().changes == self.at + 1 {
            let len = if counted.is_ok() { bytes.len() } else { bytes.len() / 2 };
            Disk.write(path, file, &bytes[..len])?;
        }
        counted
    }

    fn sync(&self, path: &Path, _file: &File) -> io::Result<()> {
        self.count()?;
        let mut state = self.state();
        state.unsynced.remove(path);
        state.log.retain(|change| change.folder != path);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.count()?;
        let replaced = self.trash.path().join(self.state().changes.to_string());
        if to.is_file() {
            fs::copy(to, &replaced)?;
        }
        Disk.rename(from, to)?;
        if replaced.exists() {
            self.note(to, Undo::Rename(replaced, to.to_owned()));
        }
        self.note(to, Undo::Rename(to.to_owned(), from.to_owned()));
        Ok(())
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        if !self.can_exchange {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.count()?;
        Disk.exchange(one, other)?;
        self.note(other, Undo::Exchange(one.to_owned(), other.to_owned()));
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.count()?;
        let kept = self.trash.path().join(self.state().changes.to_string());
        Disk.rename(path, &kept)?;
        self.note(path, Undo::Rename(kept, path.to_owned()));
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.count()?;
        Disk.remove_folder(path)?;
        self.note(path, Undo::MakeFolder(path.to_owned()));
        Ok(())
    }
}
