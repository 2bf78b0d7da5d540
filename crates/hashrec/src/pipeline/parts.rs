//! The parts of a bundle, by name.

use std::{collections::BTreeMap, path::Path};

use hashrec_data::{CommunityId, HashtagSpace};
use hashrec_storage::Bytes;

use crate::bundle::error::BundleError;

/// The parts of a bundle by name.
pub(crate) type Parts = BTreeMap<String, Bytes>;

/// Verified parts to read stages from.
#[derive(Clone, Copy)]
pub(crate) struct PartReader<'a> {
    pub(crate) parts: &'a Parts,
    /// The bundle's folder, for error messages.
    pub(crate) folder: &'a Path,
}

impl<'a> PartReader<'a> {
    /// What errors call a bundle that is not on disk yet.
    #[cfg(feature = "trainer")]
    pub(crate) const IN_MEMORY: &'static str = "(bundle in memory)";

    /// Parts that are not on disk yet.
    #[cfg(feature = "trainer")]
    pub(crate) fn in_memory(parts: &'a Parts) -> Self {
        Self { parts, folder: Path::new(Self::IN_MEMORY) }
    }

    /// Reads a part. A part that isn't there is an error.
    pub(crate) fn read<T, E>(
        &self,
        name: &'static str,
        parse: impl FnOnce(Bytes) -> Result<T, E>,
    ) -> Result<T, BundleError>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let bytes = self.parts.get(name).ok_or_else(|| self.missing(name))?;
        parse(bytes.clone()).map_err(BundleError::part(name))
    }

    /// Takes what another stage made of a part.
    pub(crate) fn require<T>(&self, name: &str, made: Option<T>) -> Result<T, BundleError> {
        made.ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> BundleError {
        BundleError::MissingPart { path: self.folder.to_owned(), part: name.to_owned() }
    }
}

/// Checks that a part has as many hashtags as the space in every community.
pub(crate) fn same_hashtags(
    part: &'static str,
    space: &HashtagSpace,
    hashtags: impl Fn(CommunityId) -> Option<usize>,
) -> Result<(), BundleError> {
    let same = space.communities().all(|(id, own)| hashtags(id) == Some(own.len()));
    if same { Ok(()) } else { Err(BundleError::Inconsistent { part }) }
}
