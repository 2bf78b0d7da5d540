//! A bundle: one folder that holds everything serving needs and can be copied to a server.
//!
//! `manifest.json` names every part with its length and hash. Loading verifies before it parses;
//! saving is whole or nothing. The layout is described in `docs/bundle.md`.

pub(crate) mod error;
pub(crate) mod folder;
#[cfg(feature = "learn")]
mod link;
pub(crate) mod manifest;
pub(crate) mod names;
pub(crate) mod params;
mod place;
#[cfg(feature = "learn")]
pub(crate) mod save;
#[cfg(all(test, feature = "learn"))]
mod save_tests;
#[cfg(feature = "learn")]
mod target;
#[cfg(all(test, feature = "learn"))]
mod target_tests;
#[cfg(all(test, feature = "learn"))]
mod test_bundle;

pub use error::{BundleError, ManifestDefect, PartDefect, TargetProblem};
pub use manifest::{FORMAT_VERSION, Manifest, PartEntry};
pub use params::LoadParams;
