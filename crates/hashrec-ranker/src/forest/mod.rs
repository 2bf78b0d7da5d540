//! A gradient-boosted forest trained by LightGBM, validated once and applied in pure Rust.
//!
//! [`Forest::from_lightgbm`] reads LightGBM's model text and rejects everything that could not be
//! applied safely; [`Forest::read`] does the same for the compact binary format. After that,
//! predicting can only fail because of a wrong shape: every path is known to end at a leaf.

#![forbid(unsafe_code)]

#[cfg(feature = "train")]
mod append;
mod block;
mod check;
mod codes;
mod layout;
mod lines;
mod node;
mod part;
mod predict;
mod prepare;
mod questions;
mod sweep;
mod text;
mod tree;
mod walk;

pub use layout::Forest;
pub(crate) use part::ForestHeader;
pub use predict::ForestScratch;
