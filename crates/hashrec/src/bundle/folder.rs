//! Reads a bundle's folder: opened once, verified, then parsed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Component, Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

use hashrec_storage::{Bytes, map_open_file};

use super::{
    error::{BundleError, ManifestDefect, PartDefect},
    manifest::{Manifest, PartEntry},
    params::LoadParams,
    place::Place,
};
#[cfg(feature = "learn")]
use crate::temporary::is_at;

pub(super) const MANIFEST: &str = "manifest.json";

/// A manifest is a few kilobytes: anything far larger is not one, and is not read into memory.
const MANIFEST_LIMIT: u64 = 16 << 20;

/// How often reading begins again because the folder was replaced meanwhile. The pauses between
/// grow by a millisecond each time and are two seconds in all; a save takes longer than opening the
/// files, so more than two or three attempts need many savers at once.
const ATTEMPTS: u32 = 60;

type Parts = BTreeMap<String, Bytes>;

/// A bundle as it was read.
pub(crate) struct Contents {
    pub(crate) manifest: Manifest,
    /// The hash in the manifest's file.
    pub(crate) manifest_hash: String,
    pub(crate) parts: Parts,
    /// The parts of each segment of the manifest.
    pub(crate) segments: Vec<Parts>,
    /// The files that are mapped.
    pub(crate) mapped: Vec<Arc<PartFile>>,
}

/// A file that is mapped, and how it was then.
pub(crate) struct PartFile {
    path: PathBuf,
    file: File,
    stamp: Stamp,
    entry: PartEntry,
}

/// What a write to a file changes.
type Stamp = (u64, Option<SystemTime>);

impl PartFile {
    /// Whether it was found to hold the part of this entry, under whatever name.
    #[cfg(feature = "learn")]
    pub(crate) fn is_of(&self, entry: &PartEntry) -> bool {
        (self.entry.length, &self.entry.blake3) == (entry.length, &entry.blake3)
    }

    /// Whether this is the file at a path, and nobody has written to it since.
    #[cfg(feature = "learn")]
    pub(super) fn is_still_at(&self, path: &Path) -> bool {
        is_at(&self.file, path) && self.check().is_ok()
    }

    /// An error if the file was written to, as far as its length and time say.
    pub(crate) fn check(&self) -> Result<(), BundleError> {
        let stamp = stamp(&self.file).map_err(BundleError::io(&self.path, "look at"))?;
        if stamp == self.stamp {
            Ok(())
        } else {
            Err(BundleError::Changed { path: self.path.clone() })
        }
    }

    /// The part, verified against its length and hash.
    fn read(&self, in_memory: bool) -> Result<Bytes, BundleError> {
        // A file may grow while it is read.
        let mut file = (&self.file).take(self.stamp.0);
        let mut hasher = blake3::Hasher::new();
        let bytes: Bytes = if in_memory {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(BundleError::io(&self.path, "read"))?;
            hasher.update(&bytes);
            bytes.into()
        } else {
            // Read, not through the map: of that only what is used shall take memory.
            hasher.update_reader(file).map_err(BundleError::io(&self.path, "read"))?;
            map_open_file(&self.file).map_err(BundleError::io(&self.path, "map"))?
        };
        self.verify(&hasher, &bytes)?;
        Ok(bytes)
    }

    fn verify(&self, hasher: &blake3::Hasher, bytes: &Bytes) -> Result<(), BundleError> {
        let mismatch = |source| BundleError::Mismatch { path: self.path.clone(), source };
        let expected = self.entry.length;
        let mut lengths = [hasher.count(), bytes.len() as u64].into_iter();
        if let Some(found) = lengths.find(|&length| length != expected) {
            return Err(mismatch(PartDefect::Length { found, expected }));
        }
        if hasher.finalize().to_hex().as_str() != self.entry.blake3 {
            return Err(mismatch(PartDefect::Hash));
        }
        Ok(())
    }
}

fn stamp(file: &File) -> io::Result<Stamp> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified().ok()))
}

/// Reads a bundle's manifest and maps its parts, each verified against its length and hash. If the
/// folder is replaced meanwhile, reading begins again, so that the result is one bundle or another.
pub(crate) fn read_folder(folder: &Path, params: &LoadParams) -> Result<Contents, BundleError> {
    for attempt in 1..=ATTEMPTS {
        let place = Place::open(folder);
        match read(&place, params) {
            Err(error) if attempt == ATTEMPTS && place.is_aside => return Err(error),
            // Between two saves that move folders aside there may be nothing for an instant.
            Err(BundleError::NotABundle { .. }) if attempt <= 3 => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(_) if place.was_replaced() => {
                thread::sleep(Duration::from_millis(attempt.into()));
            }
            // What was missing, and yet has parts, has been put there meanwhile.
            Err(BundleError::Mismatch { .. }) if place.was_missing() => {
                thread::sleep(Duration::from_millis(attempt.into()));
            }
            result => return result,
        }
    }
    Err(BundleError::Busy { path: folder.to_owned(), attempts: ATTEMPTS })
}

