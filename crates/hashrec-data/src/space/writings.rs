//! The ways in which one hashtag is written.

use serde::{Deserialize, Serialize};

/// A hashtag that posts and lists of its community write in several ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MergedHashtag {
    /// The community.
    pub community: String,
    /// The hashtag as it is shown: as most posts write it.
    pub hashtag: String,
    /// Each writing and how many posts have it, the most frequent first.
    pub writings: Vec<(String, u32)>,
}

/// The writings of one hashtag, and how many posts have each.
#[derive(Clone, Debug)]
pub(super) struct Writings(Vec<(String, u32)>);

impl Writings {
    pub(super) fn new(writing: &str, posts: u32) -> Self {
        Self(vec![(writing.to_owned(), posts)])
    }

    pub(super) fn add(&mut self, writing: &str, posts: u32) {
        match self.0.iter_mut().find(|(known, _)| known == writing) {
            Some((_, count)) => *count = count.saturating_add(posts),
            None => self.0.push((writing.to_owned(), posts)),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many posts have the hashtag.
    pub(super) fn posts(&self) -> u32 {
        self.0.iter().fold(0, |sum, (_, posts)| sum.saturating_add(*posts))
    }

    /// The most frequent writing; of several, the one that is the `key` or comes first.
    pub(super) fn shown(&self, key: &str) -> &str {
        let order = |(writing, posts): &&(String, u32)| {
            (*posts, writing == key, std::cmp::Reverse(writing.clone()))
        };
        self.0.iter().max_by_key(order).map_or("", |(writing, _)| writing)
    }

    pub(super) fn merged(&self, community: &str, key: &str) -> MergedHashtag {
        let mut writings = self.0.clone();
        writings.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        MergedHashtag {
            community: community.to_owned(),
            hashtag: self.shown(key).to_owned(),
            writings,
        }
    }
}
