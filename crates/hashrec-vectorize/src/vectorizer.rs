//! The trait of dense vectorizers.

use hashrec_tokenize::Tokens;

/// Turns the tokens of a text into a vector of fixed length, deterministically.
pub trait Vectorizer: Send + Sync {
    /// The number of floats in a vector.
    fn dim(&self) -> usize;

    /// Replaces the content of `out` with the vector of `tokens`. A text without tokens becomes
    /// zeros.
    ///
    /// `out` should hold [`dim`](Self::dim) floats. Further floats become 0; if `out` is shorter, the
    /// vector is cut.
    fn vectorize(&self, tokens: &Tokens, out: &mut [f32]);
}
