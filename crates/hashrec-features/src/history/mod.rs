//! What a community's earlier posts tell about its hashtags.

pub(crate) mod cooccurrence;
pub(crate) mod statistics;
pub(crate) mod timeline;
