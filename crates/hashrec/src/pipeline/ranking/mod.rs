//! The ways to rank candidates: one file each.

#[cfg(feature = "learn")]
mod adjust;
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
pub(crate) use adjust::Adjuster;
#[cfg(feature = "learn")]
pub(crate) use adjusted::PART as ADJUSTMENTS;
pub(crate) use none::Unranked;
#[cfg(feature = "train")]
pub(crate) use post_rows::PostRows;
#[cfg(feature = "train")]
pub(crate) use samples::Samples;
#[cfg(feature = "train")]
pub(crate) use samples::generator_scores;
pub(crate) use samples::{FeatureRanking, VectorRanking};
#[cfg(feature = "train")]
pub(crate) use vectors::{column_names, push_rows};
