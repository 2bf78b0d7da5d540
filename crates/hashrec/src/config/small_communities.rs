//! How the ranker learns to serve communities with few posts.

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// How the default system's ranker learns to serve communities with few posts, or none.
///
/// Besides every post in its community as it is, the ranker sees posts in *simulated small
/// communities*: a few posts drawn from a community stand for all it has, its other posts are new.
/// What is known there comes from those few posts alone, as it will when a community is taken in
/// that the ranker was never trained on. Without that, a ranker that only ever saw communities
/// with many posts would take a hashtag without posts for a wrong one.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `sizes` | 0, 5, 10, 20, 50 | how many posts the simulated communities have | each to 10,000 |
/// | `repetitions` | 1 | draws of posts from a community; each gives one simulated community of every size | to 1,000 |
/// | `posts` | 40 | new posts that each of them is shown with | to 100,000 |
/// | `communities` | 500 | how many communities are drawn from, at random where there are more | any |
///
/// A community of `n` posts gives simulated ones of at most `n` − 5. With no sizes, repetitions,
/// posts or communities there are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmallCommunityParams {
    /// How many posts the simulated communities have.
    pub sizes: Vec<usize>,
    /// Draws of posts from a community.
    pub repetitions: usize,
    /// New posts that each simulated community is shown with.
    pub posts: usize,
    /// How many communities are drawn from.
    pub communities: usize,
}

impl Default for SmallCommunityParams {
    fn default() -> Self {
        Self { sizes: vec![0, 5, 10, 20, 50], repetitions: 1, posts: 40, communities: 500 }
    }
}

impl SmallCommunityParams {
    /// No simulated communities.
    pub fn none() -> Self {
        Self { communities: 0, ..Self::default() }
    }

    /// Sets how many posts the simulated communities have.
    pub fn with_sizes(mut self, sizes: impl IntoIterator<Item = usize>) -> Self {
        self.sizes = sizes.into_iter().collect();
        self
    }

    /// Sets how often posts are drawn from a community.
    pub fn with_repetitions(mut self, repetitions: usize) -> Self {
        self.repetitions = repetitions;
        self
    }

    /// Sets with how many new posts each simulated community is shown.
    pub fn with_posts(mut self, posts: usize) -> Self {
        self.posts = posts;
        self
    }

    /// Sets how many communities are drawn from.
    pub fn with_communities(mut self, communities: usize) -> Self {
        self.communities = communities;
        self
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
            if !fits {
                return Err(ConfigError::Range { name, expected });
            }
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
