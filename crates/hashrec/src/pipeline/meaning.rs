//! What texts mean: the encoder of a bundle, and vectors from which what all texts have in common is
//! taken away.
//!
//! The vectors of many encoders point roughly the same way whatever the text says, so cosines are high
//! everywhere, and how high depends on the encoder. Without the mean of all posts, or of all hashtags'
//! names, cosines of different encoders are alike, and one ranker can read them all.

use std::sync::Arc;

#[cfg(feature = "learn")]
use hashrec_storage::PartWriter;
use hashrec_storage::{Bytes, Part, StorageError, Table};
use hashrec_vectorize::{TextEncoder, TextRole, VectorizeError};

pub(super) const PART: &str = "encoder";
const KIND: &str = "encoder";
const VERSION: u32 = 1;

/// What turns posts and hashtags into vectors of what they mean.
pub(crate) struct Meaning {
    pub(super) encoder: Arc<dyn TextEncoder>,
    pub(super) titles_only: bool,
    /// The mean vector of posts.
    pub(super) posts: Table<f32>,
    /// The mean vector of hashtags' names.
    #[cfg_attr(not(feature = "learn"), expect(dead_code, reason = "only fitting reads it"))]
    pub(super) names: Table<f32>,
}

impl Meaning {
    pub(super) fn read(
        encoder: Arc<dyn TextEncoder>,
        titles_only: bool,
        bytes: Bytes,
    ) -> Result<Self, StorageError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let dim = encoder.dim();
        let (posts, names) = (part.table_of("posts", dim)?, part.table_of("names", dim)?);
        Ok(Self { encoder, titles_only, posts, names })
    }

    #[cfg(feature = "learn")]
    pub(super) fn write(&self) -> Result<Vec<u8>, StorageError> {
        let mut part = PartWriter::new(KIND, VERSION);
        part.table("posts", &self.posts)?;
        part.table("names", &self.names)?;
        part.to_bytes()
    }

    /// Floats in a vector.
    pub(crate) fn dim(&self) -> usize {
        self.encoder.dim()
    }

    /// The vector of a post's text, then that of its title.
    pub(crate) fn post(&self, text: &str) -> Result<Vec<f32>, VectorizeError> {
        let texts = self.texts(text);
        let distinct = if texts[0] == texts[1] { &texts[..1] } else { &texts[..] };
        let mut vectors = vectors(&*self.encoder, distinct, TextRole::Post)?;
        center_all(&mut vectors, &self.posts);
        if distinct.len() == 1 {
            vectors.extend_from_within(..);
        }
        Ok(vectors)
    }

    /// What is encoded of a post: its text, and its title.
    pub(super) fn texts<'a>(&self, text: &'a str) -> [&'a str; 2] {
        let title = text.split('\n').next().unwrap_or_default();
        [if self.titles_only { title } else { text }, title]
    }
}

/// The vectors of texts as an encoder gives them. Of one with a number that is not finite, or too large
/// to compute with, nothing is known: it is all zeros.
pub(super) fn vectors(
    encoder: &dyn TextEncoder,
    texts: &[&str],
    role: TextRole,
) -> Result<Vec<f32>, VectorizeError> {
    let dim = encoder.dim();
    let mut vectors = encoder.encode(texts, role)?;
    if Some(vectors.len()) != texts.len().checked_mul(dim) {
        let (found, texts) = (vectors.len(), texts.len());
        return Err(VectorizeError::VectorLength { found, texts, dim });
    }
    for vector in vectors.chunks_exact_mut(dim.max(1)) {
        let square: f32 = vector.iter().map(|value| value * value).sum();
        if !square.is_finite() {
            vector.fill(0.0);
        }
    }
    Ok(vectors)
}

/// Each of several vectors without what they have in common.
pub(super) fn center_all(vectors: &mut [f32], mean: &[f32]) {
    vectors.chunks_exact_mut(mean.len().max(1)).for_each(|vector| center(vector, mean));
}

/// A vector without what it has in common with the others, again of length 1. One of zeros stays so:
/// nothing is known about it.
fn center(vector: &mut [f32], mean: &[f32]) {
    if vector.iter().all(|&value| value == 0.0) {
        return;
    }
    vector.iter_mut().zip(mean).for_each(|(value, mean)| *value -= mean);
    let length = vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt() as f32;
    let scale = if length > 0.0 && length.is_finite() { length.recip() } else { 0.0 };
    vector.iter_mut().for_each(|value| *value *= scale);
}
