//! Candidates by what posts and hashtags mean: vectors of an encoder that was trained elsewhere.
//!
//! A post has two vectors of length 1, one of its whole text and one of its title; a hashtag has one,
//! of its name. Three things follow from them: ridge regression on the two vectors of a post, the vote
//! of the posts that mean about the same, and how close the post's vectors are to the hashtag's. The
//! last needs no posts at all.

#[cfg(feature = "train")]
mod fit;
#[cfg(feature = "train")]
mod loo;
mod model;
mod params;
mod quantized;
mod scores;
mod store;
#[cfg(feature = "train")]
#[cfg(test)]
mod tests;

#[cfg(feature = "train")]
pub use fit::MeaningInput;
#[cfg(feature = "train")]
pub use loo::MeaningLoo;
pub use model::{MeaningModel, MeaningView};
pub use params::MeaningParams;
#[cfg(feature = "train")]
pub(crate) use quantized::{QuantizedRows, RowsView};
pub use scores::MeaningScores;
pub use store::{MeaningStore, MeaningStoreBuilder};
