//! The ways to rank candidates: one file each.

#[cfg(feature = "learn")]
pub(crate) mod community;
mod features;
mod none;
mod vectors;

pub(crate) use features::FeatureRanking;
pub(crate) use none::Unranked;
pub(crate) use vectors::VectorRanking;
#[cfg(feature = "train")]
pub(crate) use vectors::{column_names, push_rows};
