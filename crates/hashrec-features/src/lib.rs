#![doc = include_str!("../README.md")]
//!
//! # From a post to rows
//!
//! 1. [`Analysis::new`] reads the post once: stems, compact text, words.
//! 2. [`LiteralIndex::find`] searches it for all hashtags of the community at once.
//! 3. [`CommunityFeatures::evidence`] joins the matches with the generators' scores, the community's
//!    counts and its past.
//! 4. [`Evidence::shortlist`] picks the hashtags worth ranking, and [`Evidence::rows`] computes their
//!    rows.
//!
//! # Training
//!
//! A training post must know of the other posts what a new post would know, and nothing of itself.
//! [`FittedCommunity`] gives it the counts of the posts outside its fold and the past before it. The
//! generators' scores must likewise come from models that have not seen the post.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod community;
mod error;
mod fit;
mod history;
mod literal;
mod post;
mod row;
mod store;

#[cfg(test)]
mod tests;

pub use community::CommunityFeatures;
pub use error::FeatureError;
pub use fit::{FeaturePost, FittedCommunity, simulate_chosen, simulate_hidden};
pub use history::{
    statistics::{HitRates, Observation, Statistics},
    timeline::{Moment, Timeline},
};
pub use literal::{
    index::LiteralIndex,
    matches::{Hits, Match, Matches},
};
pub use post::{
    analysis::Analysis,
    rarity::{Rarity, RarityBuilder},
    searched::Searched,
    view::PostView,
};
pub use row::{
    evidence::Evidence,
    groups::{FeatureGroup, FeatureGroups, FeatureParams},
    schema::{FEATURES, SCHEMA_VERSION},
    scores::{GeneratorScores, MeaningScores},
    shortlist::ShortlistParams,
};
pub use store::FeatureStore;
