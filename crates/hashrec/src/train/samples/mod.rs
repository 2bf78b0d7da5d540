//! The ways in which a post becomes rows of a ranker.

pub(super) mod leave_one_out;
mod newest;
pub(super) mod pairs;
mod small;
mod synthetic;
pub(super) mod table;
