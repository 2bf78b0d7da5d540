//! The results of long steps, saved in a folder: a run that was killed continues from there, and
//! systems trained on the same posts share them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{error::TrainError, fingerprint::canonical_bytes};

/// A folder of entries, each named by its step and a hash of everything that went into it. Without
/// a folder nothing is saved.
pub(crate) struct Cache {
    folder: Option<PathBuf>,
    /// What all entries of a run have in common.
    common: blake3::Hasher,
}

impl Cache {
    /// The entries of runs that have the bytes of `common` in common.
    pub(crate) fn new(folder: Option<&Path>, common: &[u8]) -> Result<Self, TrainError> {
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(common);
        Ok(Self { folder: folder.map(Path::to_owned), common: hasher })
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
        hasher.update(name.as_bytes()).update(key);
        let hash = hasher.finalize().to_hex();
        let path = |folder: &PathBuf| folder.join(format!("{name}-{}.step", &hash[..32]));
        Entry { path: self.folder.as_ref().map(path) }
    }
}

/// Bytes of the hash at the end of an entry's file.
const SEAL: usize = blake3::OUT_LEN;

/// One file of the folder, or none.
pub(crate) struct Entry {
    path: Option<PathBuf>,
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
        if bytes.get(body..) != Some(blake3::hash(&bytes[..body]).as_bytes()) {
            tracing::warn!(path = %path.display(), "a finished step is damaged and runs again");
            return Ok(None);
        }
        bytes.truncate(body);
        Ok(Some(bytes))
    }

    /// Replaces the content.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), TrainError> {
        let Some(path) = &self.path else { return Ok(()) };
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let write = || {
            fs::write(&temporary, [bytes, blake3::hash(bytes).as_bytes()].concat())?;
            fs::File::open(&temporary)?.sync_all()?;
            fs::rename(&temporary, path)
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&temporary);
            failed(path, source)
        })
    }

    fn remove(&self) -> Result<(), TrainError> {
        let Some(path) = &self.path else { return Ok(()) };
        match fs::remove_file(path) {
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
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let inside = file.join("inside");
        let error = Cache::new(Some(&inside), b"").err().unwrap();
        assert!(matches!(error, TrainError::Cache { path, .. } if path == inside));
    }
}
