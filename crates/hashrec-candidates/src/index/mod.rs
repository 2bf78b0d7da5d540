//! Similarity of a post to every post of a community, through an inverted index.
//!
//! The similarity of two posts is the mean of two cosines: of words and pairs of words, and of
//! character n-grams, each weighted (1 + ln tf) · idf.
//!
//! Except in small communities, a feature counts only if two posts have it. A new post is counted as
//! if it were one of the community's, so that it is compared in the same way as the posts that the
//! models were fitted on: a word of one post counts if the new post has it too, and then it counts in
//! the lengths of both posts.

#[cfg(feature = "train")]
mod build;
mod field;
#[cfg(feature = "train")]
mod pairs;
mod scratch;

#[cfg(feature = "train")]
pub(crate) use build::{build, subset};
pub(crate) use field::{Asked, FieldIndex, FieldView, Postings};
#[cfg(feature = "train")]
pub(crate) use pairs::{Pairs, PairsWorker};
pub use scratch::Scratch;
pub(crate) use scratch::SummedColumns;
#[cfg(feature = "train")]
pub(crate) use scratch::term_weights;
