//! Tests of features on hand-written posts, and of what must hold for all.

mod invariants;
mod literal;
mod rows;
mod shortlist;
mod statistics;
mod store;
mod timeline;
