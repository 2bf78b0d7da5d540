//! Hashtags that are written out in a post.

pub(crate) mod buckets;
pub(crate) mod edit;
pub(crate) mod index;
pub(crate) mod matches;
pub(crate) mod spelling;
