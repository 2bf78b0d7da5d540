//! The parts of a bundle.

use std::collections::BTreeMap;

use hashrec_data::{CommunityId, HashtagSpace};
use hashrec_storage::Bytes;

use crate::bundle::error::BundleError;

/// The parts of a bundle by name.
pub(crate) type Parts = BTreeMap<String, Bytes>;

/// Checks that a part has as many hashtags as the space in every community.
pub(crate) fn same_hashtags(
    part: &'static str,
    space: &HashtagSpace,
    hashtags: impl Fn(CommunityId) -> Option<usize>,
) -> Result<(), BundleError> {
    let same = space.communities().all(|(id, own)| hashtags(id) == Some(own.len()));
    if same { Ok(()) } else { Err(BundleError::Inconsistent { part }) }
}
