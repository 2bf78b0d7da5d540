//! How the ranker learns to serve communities with few posts.

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;

/// How the default system's ranker learns to serve communities with few posts, or none.
///
/// The ranker sees every post in its own community, and some posts in *synthetic communities*: a
/// few posts drawn at random stand for all posts of a community, and its other posts count as new.
/// Everything known in a synthetic community comes from those few posts, as it will when a
/// community is added that the ranker was never trained on. Without them the ranker would only see
/// communities with many posts, and would take a hashtag without posts for a wrong one.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `sizes` | 0, 5, 10, 20, 50 | the numbers of posts of the synthetic communities | each to 10,000 |
/// | `repetitions` | 1 | how often posts are drawn from a community; each draw gives one synthetic community of every size | to 1,000 |
/// | `posts` | 40 | new posts for each synthetic community | to 100,000 |
/// | `communities` | 500 | the number of communities to draw from, chosen at random if there are more | any |
///
/// A community of `n` posts gives synthetic communities of at most `n` − 5 posts. There are none if
/// `sizes` is empty or one of the other values is 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmallCommunityParams {
    /// The numbers of posts of the synthetic communities.
    pub sizes: Vec<usize>,
    /// How often posts are drawn from a community.
    pub repetitions: usize,
    /// New posts for each synthetic community.
    pub posts: usize,
    /// The number of communities to draw from.
    pub communities: usize,
}

impl Default for SmallCommunityParams {
    fn default() -> Self {
        Self { sizes: vec![0, 5, 10, 20, 50], repetitions: 1, posts: 40, communities: 500 }
    }
}

impl SmallCommunityParams {
    /// No synthetic communities.
    pub fn none() -> Self {
        Self { communities: 0, ..Self::default() }
    }

    /// Sets the numbers of posts of the synthetic communities.
    pub fn with_sizes(mut self, sizes: impl IntoIterator<Item = usize>) -> Self {
        self.sizes = sizes.into_iter().collect();
        self
    }

    hashrec_storage::setters! {
        with_repetitions: repetitions, usize;
        with_posts: posts, usize;
        with_communities: communities, usize;
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`ConfigError::Range`].
    pub fn check(&self) -> Result<(), ConfigError> {
        for (fits, name, expected) in [
            (
                self.sizes.iter().all(|&size| size <= 10_000),
                "small_communities.sizes",
                "each at most 10000",
            ),
            (self.repetitions <= 1_000, "small_communities.repetitions", "at most 1000"),
            (self.posts <= 100_000, "small_communities.posts", "at most 100000"),
        ] {
            ConfigError::range(fits, name, expected)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_out_of_range_is_named() {
        SmallCommunityParams::default().check().unwrap();
        SmallCommunityParams::none().check().unwrap();
        let base = SmallCommunityParams::default;
        for (name, params) in [
            ("sizes", base().with_sizes([5, 10_001])),
            ("repetitions", base().with_repetitions(1_001)),
            ("posts", base().with_posts(100_001)),
        ] {
            let error = params.check().unwrap_err().to_string();
            assert!(error.contains(&format!("small_communities.{name}")), "{error}");
        }
    }
}
