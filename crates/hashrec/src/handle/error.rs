//! Why a recommender was not replaced.

use std::{io, path::PathBuf};

use crate::BundleError;

/// Why a recommender was not replaced: the one in use stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The bundle can't be loaded.
    #[error("the bundle can't be loaded; the recommender in use stays")]
    Bundle(#[from] BundleError),
    /// The new recommender doesn't know communities that the one in use serves.
    #[error(
        "{} communities that are served now are missing, {:?} for one; the recommender in use stays. If they are meant to go, allow it with `with_lost_communities(true)`", .missing.len(), .missing.first().map_or("", |name| name.as_str())
    )]
    LostCommunities {
        /// Their names, in order; at least one.
        missing: Vec<String>,
    },
    /// The folder of versions can't be read.
    #[error("{path}: the folder of versions can't be read")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// No version in the folder can be used.
    #[error("{path}: no version here can be used: {count} were tried; the newest says why")]
    NoVersion {
        /// The folder.
        path: PathBuf,
        /// How many versions were tried.
        count: usize,
        /// Why the newest can't be used; none if there is no version.
        #[source]
        newest: Option<Box<ReloadError>>,
    },
}
