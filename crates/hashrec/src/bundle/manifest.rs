//! `manifest.json`: what a bundle consists of, and how to tell that it is whole.

use std::{collections::BTreeMap, path::Path};

#[cfg(feature = "learn")]
use hashrec_storage::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::{BundleError, ManifestDefect};
use crate::config::Config;

/// The newest bundle format this release reads, and the one it writes.
pub const FORMAT_VERSION: u32 = 1;

/// How this release names itself in the bundles that it writes.
#[cfg(feature = "learn")]
pub(crate) const WRITTEN_BY: &str = concat!("hashrec ", env!("CARGO_PKG_VERSION"));

/// The description of a bundle, as in its `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format of the folder and of every part in it.
    pub format_version: u32,
    /// The release of hashrec that trained it.
    pub written_by: String,
    /// A hash of the configuration, of the posts, and of communities added since. Two bundles have
    /// the same only if they come from the same training run and the same additions.
    pub fingerprint: String,
    /// How many posts it was trained on.
    pub train_posts: u64,
    /// The configuration it was trained with.
    pub config: Config,
    /// Every part by name, with the communities that it was trained on.
    pub parts: BTreeMap<String, PartEntry>,
    /// The parts of communities that were added since, the newest last. A community that several
    /// segments have is served from the newest of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<BTreeMap<String, PartEntry>>,
}

/// One part of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartEntry {
    /// The file's name inside the folder.
    pub file: String,
    /// Its length in bytes.
    pub length: u64,
    /// The BLAKE3 hash of its bytes, in hexadecimal.
    pub blake3: String,
}

impl PartEntry {
    /// The entry of a part with that content.
    #[cfg(any(test, feature = "learn"))]
    pub(crate) fn of(file: String, bytes: &[u8]) -> Self {
        Self { file, length: bytes.len() as u64, blake3: blake3::hash(bytes).to_hex().to_string() }
    }
}

/// The entries of parts.
#[cfg(feature = "learn")]
pub(crate) fn entries(parts: &BTreeMap<String, Bytes>) -> BTreeMap<String, PartEntry> {
    named(parts, "part")
}

/// The entries of the parts of a segment, counted from 1.
#[cfg(feature = "learn")]
pub(crate) fn segment_entries(
    segment: usize,
    parts: &BTreeMap<String, Bytes>,
) -> BTreeMap<String, PartEntry> {
    named(parts, &format!("{segment}.part"))
}

#[cfg(feature = "learn")]
fn named(parts: &BTreeMap<String, Bytes>, extension: &str) -> BTreeMap<String, PartEntry> {
    let entry = |(name, bytes): (&String, &Bytes)| {
        (name.clone(), PartEntry::of(format!("{name}.{extension}"), bytes))
    };
    parts.iter().map(entry).collect()
}

/// The file: the manifest as it was written, and the hash of exactly those bytes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<'a> {
    blake3: String,
    #[serde(borrow)]
    manifest: &'a RawValue,
}

/// Just enough to tell a newer format from a damaged file.
#[derive(Deserialize)]
struct VersionOnly {
    format_version: u32,
}

impl Manifest {
    /// The parts of the training, then those of each segment.
    #[cfg(feature = "learn")]
    pub(crate) fn all_parts(&self) -> impl Iterator<Item = &BTreeMap<String, PartEntry>> {
        std::iter::once(&self.parts).chain(&self.segments)
    }

    /// Every file, of whatever part.
    #[cfg(feature = "learn")]
    pub(crate) fn files(&self) -> impl Iterator<Item = &PartEntry> {
        self.all_parts().flat_map(BTreeMap::values)
    }

    /// The bytes of `manifest.json`, and the hash in them.
    #[cfg(any(test, feature = "learn"))]
    pub(crate) fn to_bytes(&self) -> Result<(Vec<u8>, String), serde_json::Error> {
        let text = serde_json::to_string_pretty(self)?;
        let blake3 = blake3::hash(text.as_bytes()).to_hex().to_string();
        let manifest = RawValue::from_string(text)?;
        let sealed = Sealed { blake3, manifest: &manifest };
        let mut bytes = serde_json::to_vec(&sealed)?;
        bytes.push(b'\n');
        Ok((bytes, sealed.blake3))
    }

    /// Verifies, then reads; the hash comes with it. Every byte counts: a file that means the same
    /// but is not the very one that was written is refused too.
    pub(crate) fn from_bytes(bytes: &[u8], path: &Path) -> Result<(Self, String), BundleError> {
        let damaged = |source| BundleError::Manifest { path: path.to_owned(), source };
        let json = |source| damaged(ManifestDefect::Json(source));
        let sealed: Sealed<'_> = serde_json::from_slice(bytes).map_err(json)?;
        let text = sealed.manifest.get();
        if blake3::hash(text.as_bytes()).to_hex().as_str() != sealed.blake3 {
            return Err(damaged(ManifestDefect::Hash));
        }
        let version: VersionOnly = serde_json::from_str(text).map_err(json)?;
        if version.format_version > FORMAT_VERSION {
            return Err(BundleError::Version {
                path: path.to_owned(),
                found: version.format_version,
                supported: FORMAT_VERSION,
            });
        }
        let again = serde_json::to_vec(&sealed).map_err(json)?;
        if bytes.strip_suffix(b"\n") != Some(&again[..]) {
            return Err(damaged(ManifestDefect::Layout));
        }
        Ok((serde_json::from_str(text).map_err(json)?, sealed.blake3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            format_version: FORMAT_VERSION,
            written_by: "hashrec 0.1.0".into(),
            fingerprint: "00".into(),
            train_posts: 3,
            config: Config::default(),
            parts: BTreeMap::from([("a".into(), PartEntry::of("a.part".into(), b"abc"))]),
            segments: Vec::new(),
        }
    }

    #[test]
    fn round_trips() {
        let (bytes, hash) = manifest().to_bytes().unwrap();
        assert_eq!(Manifest::from_bytes(&bytes, Path::new("m")).unwrap(), (manifest(), hash));
        assert!(!String::from_utf8(bytes).unwrap().contains("segments"));
        let parts = BTreeMap::from([("a".into(), PartEntry::of("a.1.part".into(), b"d"))]);
        let more = Manifest { segments: vec![parts], ..manifest() };
        let (bytes, hash) = more.to_bytes().unwrap();
        assert_eq!(Manifest::from_bytes(&bytes, Path::new("m")).unwrap(), (more, hash));
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_refused() {
        let (whole, _) = manifest().to_bytes().unwrap();
        for at in 0..whole.len() {
            for value in [whole[at] ^ 1, whole[at] ^ 0x20, b' ', b'\n'] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                if bytes != whole {
                    assert!(Manifest::from_bytes(&bytes, Path::new("m")).is_err(), "byte {at}");
                }
            }
            assert!(Manifest::from_bytes(&whole[..at], Path::new("m")).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_newer_format_says_so() {
        let newer = Manifest { format_version: FORMAT_VERSION + 1, ..manifest() };
        let (bytes, _) = newer.to_bytes().unwrap();
        let error = Manifest::from_bytes(&bytes, Path::new("m")).unwrap_err();
        assert!(matches!(error, BundleError::Version { found, .. } if found == FORMAT_VERSION + 1));
    }
}
