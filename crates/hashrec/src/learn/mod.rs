//! Recommenders from posts without training, and new communities for a recommender.

mod community;
pub(crate) mod fit;
mod join;
mod learner;

use std::collections::BTreeMap;

use self::join::{Arrival, compact, join};
use crate::{error::LearnError, recommender::Recommender};

pub use community::NewCommunity;
pub use learner::{LearnReport, Learner};

impl Recommender {
    /// This recommender with one more community, or with a new version of a community that it has.
    /// The community is served at once from its list of hashtags, and every post added to it
    /// improves it.
    ///
    /// The ranker is not trained again: no feature names a community. Only the community's own
    /// index, counts and weights are computed, in milliseconds for hundreds of posts and minutes
    /// for ten thousand. They make up a segment beside the tables that are there, which both
    /// recommenders share, and a [`save`](Self::save) in place of the old bundle writes that
    /// segment alone. From time to time a call merges segments: those that together have no more
    /// in use than is new or was replaced since. To add many communities, call
    /// [`with_communities`](Self::with_communities), which makes one segment of them.
    ///
    /// This recommender doesn't change, and requests for its other communities are answered as
    /// before: the tokenizer keeps together the hashtags that it was trained with, and the rarity
    /// of words and the hit rates of other communities stay those of the training. The same
    /// community gives the same bytes. [`Config::min_posts`](crate::Config::min_posts) doesn't
    /// apply. Train again once many posts have been added, so that the ranker learns from them.
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
    /// [`LearnError`]: the community has no name, or no hashtags; a post belongs to another
    /// community or is given twice; or the system has a net or compares vectors, and so serves
    /// only the communities that it was trained on.
    pub fn with_community(&self, community: &NewCommunity) -> Result<Self, LearnError> {
        self.with_communities([community])
    }

    /// [`with_community`](Self::with_community) for several communities at once.
    ///
    /// # Errors
    /// Those of [`with_community`](Self::with_community); [`LearnError::Twice`].
    pub fn with_communities<'a>(
        &self,
        communities: impl IntoIterator<Item = &'a NewCommunity>,
    ) -> Result<Self, LearnError> {
        let folding = self.model.segments.first().space.folding();
        let mut arrivals = BTreeMap::new();
        for community in communities {
            let arrival = Arrival::new(community, folding)?;
            if arrivals.insert(community.name(), arrival).is_some() {
                return Err(LearnError::Twice { community: community.name().to_owned() });
            }
        }
        if arrivals.is_empty() {
            return Ok(self.clone());
        }
        Ok(self.with_model(join(&self.model, &arrivals)?)?)
    }

    /// This recommender with all its communities in one segment, as a training leaves them: it
    /// answers the same, and nothing remains of the older versions of communities that were
    /// replaced. [`with_community`](Self::with_community) merges segments by itself when that pays;
    /// call this when an older version must be gone now, because a post in it was deleted for
    /// instance. It copies the tables of all communities.
    ///
    /// # Errors
    /// [`LearnError::Bundle`] if a part can't be written.
    pub fn compacted(&self) -> Result<Self, LearnError> {
        if self.model.manifest.segments.is_empty() {
            return Ok(self.clone());
        }
        Ok(self.with_model(compact(&self.model)?)?)
    }
}
