//! How rare words are in the whole corpus.

use std::collections::BTreeMap;

use hashrec_storage::{Part, PartWriter, StorageError, Table};
use rustc_hash::FxHashMap;

use super::{stemmed::Stemmed, view::PostView};

/// Words of fewer posts are dropped: they count as words of no post.
const MIN_POSTS: u32 = 2;
/// A smaller corpus counts as one of this size, so that single words retain some weight.
const SMALLEST_CORPUS: u32 = 10;

/// Counts how many posts contain each word.
#[derive(Clone, Debug, Default)]
pub struct RarityBuilder {
    posts: u32,
    counts: FxHashMap<u64, u32>,
}

impl RarityBuilder {
    /// Counts one post.
    pub fn add(&mut self, post: &PostView<'_>) {
        self.posts = self.posts.saturating_add(1);
        for word in Stemmed::new(post).text_words {
            let count = self.counts.entry(word).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Adds the counts of another builder: parts of a corpus can be counted on several threads.
    pub fn merge(&mut self, other: Self) {
        self.posts = self.posts.saturating_add(other.posts);
        for (word, count) in other.counts {
            let sum = self.counts.entry(word).or_default();
            *sum = sum.saturating_add(count);
        }
    }

    /// The finished table.
    pub fn finish(self) -> Rarity {
        let kept: BTreeMap<u64, u32> =
            self.counts.into_iter().filter(|&(_, count)| count >= MIN_POSTS).collect();
        Rarity {
            posts: self.posts,
            words: kept.keys().copied().collect::<Vec<_>>().into(),
            counts: kept.values().copied().collect::<Vec<_>>().into(),
        }
    }
}

/// How many posts of the corpus contain each word (by stem hash).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rarity {
    posts: u32,
    words: Table<u64>,
    counts: Table<u32>,
}

impl Rarity {
    /// How many posts were counted.
    pub fn posts(&self) -> u32 {
        self.posts
    }

    /// The table without some of the counted posts: what the corpus contained before them.
    pub fn without(&self, posts: &RarityBuilder) -> Self {
        let mut counts = self.counts.to_vec();
        for (word, gone) in &posts.counts {
            let at = self.words.binary_search(word).ok();
            if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
                *count = count.saturating_sub(*gone);
                if *count < MIN_POSTS {
                    *count = 0;
                }
            }
        }
        let posts = self.posts.saturating_sub(posts.posts);
        Self { posts, words: self.words.clone(), counts: counts.into() }
    }

    /// The inverse document frequency ln((N + 1) / (n + 1)) of a word, from its stem hash.
    pub(crate) fn weight(&self, word: u64) -> f32 {
        let posts = self.posts.max(SMALLEST_CORPUS) as f32;
        let count = self.words.binary_search(&word).ok();
        let count = count.and_then(|at| self.counts.get(at)).copied().unwrap_or(0) as f32;
        ((posts + 1.0) / (count + 1.0)).ln().max(0.0)
    }

    pub(crate) fn write(&self, out: &mut PartWriter) -> Result<(), StorageError> {
        out.table("rarity.posts", &[self.posts])?;
        out.table("rarity.words", &self.words)?;
        out.table("rarity.counts", &self.counts)?;
        Ok(())
    }

    pub(crate) fn read(part: &Part) -> Result<Self, StorageError> {
        let posts = part.table_of("rarity.posts", 1)?.first().copied().unwrap_or(0);
        let words: Table<u64> = part.table("rarity.words")?;
        let counts = part.table_of("rarity.counts", words.len())?;
        if !words.is_sorted() {
            return Err(part.wrong("rarity.words", "are not sorted".into()));
        }
        Ok(Self { posts, words, counts })
    }
}
