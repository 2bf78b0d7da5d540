//! A small bundle for tests.

use std::collections::BTreeMap;

use hashrec_storage::Bytes;

use super::manifest::{Manifest, PartEntry};
use crate::config::Config;

pub(super) fn bundle(content: &[u8]) -> (Manifest, BTreeMap<String, Bytes>) {
    let parts = BTreeMap::from([("a".to_owned(), Bytes::copy_from_slice(content))]);
    let manifest = Manifest {
        format_version: crate::bundle::FORMAT_VERSION,
        written_by: "test".into(),
        fingerprint: "f".into(),
        train_posts: 1,
        config: Config::default(),
        parts: BTreeMap::from([("a".to_owned(), PartEntry::of("a.part".into(), content))]),
    };
    (manifest, parts)
}
