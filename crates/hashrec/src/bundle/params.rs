//! How a bundle is loaded.

use serde::{Deserialize, Serialize};

/// How a bundle is loaded.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `in_memory` | false | copies the bundle into memory instead of mapping its files | |
/// | `manifest_hash` | none | the only bundle that is accepted, by [`Recommender::manifest_hash`](crate::Recommender::manifest_hash) | 64 hexadecimal digits |
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoadParams {
    /// Copies every part into memory. No later write to the files can touch the recommender, which
    /// takes the bundle's size of memory for itself; mapped files are shared by all processes.
    pub in_memory: bool,
    /// Accepts only the bundle whose manifest has this hash. The manifest names the hash of every
    /// part, so this one value, if you got it from someone you trust, vouches for all of the bundle.
    /// The hashes inside a bundle find accidents; they don't stop someone who writes new ones.
    pub manifest_hash: Option<String>,
}

impl LoadParams {
    hashrec_storage::setters! {
        with_in_memory: in_memory, bool;
        with_manifest_hash: manifest_hash, String;
    }
}
