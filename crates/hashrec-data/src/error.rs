//! What can be wrong with posts, their files and the spaces made from them.

use hashrec_storage::StorageError;

/// Why posts could not be read, written or split, or a hashtag space not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The stored hashtag space is damaged, of another kind or of a newer version.
    #[error(
        "the stored hashtag space can't be used: take it again from the bundle it was written with"
    )]
    Space(#[from] StorageError),
}
