//! A thin, checked, safe wrapper around the parts of LightGBM's C interface that training needs.
//!
//! LightGBM is always told to be deterministic and silent. What it logs nevertheless goes to
//! [`tracing`] with the target `lightgbm`.

mod booster;
mod dataset;
mod params;
mod raw;

pub(crate) use booster::Booster;
pub use booster::TreeProgress;
pub(crate) use dataset::Dataset;
pub(crate) use raw::ImportanceKind;
