//! Rows: one hashtag and one post as numbers.

pub(crate) mod evidence;
pub(crate) mod groups;
pub(crate) mod schema;
pub(crate) mod scores;
pub(crate) mod shortlist;