fn read(place: &Place<'_>, params: &LoadParams) -> Result<Contents, BundleError> {
    let (manifest, manifest_hash) = read_manifest(place)?;
    if let Some(expected) = &params.manifest_hash
        && !expected.eq_ignore_ascii_case(&manifest_hash)
    {
        let (path, expected) = (place.folder.join(MANIFEST), expected.clone());
        return Err(BundleError::Unexpected { path, found: manifest_hash, expected });
    }
    // All files are opened first: whoever replaces the bundle then may delete them.
    let open = |entries: &BTreeMap<String, PartEntry>| {
        let open = |(name, entry): (&String, &PartEntry)| {
            Ok((name.clone(), open_part(place, name, entry)?))
        };
        entries.iter().map(open).collect::<Result<Vec<_>, BundleError>>()
    };
    let files = open(&manifest.parts)?;
    let segments = manifest.segments.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let mut mapped = Vec::new();
    let mut read = |files: Vec<(String, PartFile)>| read_parts(files, params, &mut mapped);
    let parts = read(files)?;
    let segments = segments.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(Contents { manifest, manifest_hash, parts, segments, mapped })
}

/// Reads and verifies open files.
fn read_parts(
    files: Vec<(String, PartFile)>,
    params: &LoadParams,
    mapped: &mut Vec<Arc<PartFile>>,
) -> Result<Parts, BundleError> {
    let mut parts = Parts::new();
    for (name, file) in files {
        let bytes = file.read(params.in_memory)?;
        parts.insert(name, bytes);
        if !params.in_memory {
            file.check()?;
            mapped.push(Arc::new(file));
        }
    }
    Ok(parts)
}

fn read_manifest(place: &Place<'_>) -> Result<(Manifest, String), BundleError> {
    let path = place.folder.join(MANIFEST);
    let found = place.found.join(MANIFEST);
    let size = match fs::metadata(&found) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Err(BundleError::NotABundle { path: place.folder.to_owned() }),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(BundleError::NotABundle { path: place.folder.to_owned() });
        }
        Err(e) => return Err(BundleError::io(&path, "open")(e)),
    };
    if size > MANIFEST_LIMIT {
        let source = ManifestDefect::TooLarge { bytes: size };
        return Err(BundleError::Manifest { path, source });
    }
    let bytes = fs::read(&found).map_err(BundleError::io(&path, "read"))?;
    Manifest::from_bytes(&bytes, &path)
}

fn open_part(place: &Place<'_>, name: &str, entry: &PartEntry) -> Result<PartFile, BundleError> {
    let mut components = Path::new(&entry.file).components();
    if !matches!((components.next(), components.next()), (Some(Component::Normal(_)), None)) {
        let source = ManifestDefect::Outside { part: name.to_owned(), file: entry.file.clone() };
        return Err(BundleError::Manifest { path: place.folder.join(MANIFEST), source });
    }
    let found = place.found.join(&entry.file);
    if !found.is_file() {
        let path = place.folder.to_owned();
        return Err(BundleError::MissingPart { path, part: name.to_owned() });
    }
    let path = place.folder.join(&entry.file);
    let file = File::open(found).map_err(BundleError::io(&path, "open"))?;
    let stamp = stamp(&file).map_err(BundleError::io(&path, "look at"))?;
    if stamp.0 != entry.length {
        let source = PartDefect::Length { found: stamp.0, expected: entry.length };
        return Err(BundleError::Mismatch { path, source });
    }
    Ok(PartFile { path, file, stamp, entry: entry.clone() })
}

