//! Reads a bundle's folder: verified first, then parsed.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path},
};

use hashrec_storage::{Bytes, map_file};

use super::{
    error::{BundleError, ManifestDefect, PartDefect},
    manifest::{Manifest, PartEntry},
};

pub(super) const MANIFEST: &str = "manifest.json";

/// A manifest is a few kilobytes: anything far larger is not one, and is not read into memory.
const MANIFEST_LIMIT: u64 = 16 << 20;

pub(super) fn io_error(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> BundleError {
    let path = path.to_owned();
    move |source| BundleError::Io { path, action, source }
}

/// Reads a bundle's manifest and maps its parts, each verified against its length and hash.
pub(crate) fn read_folder(
    folder: &Path,
) -> Result<(Manifest, BTreeMap<String, Bytes>), BundleError> {
    let path = folder.join(MANIFEST);
    let size = match fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(BundleError::NotABundle { path: folder.to_owned() });
        }
        Err(e) => return Err(io_error(&path, "open")(e)),
    };
    if size > MANIFEST_LIMIT {
        return Err(BundleError::Manifest {
            path,
            source: ManifestDefect::TooLarge { bytes: size },
        });
    }
    let bytes = fs::read(&path).map_err(io_error(&path, "read"))?;
    let manifest = Manifest::from_bytes(&bytes, &path)?;
    let mut parts = BTreeMap::new();
    for (name, entry) in &manifest.parts {
        parts.insert(name.clone(), read_part(folder, name, entry)?);
    }
    Ok((manifest, parts))
}

fn read_part(folder: &Path, name: &str, entry: &PartEntry) -> Result<Bytes, BundleError> {
    let mut components = Path::new(&entry.file).components();
    if !matches!((components.next(), components.next()), (Some(Component::Normal(_)), None)) {
        let source = ManifestDefect::Outside { part: name.to_owned(), file: entry.file.clone() };
        return Err(BundleError::Manifest { path: folder.join(MANIFEST), source });
    }
    let path = folder.join(&entry.file);
    if !path.is_file() {
        return Err(BundleError::MissingPart { path: folder.to_owned(), part: name.to_owned() });
    }
    let bytes = map_file(&path).map_err(|source| BundleError::Io {
        path: path.clone(),
        action: "map",
        source: io::Error::other(source),
    })?;
    if bytes.len() as u64 != entry.length {
        let source = PartDefect::Length { found: bytes.len() as u64, expected: entry.length };
        return Err(BundleError::Mismatch { path, source });
    }
    if blake3::hash(&bytes).to_hex().as_str() != entry.blake3 {
        return Err(BundleError::Mismatch { path, source: PartDefect::Hash });
    }
    Ok(bytes)
}

#[cfg(feature = "learn")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{save::write_folder, test_bundle::bundle};

    #[test]
    fn missing_cut_and_foreign_parts_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("bundle");
        assert!(matches!(read_folder(&folder), Err(BundleError::NotABundle { .. })));
        let (manifest, parts) = bundle(b"abc");
        write_folder(&folder, &manifest, &parts).unwrap();
        let part = folder.join("a.part");
        fs::write(&part, b"abd").unwrap();
        assert!(matches!(read_folder(&folder), Err(BundleError::Mismatch { .. })));
        fs::write(&part, b"ab").unwrap();
        assert!(matches!(read_folder(&folder), Err(BundleError::Mismatch { .. })));
        fs::remove_file(&part).unwrap();
        assert!(matches!(read_folder(&folder), Err(BundleError::MissingPart { .. })));
    }

    #[test]
    fn a_part_cannot_lie_outside_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("bundle");
        let (mut manifest, parts) = bundle(b"abc");
        write_folder(&folder, &manifest, &parts).unwrap();
        manifest.parts.insert("b".into(), PartEntry::of("../secret".into(), b"abc"));
        fs::write(folder.join(MANIFEST), manifest.to_bytes().unwrap()).unwrap();
        assert!(matches!(read_folder(&folder), Err(BundleError::Manifest { .. })));
    }
}
