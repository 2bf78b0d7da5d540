//! Tests of features on hand-written posts, and of what must hold for all.

mod cooccurrence;
mod fixtures;
mod hidden;
mod invariants;
mod literal;
mod meaning;
mod rarity;
mod rows;
mod shortlist;
mod statistics;
mod store;
mod timeline;
pub(crate) mod words;
