//! A bundle: one folder that holds everything serving needs and can be copied to a server.
//!
//! `manifest.json` names every part with its length and hash. Loading verifies before it parses;
//! saving is whole or nothing. The layout is described in `docs/bundle.md`.

mod error;
mod folder;
mod manifest;

pub use error::BundleError;
pub(crate) use folder::{read_folder, write_folder};
pub use manifest::{FORMAT_VERSION, Manifest, PartEntry};
#[cfg(feature = "learn")]
pub(crate) use manifest::{WRITTEN_BY, entries};
