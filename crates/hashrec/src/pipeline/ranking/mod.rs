//! The ways to rank candidates: one file each.

#[cfg(feature = "learn")]
pub(crate) mod community;
mod features;
mod none;
mod samples;
mod vectors;

pub(crate) use none::Unranked;
pub(crate) use samples::{FeatureRanking, VectorRanking};
#[cfg(feature = "train")]
pub(crate) use samples::{Samples, generator_scores};
#[cfg(feature = "train")]
pub(crate) use vectors::{column_names, push_rows};
