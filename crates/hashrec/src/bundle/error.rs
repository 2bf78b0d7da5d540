//! What can be wrong with a bundle.

use std::path::PathBuf;

/// Why a bundle could not be saved or loaded. Nothing is half written, and nothing is parsed
/// before it was verified.
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
    /// The manifest is not what was written: it was cut, edited or damaged.
    #[error("{path}: the manifest is damaged ({problem}); copy the bundle again or train anew")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
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
    /// A part is not the one the manifest describes: cut, changed, or of another training run.
    #[error(
        "{path}: not the file this bundle was saved with ({problem}); it is damaged or comes from another training run"
    )]
    Mismatch {
        /// The part's file.
        path: PathBuf,
        /// What differs.
        problem: String,
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
    /// The parts do not belong together.
    #[error("the parts do not fit together: {problem}")]
    Inconsistent {
        /// What doesn't fit.
        problem: String,
    },
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
