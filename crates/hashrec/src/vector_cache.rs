//! A file that keeps the vectors of texts, so that a text is encoded once and not in every run.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use hashrec_storage::{Bytes, Part, PartWriter, StorageError, Table};

use crate::{
    bundle::names::{Kind, Stem},
    error::LearnError,
    files::{Disk, Files},
    temporary::{clear_dead, new_file},
};

const KIND: &str = "vector-cache";
const VERSION: u32 = 1;

/// Bytes of the seal at the end of the file.
const SEAL: usize = blake3::OUT_LEN;

/// A text by its hash.
type Key = [u64; 2];

/// The vectors of texts by one encoder. What is damaged counts as absent.
pub(crate) struct VectorCache {
    path: PathBuf,
    /// What the vectors depend on, beside their texts.
    encoder: blake3::Hash,
    dim: usize,
    known: HashMap<Key, usize>,
    /// Vectors that were read, in the order of their numbers.
    values: Table<f32>,
    /// New vectors.
    added: BTreeMap<Key, Vec<f32>>,
}

impl VectorCache {
    /// The vectors by this encoder that a folder keeps. The folder is made if it isn't there.
    pub(crate) fn open(
        folder: &Path,
        encoder: blake3::Hash,
        dim: usize,
    ) -> Result<Self, LearnError> {
        let failed = |source| LearnError::Cache { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let dead = |name: &OsStr| name.to_str().is_some_and(|name| stem().has(name, Kind::New));
        clear_dead(folder, dead, |path| Disk.remove_file(path));
        let path = folder.join(format!("{}.vectors", &encoder.to_hex()[..32]));
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(LearnError::Cache { path, source }),
        };
        let (known, values) = (HashMap::new(), Table::default());
        let mut cache = Self { path, encoder, dim, known, values, added: BTreeMap::new() };
        if !bytes.is_empty() && !cache.read(bytes) {
            let path = cache.path.display();
            tracing::warn!(%path, "the file of vectors is damaged: all texts are encoded again");
        }
        Ok(cache)
    }

    /// Whether the content is whole; then it counts.
    fn read(&mut self, mut bytes: Vec<u8>) -> bool {
        let body = bytes.len().saturating_sub(SEAL);
        if bytes.get(body..) != Some(self.seal(&bytes[..body]).as_bytes()) {
            return false;
        }
        bytes.truncate(body);
        let parsed = || -> Result<(Table<u64>, Table<f32>), StorageError> {
            let part = Part::parse(Bytes::from(bytes), KIND, VERSION)?;
            let keys: Table<u64> = part.table("keys")?;
            let values = part.table_of("values", keys.len() / 2 * self.dim)?;
            Ok((keys, values))
        };
        let Ok((keys, values)) = parsed() else { return false };
        self.known = keys.as_chunks::<2>().0.iter().copied().zip(0..).collect();
        self.values = values;
        true
    }

    /// The vector of a text, if it is known.
    pub(crate) fn get(&self, text: &str) -> Option<&[f32]> {
        let key = key(text);
        match self.known.get(&key) {
            Some(&place) => self.values.get(place * self.dim..(place + 1) * self.dim),
            None => self.added.get(&key).map(Vec::as_slice),
        }
    }

    /// Adds the vector of a text.
    pub(crate) fn add(&mut self, text: &str, vector: &[f32]) {
        self.added.insert(key(text), vector.to_vec());
    }

    /// Writes the file, whole or not at all, if there are new vectors.
    pub(crate) fn save(self) -> Result<(), LearnError> {
        if self.added.is_empty() {
            return Ok(());
        }
        let failed = |source| LearnError::Cache { path: self.path.clone(), source };
        let mut known: Vec<(usize, Key)> =
            self.known.iter().map(|(&key, &place)| (place, key)).collect();
        known.sort_unstable();
        let keys = known.into_iter().map(|(_, key)| key).chain(self.added.keys().copied());
        let keys: Vec<u64> = keys.flatten().collect();
        let values: Vec<f32> =
            self.values.iter().copied().chain(self.added.values().flatten().copied()).collect();
        let mut part = PartWriter::new(KIND, VERSION);
        let bytes = part
            .table("keys", &keys)
            .and_then(|part| part.table("values", &values))
            .and_then(|part| part.to_bytes());
        let bytes = bytes.map_err(LearnError::part(KIND))?;
        let folder = self.path.parent().unwrap_or(&self.path);
        let (fresh, mut file) = new_file(&Disk, folder, &stem()).map_err(failed)?;
        let mut write = || {
            Disk.write(&fresh, &mut file, &bytes)?;
            Disk.write(&fresh, &mut file, self.seal(&bytes).as_bytes())?;
            Disk.sync(&fresh, &file)?;
            Disk.rename(&fresh, &self.path)
        };
        write().map_err(|source| {
            // What can't be removed is cleared by the next run.
            let _ = Disk.remove_file(&fresh);
            failed(source)
        })
    }

    /// What makes the content this encoder's.
    fn seal(&self, body: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(self.encoder.as_bytes(), body)
    }
}

/// What the names of unfinished files have in common.
fn stem() -> Stem {
    Stem::of("vectors".as_ref())
}

fn key(text: &str) -> Key {
    let hash = blake3::hash(text.as_bytes());
    let (halves, _) = hash.as_bytes().as_chunks::<8>();
    [0, 1].map(|half| halves.get(half).map_or(0, |bytes| u64::from_le_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path, encoder: &str) -> VectorCache {
        VectorCache::open(folder, blake3::hash(encoder.as_bytes()), 2).unwrap()
    }

    #[test]
    fn vectors_are_kept_by_text_and_encoder() {
        let folder = tempfile::tempdir().unwrap();
        for (texts, more) in [(["a", "b"], "c"), (["a", "c"], "d")] {
            let mut cache = open(folder.path(), "one");
            assert_eq!(cache.get(more), None);
            for text in texts {
                cache.add(text, &[1.0, text.len() as f32]);
            }
            cache.add(more, &[7.0, 8.0]);
            assert_eq!(cache.get(more), Some(&[7.0, 8.0][..]));
            cache.save().unwrap();
        }
        let cache = open(folder.path(), "one");
        assert_eq!(cache.get("a"), Some(&[1.0, 1.0][..]));
        assert_eq!(cache.get("d"), Some(&[7.0, 8.0][..]));
        assert_eq!(open(folder.path(), "other").get("a"), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn damage_counts_as_absence() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = open(folder.path(), "one");
        cache.add("a", &[1.0, 2.0]);
        let path = cache.path.clone();
        cache.save().unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(open(folder.path(), "one").get("a"), None, "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(open(folder.path(), "one").get("a"), None, "length {at}");
        }
        fs::write(&path, &whole).unwrap();
        assert_eq!(open(folder.path(), "one").get("a"), Some(&[1.0, 2.0][..]));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let error = VectorCache::open(&file, blake3::hash(b""), 2).err().unwrap();
        assert!(matches!(error, LearnError::Cache { path, .. } if path == file));
    }
}
