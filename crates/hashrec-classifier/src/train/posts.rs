//! The posts to learn from, as numbers.

use std::{cmp::Reverse, collections::HashMap};

use hashrec_data::{CommunityId, HashtagId};
use xxhash_rust::xxh3::Xxh3;

use crate::{ClassifierError, ClassifierParams, vocabulary::Vocabulary, weights::Spaces};

/// One post to learn from.
#[derive(Clone, Debug)]
pub struct ClassifierPost<'a> {
    /// Its words in order, as the tokenizer gave them.
    pub words: Vec<&'a str>,
    /// Its community.
    pub community: CommunityId,
    /// Its hashtags; one without any is counted, but nothing is learnt from it.
    pub gold: &'a [HashtagId],
}

/// Posts with words, communities and hashtags as numbers.
#[derive(Debug, Default)]
pub(super) struct Posts {
    words: Vec<u32>,
    word_ends: Vec<usize>,
    gold: Vec<u32>,
    gold_ends: Vec<usize>,
    communities: Vec<u32>,
}

/// The `i`-th of the runs that end at `ends`.
fn run<'a>(values: &'a [u32], ends: &[usize], i: usize) -> &'a [u32] {
    let start = if i == 0 { 0 } else { ends[i - 1] };
    &values[start..ends[i]]
}

impl Posts {
    /// Checks communities and hashtags and encodes words; a hashtag given twice counts once.
    pub(super) fn encode(
        posts: &[ClassifierPost<'_>],
        spaces: &Spaces,
        vocabulary: &Vocabulary,
        max_words: usize,
    ) -> Result<Self, ClassifierError> {
        let mut encoded = Self::default();
        for (number, post) in posts.iter().enumerate() {
            let rows =
                spaces.rows(post.community.index()).ok_or(ClassifierError::UnknownCommunity {
                    community: post.community,
                    known: spaces.communities(),
                })?;
            if let Some(&hashtag) = post.gold.iter().find(|tag| tag.index() >= rows.len()) {
                return Err(ClassifierError::UnknownHashtag {
                    post: number,
                    community: post.community,
                    hashtag,
                    tags: rows.len(),
                });
            }
            encoded.words.extend(vocabulary.encode(post.words.iter().copied(), max_words));
            encoded.word_ends.push(encoded.words.len());
            let mut gold: Vec<u32> = post.gold.iter().map(|tag| tag.0).collect();
            gold.sort_unstable();
            gold.dedup();
            encoded.gold.extend(gold);
            encoded.gold_ends.push(encoded.gold.len());
            encoded.communities.push(post.community.0);
        }
        Ok(encoded)
    }

    pub(super) fn len(&self) -> usize {
        self.communities.len()
    }

    /// The numbers of a post's words, at least one.
    pub(super) fn words(&self, post: usize) -> &[u32] {
        run(&self.words, &self.word_ends, post)
    }

    /// The numbers of a post's hashtags inside its community, rising.
    pub(super) fn gold(&self, post: usize) -> &[u32] {
        run(&self.gold, &self.gold_ends, post)
    }

    pub(super) fn community(&self, post: usize) -> usize {
        self.communities[post] as usize
    }

    /// The posts that have hashtags.
    pub(super) fn labelled(&self) -> Vec<u32> {
        (0..self.len()).filter(|&i| !self.gold(i).is_empty()).map(|i| i as u32).collect()
    }

    /// A hash of everything a training run reads.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hash = Xxh3::new();
        for numbers in [&self.words, &self.gold, &self.communities] {
            hash.update(&(numbers.len() as u64).to_le_bytes());
            numbers.iter().for_each(|n| hash.update(&n.to_le_bytes()));
        }
        for ends in [&self.word_ends, &self.gold_ends] {
            ends.iter().for_each(|&n| hash.update(&(n as u64).to_le_bytes()));
        }
        hash.digest()
    }

    /// ln(p / (1 − p)) of every hashtag, with p its (smoothed) share of its community's posts.
    pub(super) fn log_priors(&self, spaces: &Spaces) -> Vec<f32> {
        let mut uses = vec![0u32; spaces.tags()];
        let mut posts = vec![0u32; spaces.communities()];
        for post in 0..self.len() {
            if let Some(rows) = spaces.rows(self.community(post)) {
                posts[self.community(post)] += 1;
                self.gold(post).iter().for_each(|&tag| uses[rows.start + tag as usize] += 1);
            }
        }
        let of_community =
            spaces.sizes().zip(&posts).flat_map(|(size, &n)| std::iter::repeat_n(n, size));
        let prior = |(&uses, posts): (&u32, u32)| {
            let share = (f64::from(uses) + 0.1) / (f64::from(posts) + 1.0);
            (share / (1.0 - share.min(0.99))).ln() as f32
        };
        uses.iter().zip(of_community).map(prior).collect()
    }
}

