//! Features of a (post, hashtag) pair: a named, versioned list and how it is computed.
//!
//! A ranker that is to serve communities with five posts as well as with fifty thousand must
//! learn things that hold in all of them: that a hashtag standing in the title is likely right,
//! that it is likelier where such hits were right before, that what was used yesterday is used
//! today. So no feature names a community or a hashtag; each says how a hashtag stands to a post.
//! The list is [`FEATURES`]; each belongs to a [`FeatureGroup`], and [`FeatureParams`] leaves groups out
//! (for ablations).
//!
//! # From a post to rows
//!
//! 1. [`Analysis::new`] reads the post once: stems, compact text, words.
//! 2. [`LiteralIndex::find`] searches it for all hashtags of the community at once.
//! 3. [`CommunityFeatures::evidence`] joins that with the generators' scores, the community's
//!    counts and its past.
//! 4. [`Evidence::shortlist`] picks what is worth ranking, [`Evidence::rows`] gives its rows.
//!
//! # Training
//!
//! A training post must know of the others what a new post would know, and nothing of itself:
//! [`FittedCommunity`] gives it the counts of the posts outside its fold and the past before it. The
//! generators' scores must likewise come from models that have not seen it.
//!
//! ```
//! use hashrec_data::HashtagId;
//! use hashrec_features::{
//!     Analysis, FittedCommunity, FEATURES, GeneratorScores, LiteralIndex, PostView, RarityBuilder,
//!     ShortlistParams, FeaturePost,
//! };
//! # use hashrec_tokenize::{Tokenizer, Tokens, Worker};
//! # struct Spaces;
//! # impl Tokenizer for Spaces {
//! #     fn worker(&self) -> Box<dyn Worker + '_> { Box::new(Spaces) }
//! # }
//! # impl Worker for Spaces {
//! #     fn tokenize(&mut self, text: &str, tokens: &mut Tokens) {
//! #         tokens.clear();
//! #         for word in text.split_whitespace() {
//! #             let start = word.as_ptr() as usize - text.as_ptr() as usize;
//! #             tokens.push(&word.to_lowercase(), start..start + word.len());
//! #         }
//! #     }
//! # }
//! # let tokenizer = Spaces;
//! let read = |text: &str| Analysis::new(&PostView::new(text, &tokenizer.tokenize(text), None));
//! let posts = [("a", "Sourdough for beginners", [HashtagId(0)]), ("b", "Oven care", [HashtagId(1)])];
//!
//! let mut rarity = RarityBuilder::default();
//! posts.iter().for_each(|(_, text, _)| rarity.add(&read(text)));
//! let literal = LiteralIndex::build(&["sourdough", "oven"], &tokenizer, &rarity.finish())?;
//! let fit = FittedCommunity::fit(literal, posts.iter().map(|(id, text, gold)| FeaturePost {
//!     id,
//!     analysis: read(text),
//!     created_at: None,
//!     gold,
//! }))?;
//!
//! let post = read("My first sourdough");
//! let scores = GeneratorScores::default().with_linear(&[0.4, 0.1]);
//! let evidence = fit.features().evidence(&post, None, &scores, &[])?;
//! let shortlist = evidence.shortlist(&ShortlistParams::default());
//! let mut rows = Vec::new();
//! evidence.rows(&shortlist, &mut rows);
//! assert_eq!(rows.len(), shortlist.len() * FEATURES.len());
//! # Ok::<(), hashrec_features::FeatureError>(())
//! ```

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod column;
mod community;
mod error;
mod fit;
mod history;
mod literal;
mod post;
mod row;
mod section;
mod store;

#[cfg(test)]
mod tests;

pub use community::CommunityFeatures;
pub use error::FeatureError;
pub use fit::{FeaturePost, FittedCommunity, simulate_chosen};
pub use history::{
    statistics::{HitRates, Observation, Statistics},
    timeline::{Moment, Timeline},
};
pub use literal::{
    index::LiteralIndex,
    matches::{Hits, Match, Matches},
};
pub use post::{
    rarity::{Rarity, RarityBuilder},
    view::{Analysis, PostView},
};
pub use row::{
    evidence::Evidence,
    groups::{FeatureGroup, FeatureGroups, FeatureParams},
    schema::{FEATURES, SCHEMA_VERSION},
    scores::GeneratorScores,
    shortlist::ShortlistParams,
};
pub use store::FeatureStore;
