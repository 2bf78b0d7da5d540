//! The trait of encoders that static tables are distilled from.

use crate::{TextEncoder, VectorizeError};

/// Gives single tokens vectors, each alone in its own text, besides those of texts.
pub trait TokenEncoder: TextEncoder {
    /// The vectors of tokens, one after another, each of [`dim`](TextEncoder::dim) floats. They may
    /// have any length.
    ///
    /// # Errors
    /// [`VectorizeError`] if the encoder does not know a token, or fails on it.
    fn token_vectors(&self, tokens: &[u32]) -> Result<Vec<f32>, VectorizeError>;
}
