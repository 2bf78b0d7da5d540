//! What the tests of several features share.

use hashrec_data::HashtagId;
use hashrec_tokenize::{Tokenizer, Tokens, Worker};

use super::{Analysis, Hits, LiteralIndex, Observation, PostView, Rarity, Statistics};

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

pub(crate) fn analyse(text: &str) -> Analysis {
    Analysis::new(&PostView::new(text, &WordTokenizer.tokenize(text), None))
}

pub(crate) fn index(hashtags: &[&str]) -> LiteralIndex {
    LiteralIndex::build(hashtags, &WordTokenizer, &Rarity::default()).unwrap()
}

pub(crate) fn ids(ids: &[u32]) -> Vec<HashtagId> {
    ids.iter().copied().map(HashtagId).collect()
}

/// Statistics of posts that name nothing.
pub(crate) fn statistics(hashtags: usize, posts: &[&[u32]]) -> Statistics {
    let hits = Hits::default();
    let gold: Vec<_> = posts.iter().map(|post| ids(post)).collect();
    let posts = gold.iter().map(|gold| Observation { hits: &hits, gold });
    Statistics::fit(hashtags, posts).unwrap()
}
