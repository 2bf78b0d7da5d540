//! A small bundle for tests.

use std::collections::BTreeMap;

use hashrec_storage::Bytes;

use super::{
    manifest::{Manifest, entries},
    save::Content,
};
use crate::config::Config;

/// The content of the part that all test bundles have in common.
pub(super) const KEPT: &[u8] = b"the same in every bundle";

pub(super) fn bundle(content: &[u8]) -> (Manifest, BTreeMap<String, Bytes>) {
    let part = |name: &str, content| (name.to_owned(), Bytes::copy_from_slice(content));
    let parts = BTreeMap::from([part("a", content), part("kept", KEPT)]);
    let manifest = Manifest {
        format_version: crate::bundle::FORMAT_VERSION,
        written_by: "test".into(),
        fingerprint: "f".into(),
        train_posts: 1,
        config: Config::default(),
        parts: entries(&parts),
        segments: Vec::new(),
    };
    (manifest, parts)
}

impl<'a> Content<'a> {
    /// A bundle that nothing is known of on disk.
    pub(super) fn of(manifest: &'a Manifest, parts: &'a BTreeMap<String, Bytes>) -> Self {
        Self { manifest, parts: vec![parts], mapped: &[] }
    }
}
