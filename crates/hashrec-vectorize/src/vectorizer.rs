//! What every dense vectorizer offers.

use hashrec_tokenize::Tokens;

/// Turns the tokens of a text into a vector of fixed length, always the same one.
pub trait Vectorizer: Send + Sync {
    /// How many floats a text becomes.
    fn dim(&self) -> usize;

    /// Replaces the content of `out` with the vector of `tokens`. A text without tokens becomes
    /// zeros.
    ///
    /// `out` should hold [`dim`](Self::dim) floats; floats past that become 0, and where it is
    /// shorter the vector is cut.
    fn vectorize(&self, tokens: &Tokens, out: &mut [f32]);
}
