//! The results of long steps, saved in a folder: a run that was killed continues from there, and
//! systems trained on the same posts share them.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;

use crate::{
    bundle::names::{Kind, Stem},
    error::TrainError,
    files::{Disk, Files},
    fingerprint::canonical_bytes,
    temporary::{clear_dead, new_file},
};

/// A folder of entries, each named by its step and a hash of everything that went into it. Without
/// a folder nothing is saved.
pub(crate) struct Cache {
    folder: Option<PathBuf>,
    files: Arc<dyn Files>,
    /// What all entries of a run have in common.
    common: blake3::Hasher,
}

impl Cache {
    /// The entries of runs that have the bytes of `common` in common. What killed runs were
    /// writing is cleared.
    pub(crate) fn new(folder: Option<&Path>, common: &[u8]) -> Result<Self, TrainError> {
        Self::with_files(folder, common, Arc::new(Disk))
    }

    fn with_files(
        folder: Option<&Path>,
        common: &[u8],
        files: Arc<dyn Files>,
    ) -> Result<Self, TrainError> {
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
            let dead = |name: &OsStr| name.to_str().is_some_and(|name| stem().has(name, Kind::New));
            clear_dead(folder, dead, |path| files.remove_file(path));
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(common);
        Ok(Self { folder: folder.map(Path::to_owned), files, common: hasher })
    }

    /// What the step made in an earlier run with the same key, which is everything that it depends
    /// on; else it is made now, and saved. While it is made, its state can be saved in the entry
    /// that `make` is given.
    pub(crate) fn step(
        &self,
        name: &str,
        key: &impl Serialize,
        make: impl FnOnce(&Entry) -> Result<Vec<u8>, TrainError>,
    ) -> Result<Vec<u8>, TrainError> {
        let key = canonical_bytes(key)?;
        let entry = self.entry(name, &key);
        if let Some(bytes) = entry.read()? {
            tracing::info!(step = name, "read from the folder of finished steps");
            return Ok(bytes);
        }
        let unfinished = self.entry(&format!("unfinished-{name}"), &key);
        let bytes = make(&unfinished)?;
        entry.write(&bytes)?;
        unfinished.remove()?;
        Ok(bytes)
    }

    fn entry(&self, name: &str, key: &[u8]) -> Entry {
        let mut hasher = self.common.clone();
        hasher.update(&(name.len() as u64).to_le_bytes()).update(name.as_bytes()).update(key);
        let key = hasher.finalize();
        let path = |folder: &PathBuf| folder.join(format!("{name}-{}.step", &key.to_hex()[..32]));
        let path = self.folder.as_ref().map(path);
        Entry { path, key: *key.as_bytes(), files: Arc::clone(&self.files) }
    }
}

/// What the names of unfinished files have in common.
fn stem() -> Stem {
    Stem::of("step".as_ref())
}

/// Bytes of the seal at the end of an entry's file.
const SEAL: usize = blake3::OUT_LEN;

/// One file of the folder, or none.
pub(crate) struct Entry {
    path: Option<PathBuf>,
    /// A hash of everything that the content was made from.
    key: [u8; blake3::KEY_LEN],
    files: Arc<dyn Files>,
}

impl Entry {
    /// Whether what is written is kept.
    #[cfg(any(test, feature = "net"))]
    pub(crate) fn is_kept(&self) -> bool {
        self.path.is_some()
    }

    /// The content, if it is there and whole.
    pub(crate) fn read(&self) -> Result<Option<Vec<u8>>, TrainError> {
        let Some(path) = &self.path else { return Ok(None) };
        let mut bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed(path, source)),
        };
        let body = bytes.len().saturating_sub(SEAL);
        if bytes.get(body..) != Some(&self.seal(&bytes[..body])) {
            tracing::warn!(
                path = %path.display(),
                "a finished step is damaged, or another's under this name, and runs again"
            );
            return Ok(None);
        }
        bytes.truncate(body);
        Ok(Some(bytes))
    }

    /// What makes the content this entry's: a file under another's name is as good as a damaged one.
    fn seal(&self, body: &[u8]) -> [u8; SEAL] {
        *blake3::keyed_hash(&self.key, body).as_bytes()
    }

    /// Replaces the content.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), TrainError> {
        let Some(path) = &self.path else { return Ok(()) };
        let files = &*self.files;
        let folder = path.parent().unwrap_or(path);
        let (fresh, mut file) =
            new_file(files, folder, &stem()).map_err(|source| failed(path, source))?;
        let mut write = || {
            files.write(&fresh, &mut file, bytes)?;
            files.write(&fresh, &mut file, &self.seal(bytes))?;
            files.sync(&fresh, &file)?;
            files.rename(&fresh, path)
        };
        write().map_err(|source| {
            // What can't be removed is cleared by the next run.
            let _ = files.remove_file(&fresh);
            failed(path, source)
        })
    }

    fn remove(&self) -> Result<(), TrainError> {
        let Some(path) = &self.path else { return Ok(()) };
        match self.files.remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, error)),
            _ => Ok(()),
        }
    }
}

