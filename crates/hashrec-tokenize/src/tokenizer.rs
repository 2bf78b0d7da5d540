//! The interface of tokenizers.

use crate::Tokens;

/// Splits texts into word-like tokens. The same text gives the same tokens on every thread.
///
/// Threads share one immutable tokenizer. Each has its own [`Worker`], which holds the buffers.
pub trait Tokenizer: Send + Sync {
    /// A new worker. Creating one is cheap; reusing one is cheaper.
    fn worker(&self) -> Box<dyn Worker + '_>;

    /// The tokens of one text, found by a new worker.
    fn tokenize(&self, text: &str) -> Tokens {
        let mut tokens = Tokens::default();
        self.worker().tokenize(text, &mut tokens);
        tokens
    }
}

/// The reusable buffers of one thread.
pub trait Worker {
    /// Replaces the content of `tokens` with the tokens of `text`. Never panics. A text without
    /// words has no tokens.
    fn tokenize(&mut self, text: &str, tokens: &mut Tokens);
}
