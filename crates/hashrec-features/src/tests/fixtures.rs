//! What the tests of several features share.

use hashrec_data::HashtagId;
use hashrec_tokenize::Tokenizer;

use crate::{
    Analysis, Hits, LiteralIndex, Observation, PostView, Rarity, RarityBuilder, Statistics,
    tests::words::WordTokenizer,
};

pub(crate) fn analyse(text: &str) -> Analysis {
    Analysis::new(&PostView::new(text, &WordTokenizer.tokenize(text), None))
}

/// Counts the words of a post.
pub(crate) fn count(rarity: &mut RarityBuilder, text: &str) {
    rarity.add(&PostView::new(text, &WordTokenizer.tokenize(text), None));
}

pub(crate) fn index(hashtags: &[&str]) -> LiteralIndex {
    LiteralIndex::build(hashtags, &[], &WordTokenizer, &Rarity::default()).unwrap()
}

pub(crate) fn ids(ids: &[u32]) -> Vec<HashtagId> {
    ids.iter().copied().map(HashtagId).collect()
}

/// Statistics of posts that name nothing.
pub(crate) fn statistics(hashtags: usize, posts: &[&[u32]]) -> Statistics {
    let hits = Hits::default();
    let gold: Vec<_> = posts.iter().map(|post| ids(post)).collect();
    let posts = gold.iter().map(|gold| Observation { hits: &hits, gold });
    Statistics::fit(hashtags, posts).unwrap()
}
