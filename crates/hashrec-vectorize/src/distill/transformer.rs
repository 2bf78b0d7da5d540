//! Transformers as encoders that are distilled.

use crate::{TokenEncoder, Transformer, VectorizeError};

impl TokenEncoder for Transformer {
    fn token_vectors(&self, tokens: &[u32]) -> Result<Vec<f32>, VectorizeError> {
        self.token_vectors(tokens)
    }
}
