//! Similarity of a post to every post of a community, through an inverted index.
//!
//! The similarity of two posts is the mean of two cosines: of words and pairs of words, and of
//! character n-grams, each weighted (1 + ln tf) · idf.
//!
//! In all but small communities a feature counts only if two posts have it. A new post is counted
//! as if it were one of the community's, so that it is compared as the community's own posts were
//! when the models learned from them: a word that one post has counts when a new post has it too,
//! and then in the lengths of both.

#[cfg(feature = "train")]
mod build;
mod field;
mod scratch;

#[cfg(feature = "train")]
pub(crate) use build::{build, subset};
pub(crate) use field::{Asked, FieldIndex, FieldView, Postings};
pub use scratch::Scratch;
