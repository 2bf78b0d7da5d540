//! A small synthetic corpus whose hashtags follow from its words.

#![allow(dead_code, unreachable_pub)] // Each test file is a crate of its own and uses some of it.

use std::ops::ControlFlow;

use hashrec_classifier::{Classifier, ClassifierParams, ClassifierPost, ClassifierProgress};
use hashrec_data::{CommunityId, HashtagId};

/// The sizes of the communities' spaces; the third has a single hashtag, the last none and no
/// posts.
pub const SPACES: [usize; 4] = [6, 4, 1, 0];

const WORDS: [&str; 12] = [
    "release",
    "event",
    "bug",
    "recipe",
    "run",
    "camp",
    "新機能",
    "お知らせ",
    "c++",
    "hello",
    "the",
    "説明会",
];

/// Posts of communities 0 to 2; every eighth has no hashtag, every ninth no words.
pub struct Corpus {
    words: Vec<Vec<&'static str>>,
    gold: Vec<Vec<HashtagId>>,
    communities: Vec<CommunityId>,
}

impl Corpus {
    pub fn new(posts: usize) -> Self {
        let mut corpus = Self { words: vec![], gold: vec![], communities: vec![] };
        let mut state = 12345u64;
        let mut next = |n: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % n
        };
        for i in 0..posts {
            let community = next(3);
            let mut words: Vec<&str> =
                (0..1 + next(12)).map(|_| WORDS[next(WORDS.len())]).collect();
            if i % 9 == 8 {
                words.clear();
            }
            let tags = SPACES[community];
            let mut gold: Vec<HashtagId> = words
                .iter()
                .filter_map(|word| WORDS.iter().position(|known| known == word))
                .filter(|&at| at < tags)
                .map(|at| HashtagId(at as u32))
                .collect();
            if gold.is_empty() {
                gold.push(HashtagId(0));
            }
            if i % 8 == 7 {
                gold.clear();
            }
            corpus.words.push(words);
            corpus.gold.push(gold);
            corpus.communities.push(CommunityId(community as u32));
        }
        corpus
    }

    pub fn posts(&self) -> Vec<ClassifierPost<'_>> {
        (0..self.words.len())
            .map(|i| ClassifierPost {
                words: self.words[i].clone(),
                community: self.communities[i],
                gold: &self.gold[i],
            })
            .collect()
    }
}

/// A net small enough to train in a moment.
pub fn params() -> ClassifierParams {
    ClassifierParams::default()
        .with_embedding_dim(8)
        .with_hidden(6)
        .with_heads(3)
        .with_community_dim(4)
        .with_batch(8)
        .with_epochs(4)
        .with_validation(0.2)
        .with_learning_rate(0.01)
        .with_warmup(5)
}

pub fn silent(_: &ClassifierProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

pub fn classifier() -> Classifier {
    let corpus = Corpus::new(80);
    Classifier::train(&corpus.posts(), &SPACES, None, &params(), &mut silent).unwrap()
}
