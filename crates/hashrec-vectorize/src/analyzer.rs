//! Words and word pairs as features.

use hashrec_tokenize::Tokens;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Turns a text into features: 64-bit hashes, one per occurrence.
pub trait Analyzer: Send + Sync {
    /// Replaces the content of `out` with the features of a text, in text order and with repeats.
    fn features(&self, tokens: &Tokens, text: &str, out: &mut Vec<u64>);
}

/// Keeps word pairs apart from words.
const BIGRAM_SEED: u64 = 0x6269_6772_616d;

/// The feature of a word.
pub fn word_feature(word: &str) -> u64 {
    xxh3_64(word.as_bytes())
}

/// The feature of two adjacent words, given the features of the words.
pub fn bigram_feature(first: u64, second: u64) -> u64 {
    let mut pair = [0; 16];
    pair[..8].copy_from_slice(&first.to_le_bytes());
    pair[8..].copy_from_slice(&second.to_le_bytes());
    xxh3_64_with_seed(&pair, BIGRAM_SEED)
}

/// Words, and pairs of adjacent words.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `bigrams` | true | also emit pairs of adjacent words | |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// Also emit pairs of adjacent words.
    pub bigrams: bool,
}

impl Default for Words {
    fn default() -> Self {
        Self { bigrams: true }
    }
}

impl Analyzer for Words {
    fn features(&self, tokens: &Tokens, _text: &str, out: &mut Vec<u64>) {
        out.clear();
        out.extend(tokens.texts().map(word_feature));
        if self.bigrams {
            let words = out.len();
            for second in 1..words {
                out.push(bigram_feature(out[second - 1], out[second]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(words: &[&str]) -> Tokens {
        let mut tokens = Tokens::default();
        words.iter().for_each(|word| tokens.push(word, 0..0));
        tokens
    }

    #[test]
    fn words_then_pairs() {
        let mut out = vec![7];
        Words::default().features(&tokens(&["a", "b", "a"]), "", &mut out);
        let (a, b) = (word_feature("a"), word_feature("b"));
        assert_eq!(out, [a, b, a, bigram_feature(a, b), bigram_feature(b, a)]);
        Words { bigrams: false }.features(&tokens(&["a", "b"]), "", &mut out);
        assert_eq!(out, [a, b]);
    }

    #[test]
    fn nothing_from_nothing() {
        let mut out = vec![7];
        Words::default().features(&Tokens::default(), "", &mut out);
        assert!(out.is_empty());
    }
}
