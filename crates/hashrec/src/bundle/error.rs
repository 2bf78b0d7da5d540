//! What can be wrong with a bundle.

use std::path::PathBuf;

/// Why a bundle could not be saved or loaded. A bundle is never half written, and nothing is parsed
/// before it is verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A file or folder could not be read or written.
    #[error("{path}: cannot {action}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// There is no `manifest.json`, so the folder is not a bundle.
    #[error("{path}: not a hashrec bundle, it has no manifest.json")]
    NotABundle {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest is not the one that was written: it was cut, edited or damaged.
    #[error("{path}: the manifest is damaged; copy the bundle again or train it again")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: ManifestDefect,
    },
    /// The manifest's configuration has a value that nothing can be trained with.
    #[error("{path}: the bundle's configuration cannot be used")]
    Config {
        /// The bundle's folder.
        path: PathBuf,
        /// The value and its range.
        #[source]
        source: crate::error::ConfigError,
    },
    /// The bundle was written by a newer release.
    #[error(
        "{path}: bundle format {found} is newer than {supported}, the newest this release reads; upgrade hashrec"
    )]
    Version {
        /// The manifest.
        path: PathBuf,
        /// The format version found.
        found: u32,
        /// The newest one this release reads.
        supported: u32,
    },
    /// A part that the manifest names is not there, or a part that serving needs is not named.
    #[error("{path}: part {part:?} is missing from the bundle")]
    MissingPart {
        /// The bundle's folder.
        path: PathBuf,
        /// The part.
        part: String,
    },
    /// A part is not the one that the manifest describes: it was cut or changed, or it comes from
    /// another training run.
    #[error(
        "{path}: not the file that this bundle was saved with; it is damaged or comes from another training run"
    )]
    Mismatch {
        /// The part's file.
        path: PathBuf,
        /// What differs.
        #[source]
        source: PartDefect,
    },
    /// A part was verified, but its content can't be used.
    #[error("part {part:?} cannot be read")]
    Part {
        /// The part.
        part: &'static str,
        /// The reason, from the crate that owns the part.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A part doesn't belong to the others.
    #[error("part {part:?} has other communities or hashtags than part \"space\"")]
    Inconsistent {
        /// The part.
        part: &'static str,
    },
    /// This build can't serve the part.
    #[error("part {part:?} needs the Cargo feature `{feature}` of hashrec, which this build lacks")]
    Feature {
        /// The part.
        part: &'static str,
        /// The feature.
        feature: &'static str,
    },
}

/// What is wrong with a manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestDefect {
    /// It is far larger than any manifest.
    #[error("{bytes} bytes are too many for a manifest")]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// It is not the JSON of a manifest.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Its hash doesn't match its content.
    #[error("its hash does not match its content")]
    Hash,
    /// It has the right content in another layout.
    #[error("its layout is not the one that was written")]
    Layout,
    /// A part's file is outside the bundle's folder.
    #[error("part {part:?} names a file outside the folder: {file:?}")]
    Outside {
        /// The part.
        part: String,
        /// The file.
        file: String,
    },
}

/// How a part's file differs from what the manifest says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartDefect {
    /// Another length.
    #[error("it has {found} bytes instead of {expected}")]
    Length {
        /// The file's length.
        found: u64,
        /// The length in the manifest.
        expected: u64,
    },
    /// Another hash.
    #[error("its hash differs from the one in the manifest")]
    Hash,
}

impl BundleError {
    /// Wraps the error of the crate that owns a part.
    pub(crate) fn part<E>(part: &'static str) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        move |source| Self::Part { part, source: Box::new(source) }
    }
}