#[cfg(feature = "learn")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bundle::{
            save::{Content, write_folder},
            test_bundle::bundle,
        },
        files::Disk,
    };

    fn saved(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("bundle");
        let (manifest, parts) = bundle(content);
        write_folder(&Disk, &folder, &Content::of(&manifest, &parts)).unwrap();
        (dir, folder)
    }

    fn load(folder: &Path) -> Result<Contents, BundleError> {
        read_folder(folder, &LoadParams::default())
    }

    #[test]
    fn missing_cut_and_foreign_parts_are_told_apart() {
        let (dir, folder) = saved(b"abc");
        let nowhere = load(&dir.path().join("nowhere")).err().unwrap();
        assert!(matches!(nowhere, BundleError::NotABundle { .. }), "{nowhere}");
        let part = folder.join("a.part");
        let too_long = load(&dir.path().join("n".repeat(256))).err().unwrap();
        assert!(matches!(too_long, BundleError::Io { .. }), "{too_long}");
        for (content, length) in [("abd", None), ("ab", Some(2)), ("abcd", Some(4))] {
            fs::write(&part, content).unwrap();
            for params in [LoadParams::default(), LoadParams::default().with_in_memory(true)] {
                match read_folder(&folder, &params).err().unwrap() {
                    BundleError::Mismatch { source: PartDefect::Hash, .. } => {
                        assert_eq!(length, None)
                    }
                    BundleError::Mismatch { source: PartDefect::Length { found, .. }, .. } => {
                        assert_eq!(length, Some(found));
                    }
                    error => panic!("{error}"),
                }
            }
        }
        fs::remove_file(&part).unwrap();
        assert!(matches!(load(&folder), Err(BundleError::MissingPart { .. })));
    }

    #[test]
    fn a_part_cannot_lie_outside_the_folder() {
        let (_dir, folder) = saved(b"abc");
        let (mut manifest, _) = bundle(b"abc");
        manifest.parts.insert("b".into(), PartEntry::of("../secret".into(), b"abc"));
        fs::write(folder.join(MANIFEST), manifest.to_bytes().unwrap().0).unwrap();
        assert!(matches!(load(&folder), Err(BundleError::Manifest { .. })));
    }

    #[test]
    fn a_manifest_is_a_file_of_a_manifests_size() {
        let (_dir, folder) = saved(b"abc");
        let manifest = folder.join(MANIFEST);
        File::options().write(true).open(&manifest).unwrap().set_len(MANIFEST_LIMIT + 1).unwrap();
        let too_large = load(&folder).err().unwrap();
        assert!(
            matches!(too_large, BundleError::Manifest { source: ManifestDefect::TooLarge { bytes }, .. }
            if bytes == MANIFEST_LIMIT + 1),
            "{too_large}"
        );
        File::options().write(true).open(&manifest).unwrap().set_len(MANIFEST_LIMIT).unwrap();
        let not_json = load(&folder).err().unwrap();
        assert!(
            matches!(not_json, BundleError::Manifest { source: ManifestDefect::Json(_), .. }),
            "{not_json}"
        );
        fs::remove_file(&manifest).unwrap();
        fs::create_dir(&manifest).unwrap();
        assert!(matches!(load(&folder), Err(BundleError::NotABundle { .. })));
    }

    #[test]
    fn only_the_expected_bundle_is_accepted() {
        let (_dir, folder) = saved(b"abc");
        let hash = load(&folder).unwrap().manifest_hash;
        assert_eq!(hash, bundle(b"abc").0.to_bytes().unwrap().1);
        for same in [hash.clone(), hash.to_uppercase()] {
            assert!(read_folder(&folder, &LoadParams::default().with_manifest_hash(same)).is_ok());
        }
        let other = bundle(b"abd").0.to_bytes().unwrap().1;
        let params = LoadParams::default().with_manifest_hash(other.clone());
        match read_folder(&folder, &params).err().unwrap() {
            BundleError::Unexpected { found, expected, .. } => {
                assert_eq!((found, expected), (hash, other));
            }
            error => panic!("{error}"),
        }
    }

    #[test]
    fn writes_to_mapped_files_are_noticed_and_copies_are_out_of_reach() {
        let (_dir, folder) = saved(b"abc");
        let mapped = load(&folder).unwrap();
        let copied = read_folder(&folder, &LoadParams::default().with_in_memory(true)).unwrap();
        assert!(copied.mapped.is_empty() && !mapped.mapped.is_empty());
        mapped.mapped.iter().for_each(|file| file.check().unwrap());
        let part = folder.join("a.part");
        let file = File::options().write(true).open(&part).unwrap();
        let before = file.metadata().unwrap().modified().unwrap();
        io::Write::write_all(&mut &file, b"xyz").unwrap();
        file.set_modified(before + Duration::from_millis(1)).unwrap();
        assert!(
            matches!(mapped.mapped[0].check(), Err(BundleError::Changed { path }) if path == part)
        );
        assert_eq!(&copied.parts["a"][..], b"abc");
    }

    /// A save deletes the old bundle, so what keeps its files must not be its name.
    #[test]
    fn a_folder_that_was_replaced_is_noticed() {
        let (dir, folder) = saved(b"abc");
        let place = Place::open(&folder);
        assert!(!place.was_replaced());
        fs::rename(&folder, dir.path().join("gone")).unwrap();
        assert!(place.was_replaced());
        let nothing = Place::open(&folder);
        assert!(!nothing.was_replaced());
        let (manifest, parts) = bundle(b"abd");
        write_folder(&Disk, &folder, &Content::of(&manifest, &parts)).unwrap();
        assert!(place.was_replaced() && nothing.was_replaced());
        #[cfg(target_os = "linux")]
        assert_eq!(&read(&place, &LoadParams::default()).unwrap().parts["a"][..], b"abc");
    }
}
