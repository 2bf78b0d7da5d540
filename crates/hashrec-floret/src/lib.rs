//! floret embeddings (fastText with Bloom hashing): train, read, write, map.
//!
//! - [`train`] learns a [`FloretTable`] from sentences, with [`FloretParams`];
//! - [`FloretTable::word_vector`], [`FloretTable::mean_vector`] and their kin give vectors;
//! - [`FloretTable::write`] and [`FloretTable::read`] keep it in a binary part,
//!   [`FloretTable::write_text`] and [`FloretTable::read_text`] in floret's text format.
//!
//! The method: P. Bojanowski et al., "Enriching word vectors with subword information" (TACL
//! 2017); the hashed table: A. Boyd and V. D. Warmerdam, "floret: lightweight, robust word
//! vectors" (Explosion, 2022).

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod error;
mod hash;
mod params;
mod part;
mod subwords;
mod table;
mod text;
mod train;

pub use error::FloretError;
pub use params::{FloretParams, Model};
pub use table::FloretTable;
pub use train::{Progress, train};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
