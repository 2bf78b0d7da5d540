//! The ways to rank candidates: one file each.

mod adjusted;
#[cfg(feature = "learn")]
pub(crate) mod community;
mod features;
mod none;
#[cfg(feature = "learn")]
mod post_rows;
mod samples;
mod vectors;

#[cfg(feature = "learn")]
pub(crate) use adjusted::{PART as ADJUSTMENTS, columns as adjusted_columns};
pub(crate) use none::Unranked;
#[cfg(feature = "learn")]
pub(crate) use post_rows::PostRows;
#[cfg(feature = "train")]
pub(crate) use samples::Samples;
#[cfg(feature = "learn")]
pub(crate) use samples::generator_scores;
pub(crate) use samples::{FeatureRanking, VectorRanking};
#[cfg(feature = "train")]
pub(crate) use vectors::{column_names, push_rows};
