//! What every tokenizer offers.

use crate::Tokens;

/// Splits text into word-like tokens: the same text gives the same tokens, on every thread.
///
/// A tokenizer is immutable and shared; the buffers live in its [`Worker`]s, one a thread.
pub trait Tokenizer: Send + Sync {
    /// A worker with buffers of its own. Making one is cheap; reusing one is cheaper.
    fn worker(&self) -> Box<dyn Worker + '_>;

    /// The tokens of one text, through a worker of its own.
    fn tokenize(&self, text: &str) -> Tokens {
        let mut tokens = Tokens::default();
        self.worker().tokenize(text, &mut tokens);
        tokens
    }
}

/// The reusable buffers of one thread.
pub trait Worker {
    /// Replaces the content of `tokens` with the tokens of `text`. Never panics; a text that is
    /// empty or holds no word gives no tokens.
    fn tokenize(&mut self, text: &str, tokens: &mut Tokens);
}
