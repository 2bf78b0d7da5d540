//! The trait of encoders that static tables are distilled from.

use crate::VectorizeError;

/// Gives single tokens vectors, each alone in its own text.
pub trait TokenEncoder {
    /// The number of floats in a vector.
    fn dim(&self) -> usize;

    /// The vectors of tokens, one after another, each of [`dim`](Self::dim) floats.
    ///
    /// # Errors
    /// [`VectorizeError`] if the encoder does not know a token, or fails on it.
    fn token_vectors(&self, tokens: &[u32]) -> Result<Vec<f32>, VectorizeError>;
}