/// The words that occur in at least `min_count` posts, those in most posts first if there are too
/// many (of equals the first in byte order).
pub(super) fn vocabulary(
    posts: &[ClassifierPost<'_>],
    params: &ClassifierParams,
) -> Result<Vocabulary, ClassifierError> {
    // Per word the posts it occurs in, and the last of them, so that none counts twice.
    let mut seen: HashMap<&str, (usize, usize)> = HashMap::new();
    for (number, post) in posts.iter().enumerate() {
        for &word in &post.words {
            let (count, last) = seen.entry(word).or_insert((0, usize::MAX));
            if *last != number {
                (*count, *last) = (*count + 1, number);
            }
        }
    }
    let frequent = seen.into_iter().filter(|(_, (count, _))| *count >= params.min_count);
    let mut frequent: Vec<(Reverse<usize>, &str)> =
        frequent.map(|(word, (count, _))| (Reverse(count), word)).collect();
    frequent.sort_unstable();
    frequent.truncate(params.max_vocabulary);
    let mut words: Vec<&str> = frequent.into_iter().map(|(_, word)| word).collect();
    words.sort_unstable();
    Vocabulary::new(words)
        .ok_or(ClassifierError::TooLarge { what: "bytes of vocabulary", limit: u32::MAX as usize })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post<'a>(words: &[&'a str], community: u32, gold: &'a [HashtagId]) -> ClassifierPost<'a> {
        ClassifierPost { words: words.to_vec(), community: CommunityId(community), gold }
    }

    #[test]
    fn vocabulary_counts_posts_not_uses() {
        let posts =
            [post(&["b", "b", "c", "a"], 0, &[]), post(&["c", "a"], 0, &[]), post(&["c"], 0, &[])];
        let params = ClassifierParams::default();
        let all = vocabulary(&posts, &params).unwrap();
        assert_eq!((all.len(), all.number("b")), (2, 0));
        let one = vocabulary(&posts, &params.with_max_vocabulary(1)).unwrap();
        assert_eq!((one.len(), one.number("c")), (1, 1));
    }

    #[test]
    fn encodes_and_checks() {
        let spaces = Spaces::new([2, 1]);
        let words = Vocabulary::new(["a"]).unwrap();
        let twice = [HashtagId(1), HashtagId(0), HashtagId(1)];
        let posts = [post(&["a", "x"], 0, &twice), post(&[], 1, &[])];
        let encoded = Posts::encode(&posts, &spaces, &words, 9).unwrap();
        assert_eq!((encoded.words(0), encoded.words(1)), (&[1, 0][..], &[0][..]));
        assert_eq!((encoded.gold(0), encoded.gold(1)), (&[0, 1][..], &[][..]));
        assert_eq!(encoded.labelled(), [0]);
        let bad = [HashtagId(1)];
        assert!(matches!(
            Posts::encode(&[post(&[], 1, &bad)], &spaces, &words, 9),
            Err(ClassifierError::UnknownHashtag { post: 0, tags: 1, .. })
        ));
        assert!(matches!(
            Posts::encode(&[post(&[], 2, &[])], &spaces, &words, 9),
            Err(ClassifierError::UnknownCommunity { known: 2, .. })
        ));
    }

    #[test]
    fn priors_are_log_odds() {
        let spaces = Spaces::new([2, 1]);
        let words = Vocabulary::new([]).unwrap();
        let zero = [HashtagId(0)];
        let posts = [post(&[], 0, &zero), post(&[], 0, &zero), post(&[], 0, &zero)];
        let encoded = Posts::encode(&posts, &spaces, &words, 9).unwrap();
        let priors = encoded.log_priors(&spaces);
        let odds = |p: f64| (p / (1.0 - p)).ln() as f32;
        assert!((priors[0] - odds(3.1 / 4.0)).abs() < 1e-6);
        assert!((priors[1] - odds(0.1 / 4.0)).abs() < 1e-6);
        assert!((priors[2] - odds(0.1 / 1.0)).abs() < 1e-6);
    }
}
