//! How much of the posts, and of each text, a token is.

use crate::{
    SparseVector,
    subwords::{Scratch, Subwords},
};

/// Each token's share of all tokens that posts have, or by Zipf's law if they have none.
pub(super) fn shares(
    subwords: &Subwords,
    tokens: &[u32],
    posts: impl IntoIterator<Item: AsRef<str>>,
) -> Vec<f64> {
    let mut counts = vec![0u64; subwords.tokens()];
    let mut scratch = Scratch::default();
    for post in posts {
        subwords.tokenize(post.as_ref(), usize::MAX, &mut scratch);
        for &token in &scratch.tokens {
            if let Some(count) = counts.get_mut(token as usize) {
                *count += 1;
            }
        }
    }
    let count = |&token: &u32| counts.get(token as usize).copied().unwrap_or(0) as f64;
    let mut shares: Vec<f64> = tokens.iter().map(count).collect();
    if shares.iter().all(|&share| share == 0.0) {
        shares = (0..tokens.len()).map(|n| 1.0 / (n + 2) as f64).collect();
    }
    let all: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / all).collect()
}

/// For each text, the shares of its first `most` tokens: the column of a token is its place in
/// `tokens`, which are in rising order. Others count for nothing.
pub(super) fn text_shares(
    subwords: &Subwords,
    tokens: &[u32],
    texts: &[&str],
    most: usize,
) -> Vec<SparseVector> {
    let mut scratch = Scratch::default();
    let shares = |text: &&str| {
        subwords.tokenize(text, most, &mut scratch);
        let place = |token: &u32| tokens.binary_search(token).ok().map(|place| place as u32);
        let mut places: Vec<u32> = scratch.tokens.iter().filter_map(place).collect();
        places.sort_unstable();
        let mut shares = SparseVector::default();
        for same in places.chunk_by(|a, b| a == b) {
            shares.push(same[0], same.len() as f32 / places.len() as f32);
        }
        shares
    };
    texts.iter().map(shares).collect()
}
