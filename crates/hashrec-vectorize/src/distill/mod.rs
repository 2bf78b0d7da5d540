//! Static tables from sentence encoders.

mod params;
mod principal;
#[cfg(test)]
mod tests;
mod token_encoder;
#[cfg(feature = "encoder")]
mod transformer;

use self::principal::project;
pub use self::{params::DistillParams, token_encoder::TokenEncoder};
use crate::{
    StaticTable, VectorizeError,
    subwords::{Scratch, Subwords, meaningful_tokens},
};

/// Tokens that the encoder gets at a time.
const BATCH: usize = 1024;
const TOKENIZER: &str = "tokenizer.json";

/// Makes a static table from a sentence encoder. Needs feature `train`.
///
/// Each token of `tokenizer`, the content of the encoder's `tokenizer.json`, goes through the
/// encoder alone, and its vector is scaled to length 1. The vectors are projected onto the `dim`
/// directions in which they differ most, and each is multiplied by a weight that is lower the more
/// often the token occurs in `posts`. Then the mean over all tokens of `posts` is subtracted. Special
/// tokens, unused ones and the unknown token are left out, and get zeros.
///
/// Without posts, the shares of tokens follow Zipf's law: that of the n-th token is proportional to
/// 1 / (n + 1). Vocabularies are usually sorted by frequency.
///
/// `progress` is called with how many tokens are done, and how many there are. The same input gives
/// the same table, as far as the encoder does. Memory in bytes: 4 × tokens × (the encoder's floats +
/// `dim`).
///
/// # Errors
/// [`VectorizeError::Parameter`] if a parameter is out of range;
/// [`VectorizeError::ModelFile`] or [`VectorizeError::ModelValue`] if the tokenizer is malformed or
/// not supported; [`VectorizeError::NotFinite`] if the encoder gives other vectors than promised, or
/// any that are not finite; [`VectorizeError::NoConvergence`] if the directions are not found; and
/// the encoder's errors.
pub fn distill(
    encoder: &dyn TokenEncoder,
    tokenizer: &[u8],
    posts: impl IntoIterator<Item: AsRef<str>>,
    params: &DistillParams,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<StaticTable, VectorizeError> {
    params.check()?;
    let subwords = Subwords::from_json(TOKENIZER, tokenizer)?;
    let tokens = meaningful_tokens(TOKENIZER, tokenizer)?;
    let width = encoder.dim();
    let mut vectors = Vec::new();
    progress(0, tokens.len());
    for batch in tokens.chunks(BATCH) {
        let found = encoder.token_vectors(batch)?;
        if found.len() != batch.len() * width || !found.iter().all(|value| value.is_finite()) {
            return Err(VectorizeError::NotFinite);
        }
        vectors.extend(found.chunks_exact(width.max(1)).flat_map(unit));
        progress(vectors.len() / width.max(1), tokens.len());
    }
    let dim = params.dim.min(width).max(1);
    let mut vectors = if width == 0 { Vec::new() } else { project(&vectors, width, dim)? };
    let shares = shares(&subwords, &tokens, posts);
    weigh(&mut vectors, dim, &shares, params.rarity);
    let mut rows = vec![0.0; subwords.tokens() * dim];
    for (&token, vector) in tokens.iter().zip(vectors.chunks_exact(dim)) {
        if let Some(row) = rows.chunks_exact_mut(dim).nth(token as usize) {
            row.copy_from_slice(vector);
        }
    }
    StaticTable::new(tokenizer, rows, dim)
}

/// Each token's share of all tokens that posts have, or by Zipf's law if they have none.
fn shares(
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

/// The vector scaled to length 1; one of zeros stays.
fn unit(vector: &[f32]) -> impl Iterator<Item = f32> {
    let length = vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
    let times = if length > 0.0 { 1.0 / length } else { 0.0 };
    vector.iter().map(move |&value| (f64::from(value) * times) as f32)
}

/// Multiplies each vector by its weight, and subtracts the mean, to which each gives as much as its
/// share.
fn weigh(vectors: &mut [f32], dim: usize, shares: &[f64], rarity: f64) {
    let mut mean = vec![0.0f64; dim];
    for (vector, share) in vectors.chunks_exact(dim).zip(shares) {
        let weight = rarity / (rarity + share);
        mean.iter_mut().zip(vector).for_each(|(m, &v)| *m += share * weight * f64::from(v));
    }
    for (vector, share) in vectors.chunks_exact_mut(dim).zip(shares) {
        let weight = rarity / (rarity + share);
        for (value, mean) in vector.iter_mut().zip(&mean) {
            *value = (weight * f64::from(*value) - mean) as f32;
        }
    }
}
