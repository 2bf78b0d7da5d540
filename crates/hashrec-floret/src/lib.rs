//! floret embeddings (fastText with Bloom hashing): train, read, write and memory-map them.
//!
//! - [`FloretTable::word_vector`], [`FloretTable::mean_vector`] and related methods give vectors.
//! - [`FloretTable::write`] and [`FloretTable::read`] use a binary format that can be mapped;
//!   [`FloretTable::write_text`] and [`FloretTable::read_text`] use floret's text format.
//! - `train` (feature `train`) trains a [`FloretTable`] on sentences, given [`FloretParams`].
//!
//! The method is described in P. Bojanowski et al., "Enriching word vectors with subword
//! information" (TACL 2017), and the hashed table in A. Boyd and V. D. Warmerdam, "floret:
//! lightweight, robust word vectors" (Explosion, 2022).
//!
//! ```
//! use hashrec_floret::FloretTable;
//!
//! // What floret writes: bucket 2, dim 3, n-grams of 3 to 5 characters, 1 row per hash.
//! let text = "2 3 3 5 1 2166136261 < >\n0 1 -0.5 0\n1 0 0.25 1\n";
//! let table = FloretTable::read_text(text.as_bytes())?;
//! let mut vector = vec![0.0; table.dim()];
//! table.word_vector("unseen", &mut vector);
//! assert!(vector.iter().any(|&value| value != 0.0));
//! # Ok::<(), hashrec_floret::FloretError>(())
//! ```

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod error;
mod hash;
mod params;
mod part;
mod subwords;
mod table;
mod text;
#[cfg(feature = "train")]
mod train;

pub use error::{FloretError, TextDefect};
pub use params::{FloretParams, Model};
pub use table::FloretTable;
#[cfg(feature = "train")]
pub use train::{FloretProgress, train};

#[cfg(all(doctest, feature = "train"))]
#[doc = include_str!("../README.md")]
struct Readme;
