//! A tokenizer for tests.

use hashrec_tokenize::{Tokenizer, Tokens, Worker};

/// Splits at white space and punctuation (but keeps `-`, `.`, `+` and `#` inside words), and at
/// kana particles nothing: Japanese runs stay whole, as a tokenizer without a dictionary of the
/// hashtags might leave them.
pub(crate) struct WordTokenizer;

impl Tokenizer for WordTokenizer {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(WordWorker)
    }
}

struct WordWorker;

impl Worker for WordWorker {
    fn tokenize(&mut self, text: &str, tokens: &mut Tokens) {
        tokens.clear();
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '+' | '#');
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match (start, inside(c)) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    let word = text[from..at].trim_matches(['-', '.']);
                    if word.chars().any(char::is_alphanumeric) {
                        tokens.push(&word.to_lowercase(), from..at);
                    }
                    start = None;
                }
                _ => {}
            }
        }
    }
}
