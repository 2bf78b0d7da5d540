//! What can be wrong with a bundle.

use std::{
    io,
    path::{Path, PathBuf},
};

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
        /// The value and its range: a `ConfigError`.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
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
    /// The bundle was made with an encoder of the program around, which is not given.
    #[error(
        "the bundle was made with an encoder of its own program: load it with \
         `Recommender::load_with_encoder`, or give the encoder to the `Trainer` or `Learner`"
    )]
    NoEncoder,
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
    /// The bundle is whole, but it isn't the one that was asked for.
    #[error(
        "{path}: the manifest's hash is {found}, expected {expected}: this is another bundle than \
         the one that `manifest_hash` names"
    )]
    Unexpected {
        /// The manifest.
        path: PathBuf,
        /// The hash of the manifest that is there.
        found: String,
        /// The hash that the caller expects.
        expected: String,
    },
    /// Every attempt to read the bundle met another save.
    #[error(
        "{path}: replaced {attempts} times while it was being read; load it when it is saved less often"
    )]
    Busy {
        /// The bundle's folder.
        path: PathBuf,
        /// How often reading began.
        attempts: u32,
    },
    /// A file was written to while this process has it mapped.
    #[error(
        "{path}: changed in place while it is in use, so answers may be wrong; load the bundle \
         again, and replace bundles by `save` or by renaming a whole folder"
    )]
    Changed {
        /// The part's file.
        path: PathBuf,
    },
    /// A bundle can't be saved in this place.
    #[error("{path}: a bundle cannot be saved here")]
    Target {
        /// The place.
        path: PathBuf,
        /// What stands against it.
        #[source]
        source: TargetProblem,
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
    /// A segment can't be used, though what the bundle was trained on can.
    #[error("segment {segment}, with communities that were added later, cannot be read")]
    Segment {
        /// The segment, as the manifest has them, counted from 1.
        segment: usize,
        /// What is wrong with it.
        #[source]
        source: Box<BundleError>,
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

/// What stands against saving a bundle in a place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetProblem {
    /// It is a file.
    #[error("it is not a folder; name a folder, which may be a new one")]
    NotAFolder,
    /// It has no name that could be given to another folder.
    #[error("it names no folder that could be replaced; name a folder inside it")]
    NoName,
    /// It is a link to nothing.
    #[error("it is a link to {to:?}, which does not exist; make that folder, or remove the link")]
    DanglingLink {
        /// What the link names.
        to: PathBuf,
    },
    /// A file system is mounted there.
    #[error("it is a mount point, which cannot be replaced in one step; name a folder inside it")]
    MountPoint,
    /// It is where the process works.
    #[error(
        "it is the current folder, and replacing it would leave this process without one; name a \
         folder inside it, or run in another folder"
    )]
    CurrentFolder,
    /// It holds something that is no part of a bundle and would be deleted.
    #[error(
        "it holds {entry:?}, which is no part of a bundle and would be deleted; move it away, or \
         name another folder"
    )]
    Foreign {
        /// The name of the file or folder.
        entry: String,
    },
}

impl BundleError {
    /// Wraps the operating system's reason.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, action, source }
    }

    /// Wraps the error of the crate that owns a part.
    pub(crate) fn part<E>(part: &'static str) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        move |source| Self::Part { part, source: Box::new(source) }
    }
}
