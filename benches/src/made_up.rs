//! Posts that are made up, for questions of scale: as many communities as wanted, all alike.

use hashrec::Post;

/// Words that all communities share.
const SHARED: usize = 20_000;
/// Words of a community's own beside those of its hashtags.
const OWN: usize = 200;
/// Words that go with a hashtag.
const OF_HASHTAG: usize = 12;
/// Seconds between two posts of a community.
const STEP: i64 = 7200;
/// 1 January 2024.
const START: i64 = 1_704_067_200;

/// What to make up.
#[derive(Clone, Debug)]
pub struct MadeUp {
    /// Communities.
    pub communities: usize,
    /// Posts of each.
    pub posts: usize,
    /// Hashtags of each; a community with few posts uses some of them only.
    pub hashtags: usize,
    /// Words of each post.
    pub words: usize,
    /// Another seed makes other posts.
    pub seed: u64,
}

impl MadeUp {
    /// The name of a community.
    pub fn community(number: usize) -> String {
        format!("community-{number:05}")
    }

    /// The posts of all communities, one community after the other.
    pub fn posts(&self) -> Vec<Post> {
        let one = |community| (0..self.posts).map(move |number| self.post(community, number));
        (0..self.communities).flat_map(one).collect()
    }

    /// A post. Numbers from `posts` on are posts that [`posts`](Self::posts) doesn't have.
    ///
    /// Half its words are shared by all communities and follow Zipf's law; the others are words of
    /// the community, or of the one to three hashtags that it has.
    pub fn post(&self, community: usize, number: usize) -> Post {
        let stream = (community as u64) << 32 | number as u64;
        let mut random = Random(self.seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let hashtags: Vec<usize> =
            (0..1 + random.below(3)).map(|_| random.zipf(self.hashtags)).collect();
        let words: Vec<String> = (0..self.words)
            .map(|_| match random.below(10) {
                0..5 => word(random.zipf(SHARED) as u64),
                5..7 => word(of(1, community, random.zipf(OWN))),
                _ => {
                    let hashtag = hashtags[random.below(hashtags.len())];
                    word(of(2, community, hashtag * OF_HASHTAG + random.zipf(OF_HASHTAG)))
                }
            })
            .collect();
        let names = hashtags.iter().map(|&hashtag| word(of(3, community, hashtag)));
        let (id, time) = (format!("{community}-{number}"), START + STEP * number as i64);
        Post::new(id, Self::community(community), words.join(" "), names, Some(time))
    }
}

/// The number of a word that one community has.
fn of(kind: u64, community: usize, number: usize) -> u64 {
    kind << 56 | (community as u64) << 24 | number as u64
}

/// A word that can be pronounced, of two to four syllables; hardly any two are the same.
fn word(number: u64) -> String {
    let mut random = Random(number.wrapping_mul(0xD134_2543_DE82_EF95));
    let mut word = String::new();
    for _ in 0..2 + random.below(3) {
        let (consonant, vowel) = (random.below(18), random.below(5));
        word.push(char::from(b"bcdfghjklmnprstvwz"[consonant]));
        word.push(char::from(b"aeiou"[vowel]));
        if random.below(3) == 0 {
            word.push(char::from(b"lmnrst"[random.below(6)]));
        }
    }
    word
}

/// Numbers that look random: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Below `count`, all alike; 0 if nothing is.
    fn below(&mut self, count: usize) -> usize {
        (self.share() * count as f64) as usize
    }

    /// Below `count`, the n-th as often as 1 / n of the first, or nearly so; 0 if nothing is.
    fn zipf(&mut self, count: usize) -> usize {
        (((count + 1) as f64).powf(self.share()) as usize).clamp(1, count.max(1)) - 1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    const SMALL: MadeUp = MadeUp { communities: 3, posts: 25, hashtags: 50, words: 60, seed: 1 };

    #[test]
    fn posts_have_what_was_asked_for() {
        let posts = SMALL.posts();
        assert_eq!(posts.len(), 75);
        let names: HashSet<&str> = posts.iter().map(|post| post.community.as_str()).collect();
        assert_eq!(names.len(), 3);
        for post in &posts {
            assert_eq!(post.text.split(' ').count(), 60);
            assert!((1..=3).contains(&post.hashtags.len()), "{:?}", post.hashtags);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_posts_and_another_others() {
        assert_eq!(SMALL.posts(), SMALL.posts());
        assert_ne!(SMALL.posts(), MadeUp { seed: 2, ..SMALL }.posts());
        assert!(!SMALL.posts().contains(&SMALL.post(0, 25)));
    }

    #[test]
    fn the_first_words_are_the_most_frequent() {
        let mut random = Random(7);
        let mut counts = HashMap::new();
        (0..10_000).for_each(|_| *counts.entry(random.zipf(1000)).or_insert(0) += 1);
        assert!(counts.keys().all(|&number| number < 1000));
        assert!(counts[&0] > 3 * counts.get(&9).copied().unwrap_or(0));
    }

    #[test]
    fn communities_of_no_hashtags_and_posts_of_no_words_are_harmless() {
        let nothing = MadeUp { hashtags: 0, words: 0, ..SMALL };
        assert_eq!(nothing.posts().len(), 75);
    }
}