fn failed(path: &Path, source: io::Error) -> TrainError {
    TrainError::Cache { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faulty::{Fault, Faulty};

    fn step(cache: &Cache, name: &str, key: u8, made: &[u8]) -> Vec<u8> {
        cache.step(name, &key, |_| Ok(made.to_vec())).unwrap()
    }

    #[test]
    fn a_step_runs_once_for_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path()), b"posts").unwrap();
        assert_eq!(step(&cache, "net", 1, b"first"), b"first");
        assert_eq!(step(&cache, "net", 1, b"second"), b"first");
        assert_eq!(step(&cache, "net", 2, b"third"), b"third");
        assert_eq!(step(&cache, "table", 1, b"fourth"), b"fourth");
        let others = Cache::new(Some(folder.path()), b"other posts").unwrap();
        assert_eq!(step(&others, "net", 1, b"fifth"), b"fifth");
    }

    #[test]
    fn damage_is_noticed_and_the_step_runs_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path()), b"").unwrap();
        step(&cache, "net", 1, b"content");
        let entry = cache.entry("net", &[1]);
        let path = entry.path.clone().unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(entry.read().unwrap(), None, "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(entry.read().unwrap(), None, "length {at}");
        }
        assert_eq!(step(&cache, "net", 1, b"again"), b"again");
        assert_eq!(entry.read().unwrap().unwrap(), b"again");
    }

    #[test]
    fn another_step_under_this_name_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path()), b"").unwrap();
        step(&cache, "net", 1, b"of one");
        step(&cache, "net", 2, b"of two");
        let path = |key| cache.entry("net", &[key]).path.unwrap();
        fs::rename(path(2), path(1)).unwrap();
        assert_eq!(step(&cache, "net", 1, b"of one, again"), b"of one, again");
        fs::copy(path(1), path(2)).unwrap();
        assert_eq!(step(&cache, "net", 2, b"of two, again"), b"of two, again");
        let joined = cache.entry("neta", b"b").key;
        assert_ne!(joined, cache.entry("net", b"ab").key);
    }

    /// A failure and a kill at every change of a save, with every loss of power that may follow.
    #[test]
    fn every_fault_leaves_the_old_step_or_the_new_one() {
        let mut points = 0;
        for old in [None, Some(b"old")] {
            for fault in [Fault::Failure, Fault::Kill] {
                for at in 0..6 {
                    for loss in 0.. {
                        let folder = tempfile::tempdir().unwrap();
                        let folder = folder.path();
                        let whole = Cache::new(Some(folder), b"").unwrap().entry("net", &[1]);
                        old.iter().for_each(|old| whole.write(&old[..]).unwrap());
                        let files = Arc::new(Faulty::new(fault, at, true));
                        let cache = Cache::with_files(Some(folder), b"", files.clone()).unwrap();
                        let written = cache.entry("net", &[1]).write(b"new");
                        assert_eq!(written.is_err(), files.has_happened());
                        let losses = files.losses();
                        let Some(loss) = losses.get(loss) else { break };
                        files.lose(loss);
                        points += 1;
                        let found = whole.read().unwrap();
                        let found = found.as_deref();
                        let is_new = found == Some(b"new") && (written.is_ok() || at > 3);
                        assert!(is_new || found == old.map(|old| &old[..]), "{fault:?} at {at}");
                        let cache = Cache::new(Some(folder), b"").unwrap();
                        let expected = found.unwrap_or(b"again");
                        assert_eq!(step(&cache, "net", 1, b"again"), expected);
                        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
                    }
                }
            }
        }
        assert!(points > 40, "only {points} points were tried");
    }

    #[test]
    fn a_checkpoint_is_there_until_the_step_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path()), b"").unwrap();
        let stopped = cache.step("net", &1u8, |checkpoint| {
            assert_eq!(checkpoint.read()?, None);
            checkpoint.write(b"half")?;
            Err(TrainError::NoDictionary)
        });
        assert!(matches!(stopped, Err(TrainError::NoDictionary)));
        let finished = cache.step("net", &1u8, |checkpoint| {
            assert_eq!(checkpoint.read()?.as_deref(), Some(&b"half"[..]));
            Ok(b"whole".to_vec())
        });
        assert_eq!(finished.unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn without_a_folder_nothing_is_saved() {
        let cache = Cache::new(None, b"").unwrap();
        assert_eq!(step(&cache, "net", 1, b"first"), b"first");
        assert_eq!(step(&cache, "net", 1, b"second"), b"second");
        assert!(!cache.entry("net", &[1]).is_kept());
    }

    #[test]
    fn an_entry_that_cannot_be_read_or_removed_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path()), b"").unwrap();
        let key = canonical_bytes(&1u8).unwrap();
        for name in ["net", "unfinished-net"] {
            let entry = cache.entry(name, &key);
            assert!(entry.is_kept());
            let path = entry.path.unwrap();
            fs::create_dir(&path).unwrap();
            match cache.step("net", &1u8, |_| Ok(b"made".to_vec())).unwrap_err() {
                TrainError::Cache { path: named, .. } => assert_eq!(named, path),
                error => panic!("{error}"),
            }
            fs::remove_dir(path).unwrap();
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let inside = file.join("inside");
        let error = Cache::new(Some(&inside), b"").err().unwrap();
        assert!(matches!(error, TrainError::Cache { path, .. } if path == inside));
    }
}
