//! Tests of features on hand-written posts, and of what must hold for all.

mod cooccurrence;
mod fixtures;
mod invariants;
mod literal;
mod rarity;
mod rows;
mod shortlist;
mod statistics;
mod store;
mod timeline;
pub(crate) mod words;
