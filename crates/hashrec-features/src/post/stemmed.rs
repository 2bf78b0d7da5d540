//! The words of a post without their endings.

use super::{compact::is_letter, stem::Stems, view::PostView};

/// How many tokens of a post are searched for hashtags.
const SEARCHED_TOKENS: usize = 800;

/// The stem hashes of a post.
#[derive(Clone, Debug)]
pub(crate) struct Stemmed {
    /// Those of the first tokens, in order.
    pub(crate) stems: Vec<u64>,
    /// How many of them belong to the title.
    pub(crate) title_stems: usize,
    /// The distinct ones of the text (title included), sorted: what document frequencies count.
    /// Tokens with separators also contribute their parts.
    pub(crate) text_words: Vec<u64>,
    /// The same for the title alone.
    pub(crate) title_words: Vec<u64>,
}

impl Stemmed {
    pub(crate) fn new(post: &PostView<'_>) -> Self {
        let title_stems = post.title_tokens.min(post.tokens.len()).min(SEARCHED_TOKENS);
        let mut reader = Stems::default();
        let mut stems = Vec::with_capacity(post.tokens.len().min(SEARCHED_TOKENS));
        let mut text_words = Vec::with_capacity(stems.capacity());
        let mut title_words = Vec::new();
        for (index, word) in post.tokens.texts().take(SEARCHED_TOKENS).enumerate() {
            let stem = reader.hash(word);
            stems.push(stem);
            text_words.push(stem);
            push_parts(word, &mut reader, &mut text_words);
            if index + 1 == title_stems {
                title_words.clone_from(&text_words);
            }
        }
        let (text_words, title_words) = (distinct(text_words), distinct(title_words));
        Self { stems, title_stems, text_words, title_words }
    }
}

fn distinct(mut words: Vec<u64>) -> Vec<u64> {
    words.sort_unstable();
    words.dedup();
    words
}

/// Adds the stems of the parts of a token that contains separators (`machine-learning`,
/// `node.js`).
fn push_parts(word: &str, stems: &mut Stems, out: &mut Vec<u64>) {
    if word.chars().all(is_letter) {
        return;
    }
    let parts = || word.split(|c: char| !is_letter(c)).filter(|part| !part.is_empty());
    if parts().nth(1).is_some() {
        parts().for_each(|part| out.push(stems.hash(part)));
    }
}
