//! Taking in communities that a recommender was not trained on.

mod community;
mod fitted;
mod join;

use std::{collections::BTreeMap, sync::Arc};

use fitted::Fitted;
use join::join;

use crate::{LearnError, Recommender};

pub use community::NewCommunity;

impl Recommender {
    /// This recommender with one more community, or with another in the place of the one of that
    /// name: served at once from its list of hashtags, and better with every post it comes with.
    ///
    /// The ranker is not trained again; it never knew which communities it served. Only the
    /// community's own index, counts and weights are made, in milliseconds for hundreds of posts
    /// and minutes for ten thousand, and joined with a copy of the others'. To take in many, use
    /// [`with_communities`](Self::with_communities), which copies once.
    ///
    /// This recommender stays as it is, and the others of its communities are answered as before:
    /// the tokenizer keeps the hashtags whole that it was trained with, how rare words are and how
    /// reliable hits are elsewhere stays what the training saw. The same community gives the same
    /// bytes. [`Config::min_posts`](crate::Config::min_posts) doesn't apply. Train again when much
    /// has come in, as the ranker learns from it.
    ///
    /// ```
    /// use hashrec::{Config, NewCommunity, Post, System, Trainer};
    ///
    /// # let posts: Vec<Post> = (0..20)
    /// #     .map(|i| Post::new(format!("{i}"), "baking", "sourdough bread", ["bread"], None))
    /// #     .collect();
    /// let config = Config::default().with_system(System::Linear);
    /// let (recommender, _) = Trainer::new(config)?.train(&posts)?;
    ///
    /// let knitting = NewCommunity::new("knitting", ["socks", "lace"]).with_posts([
    ///     Post::new("a", "knitting", "Turning a heel", ["socks"], None),
    ///     Post::new("b", "knitting", "A shawl in one evening", ["lace"], None),
    /// ]);
    /// let recommender = recommender.with_community(&knitting)?;
    /// let best = &recommender.recommend("knitting", "My heel has a hole", 1)?[0];
    /// assert_eq!(best.hashtag, "socks");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LearnError`]: no name, neither listed hashtags nor any on posts, a post of another
    /// community or given twice, or a system that can't (one with a net, which has no output layer
    /// for the community, or one of the paper's that compare vectors).
    pub fn with_community(&self, community: &NewCommunity) -> Result<Self, LearnError> {
        self.with_communities([community])
    }

    /// [`with_community`](Self::with_community) for several at once.
    ///
    /// # Errors
    /// As there; and if two have the same name.
    pub fn with_communities<'a>(
        &self,
        communities: impl IntoIterator<Item = &'a NewCommunity>,
    ) -> Result<Self, LearnError> {
        let model = &*self.model;
        let mut fitted = BTreeMap::new();
        for community in communities {
            let made = Fitted::new(model, community)?;
            if fitted.insert(community.name.as_str(), made).is_some() {
                return Err(LearnError::Twice { community: community.name.clone() });
            }
        }
        Ok(Self { model: Arc::new(join(model, fitted)?) })
    }
}
