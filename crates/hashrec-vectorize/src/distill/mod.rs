//! Static tables from sentence encoders.

mod fit;
mod params;
mod principal;
mod ridge;
mod sample;
mod shares;
#[cfg(test)]
mod tests;
mod token_encoder;
#[cfg(feature = "encoder")]
mod transformer;

use std::collections::BTreeSet;

use self::{
    fit::fit,
    principal::Principal,
    sample::Sample,
    shares::{shares, text_shares},
};
pub use self::{params::DistillParams, token_encoder::TokenEncoder};
use crate::{
    StaticTable, TextRole, VectorizeError,
    subwords::{Subwords, meaningful_tokens},
};

/// Tokens or texts that the encoder gets at a time.
const BATCH: usize = 1024;
/// How much a token counts among texts when directions are looked for. Texts alone would do, if
/// there are enough of them.
const TOKEN_WEIGHT: f64 = 0.1;
const TOKENIZER: &str = "tokenizer.json";

/// Makes a static table from a sentence encoder. Needs feature `train`.
///
/// Each token of `tokenizer`, the content of the encoder's `tokenizer.json`, goes through the
/// encoder alone, and its vector is scaled to length 1. The vectors are projected onto `dim`
/// directions, and each is multiplied by a weight that is lower the more often the token occurs in
/// `posts`. Then the mean over all tokens of `posts` is subtracted. Special tokens, unused ones and
/// the unknown token are left out, and get zeros.
///
/// These rows are then fitted to texts: to `fit_posts` of the posts, and to their titles, which are
/// first lines. The encoder gives each text its vector, from which the mean over all texts is
/// subtracted. Rows are moved so that the mean of a text's rows points where that vector points, by
/// least squares; that a row moves costs `fit_penalty` times as much as that a text's mean is off by
/// as far. Rows of tokens that no text has stay.
///
/// The directions are those in which the vectors of texts differ most, and a little those of tokens;
/// without texts, those of tokens only.
///
/// Without posts, the shares of tokens follow Zipf's law: that of the n-th token is proportional to
/// 1 / (n + 1). Vocabularies are usually sorted by frequency.
///
/// `progress` is called with how many tokens and texts are done, and how many there are. Most of the
/// time goes to the encoder; the fit runs on one thread. The same input gives the same table, as far
/// as the encoder does. Memory in bytes: 8 × (tokens + texts) × the encoder's floats, and for the fit
/// 4 × `dim` × (4 × tokens that texts have + 3 × texts), besides up to 2 × `fit_posts` posts.
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
    let mut sample = Sample::new(params.fit_posts);
    let posts = posts.into_iter().inspect(|post| sample.offer(post.as_ref()));
    let shares = shares(&subwords, &tokens, posts);
    let sample = sample.posts();
    let texts = texts(&sample);

    let all = tokens.len() + texts.len();
    progress(0, all);
    let mut rows =
        encode(&tokens, width, |batch| encoder.token_vectors(batch), |done| progress(done, all))?;
    let mut targets = encode(
        &texts,
        width,
        |batch| encoder.encode(batch, TextRole::Post),
        |done| progress(tokens.len() + done, all),
    )?;
    if width == 0 {
        return StaticTable::new(tokenizer, vec![0.0; subwords.tokens()], 1);
    }
    let dim = params.dim.min(width);
    centre(&mut rows, width);
    centre(&mut targets, width);
    targets = targets.chunks_exact(width).flat_map(unit).collect();
    let mut principal = Principal::new(width);
    principal.add(&targets, 1.0);
    principal.add(&rows, TOKEN_WEIGHT);
    let directions = principal.directions(dim)?;
    rows = directions.project(&rows);
    targets = directions.project(&targets);
    weigh(&mut rows, dim, &shares, params.rarity);
    let text_shares = text_shares(&subwords, &tokens, &texts, params.fit_tokens);
    fit(&mut rows, dim, &text_shares, &targets, params.fit_penalty as f32);

    let mut vectors = vec![0.0; subwords.tokens() * dim];
    for (&token, row) in tokens.iter().zip(rows.chunks_exact(dim)) {
        if let Some(vector) = vectors.chunks_exact_mut(dim).nth(token as usize) {
            vector.copy_from_slice(row);
        }
    }
    StaticTable::new(tokenizer, vectors, dim)
}

/// Posts and their titles, each text once, by length: batches of like texts are encoded fastest.
fn texts(posts: &[String]) -> Vec<&str> {
    let both = |post| {
        let post = str::trim(post);
        [post.lines().next().unwrap_or_default().trim_end(), post]
    };
    let texts: BTreeSet<&str> = posts.iter().flat_map(|post| both(post)).collect();
    let mut texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    texts.sort_by_key(|text| text.len());
    texts
}

/// What the encoder makes of items, batch after batch, each vector scaled to length 1. `done` is
/// called with how many items are.
fn encode<T>(
    items: &[T],
    width: usize,
    vectors: impl Fn(&[T]) -> Result<Vec<f32>, VectorizeError>,
    mut done: impl FnMut(usize),
) -> Result<Vec<f32>, VectorizeError> {
    let mut all = Vec::with_capacity(items.len() * width);
    let mut count = 0;
    for batch in items.chunks(BATCH) {
        let found = vectors(batch)?;
        if found.len() != batch.len() * width || !found.iter().all(|value| value.is_finite()) {
            return Err(VectorizeError::NotFinite);
        }
        all.extend(found.chunks_exact(width.max(1)).flat_map(unit));
        count += batch.len();
        done(count);
    }
    Ok(all)
}

/// The vector scaled to length 1; one of zeros stays.
fn unit(vector: &[f32]) -> impl Iterator<Item = f32> {
    let length = vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
    let times = if length > 0.0 { 1.0 / length } else { 0.0 };
    vector.iter().map(move |&value| (f64::from(value) * times) as f32)
}

/// Subtracts the mean of vectors from each.
fn centre(vectors: &mut [f32], dim: usize) {
    let count = vectors.len() / dim;
    subtract_mean(vectors, dim, &vec![1.0 / count.max(1) as f64; count]);
}

/// Multiplies each vector by its weight, and subtracts the mean, to which each gives as much as its
/// share.
fn weigh(vectors: &mut [f32], dim: usize, shares: &[f64], rarity: f64) {
    for (vector, share) in vectors.chunks_exact_mut(dim).zip(shares) {
        let weight = rarity / (rarity + share);
        vector.iter_mut().for_each(|value| *value = (weight * f64::from(*value)) as f32);
    }
    subtract_mean(vectors, dim, shares);
}

/// Subtracts from each vector the mean, to which each gives as much as its share.
fn subtract_mean(vectors: &mut [f32], dim: usize, shares: &[f64]) {
    let mut mean = vec![0.0f64; dim];
    for (vector, share) in vectors.chunks_exact(dim).zip(shares) {
        mean.iter_mut().zip(vector).for_each(|(mean, &value)| *mean += share * f64::from(value));
    }
    for vector in vectors.chunks_exact_mut(dim) {
        for (value, mean) in vector.iter_mut().zip(&mean) {
            *value = (f64::from(*value) - mean) as f32;
        }
    }
}
