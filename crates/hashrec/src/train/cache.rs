//! What long steps made, kept in a folder: a run that was killed goes on from there, and systems
//! trained on the same posts share it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::TrainError;

/// Bytes of the hash at an entry's end.
const SEAL: usize = blake3::OUT_LEN;

/// A folder of entries, each named by its step and a hash of everything that went into it; or no
/// folder, and nothing is kept.
pub(super) struct Kept {
    folder: Option<PathBuf>,
    /// What all entries of a run have in common.
    common: blake3::Hasher,
}

impl Kept {
    /// Entries of runs that have `common` in common.
    pub(super) fn new(folder: Option<&Path>, common: &[u8]) -> Result<Self, TrainError> {
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(common);
        Ok(Self { folder: folder.map(Path::to_owned), common: hasher })
    }

    /// Whether anything is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.folder.is_some()
    }

    /// The file of a step with these inputs.
    fn path(&self, step: &str, inputs: &impl Serialize) -> Option<PathBuf> {
        let mut hasher = self.common.clone();
        hasher.update(step.as_bytes());
        // A configuration section that JSON can't express doesn't exist.
        hasher.update(&serde_json::to_vec(inputs).ok()?);
        let key = hasher.finalize().to_hex();
        Some(self.folder.as_ref()?.join(format!("{step}-{}.kept", &key[..32])))
    }

    /// What the step made before, if it is there and whole.
    pub(super) fn get(
        &self,
        step: &str,
        inputs: &impl Serialize,
    ) -> Result<Option<Vec<u8>>, TrainError> {
        let Some(path) = self.path(step, inputs) else { return Ok(None) };
        let mut bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed(&path, source)),
        };
        let body = bytes.len().saturating_sub(SEAL);
        if bytes.get(body..) != Some(blake3::hash(&bytes[..body]).as_bytes()) {
            tracing::warn!(path = %path.display(), "a kept step is damaged and is made again");
            return Ok(None);
        }
        bytes.truncate(body);
        Ok(Some(bytes))
    }

    /// Keeps what a step made.
    pub(super) fn put(
        &self,
        step: &str,
        inputs: &impl Serialize,
        bytes: &[u8],
    ) -> Result<(), TrainError> {
        let Some(path) = self.path(step, inputs) else { return Ok(()) };
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let write = || {
            fs::write(&temporary, [bytes, blake3::hash(bytes).as_bytes()].concat())?;
            fs::File::open(&temporary)?.sync_all()?;
            fs::rename(&temporary, &path)
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&temporary);
            failed(&path, source)
        })
    }

    /// Forgets what a step left on its way.
    pub(super) fn forget(&self, step: &str, inputs: &impl Serialize) -> Result<(), TrainError> {
        let Some(path) = self.path(step, inputs) else { return Ok(()) };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path, error)),
            _ => Ok(()),
        }
    }

    /// What the step made before; else it is made now, and kept.
    pub(super) fn get_or_make(
        &self,
        step: &str,
        inputs: &impl Serialize,
        make: impl FnOnce() -> Result<Vec<u8>, TrainError>,
    ) -> Result<Vec<u8>, TrainError> {
        if let Some(bytes) = self.get(step, inputs)? {
            tracing::info!(step, "taken from the folder of finished steps");
            return Ok(bytes);
        }
        let bytes = make()?;
        self.put(step, inputs, &bytes)?;
        Ok(bytes)
    }
}

fn failed(path: &Path, source: io::Error) -> TrainError {
    TrainError::Kept { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_made_once_for_the_same_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(Some(folder.path()), b"posts").unwrap();
        let make = |bytes: &'static [u8]| move || Ok(bytes.to_vec());
        assert_eq!(kept.get_or_make("net", &1, make(b"first")).unwrap(), b"first");
        assert_eq!(kept.get_or_make("net", &1, make(b"second")).unwrap(), b"first");
        assert_eq!(kept.get_or_make("net", &2, make(b"third")).unwrap(), b"third");
        assert_eq!(kept.get_or_make("table", &1, make(b"fourth")).unwrap(), b"fourth");
        let others = Kept::new(Some(folder.path()), b"other posts").unwrap();
        assert_eq!(others.get_or_make("net", &1, make(b"fifth")).unwrap(), b"fifth");
        kept.forget("net", &1).unwrap();
        kept.forget("net", &1).unwrap();
        assert_eq!(kept.get("net", &1).unwrap(), None);
    }

    #[test]
    fn damage_is_noticed_and_the_step_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(Some(folder.path()), b"").unwrap();
        kept.put("net", &1, b"content").unwrap();
        let path = kept.path("net", &1).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(kept.get("net", &1).unwrap(), None, "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(kept.get("net", &1).unwrap(), None, "length {at}");
        }
        assert_eq!(kept.get_or_make("net", &1, || Ok(b"again".to_vec())).unwrap(), b"again");
        assert_eq!(kept.get("net", &1).unwrap().unwrap(), b"again");
    }

    #[test]
    fn without_a_folder_nothing_is_kept() {
        let kept = Kept::new(None, b"").unwrap();
        kept.put("net", &1, b"content").unwrap();
        assert_eq!(kept.get("net", &1).unwrap(), None);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let error = Kept::new(Some(&file.join("inside")), b"").err().unwrap();
        assert!(matches!(error, TrainError::Kept { .. }), "{error}");
    }
}
