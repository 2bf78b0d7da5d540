//! What is computed from a post once, whichever community's hashtags are searched for in it.

use hashrec_tokenize::Tokens;

use super::{compact::Compact, compact::SEARCHED_CHARS, grams::Grams, stem::Stems, words::Words};

/// How many tokens of a post are searched for hashtags.
const SEARCHED_TOKENS: usize = 800;
/// How many tokens are compared with hashtags by edit distance.
const COMPARED_TOKENS: usize = 150;
/// How many tokens can spell an acronym with their first letters.
const INITIALS: usize = 60;

/// The input of the features: a post and its tokens.
#[derive(Clone, Copy, Debug)]
pub struct PostView<'a> {
    /// The whole text; its first line is the title.
    pub text: &'a str,
    /// The tokens of the whole text.
    pub tokens: &'a Tokens,
    /// How many of the tokens belong to the title.
    pub title_tokens: usize,
    /// When it was written, in Unix seconds.
    pub created_at: Option<i64>,
}

impl<'a> PostView<'a> {
    /// A view of `text`, whose first line is the title, and of its tokens.
    pub fn new(text: &'a str, tokens: &'a Tokens, created_at: Option<i64>) -> Self {
        let title_tokens = tokens.count_before(title(text).len());
        Self { text, tokens, title_tokens, created_at }
    }
}

/// The first line.
fn title(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// A post, read once: stems, compact text, words to compare. All features of all hashtags share it,
/// and it depends on no community.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Stem hashes of the first tokens, in order.
    pub(crate) stems: Vec<u64>,
    /// How many of the stems belong to the title.
    pub(crate) title_stems: usize,
    /// Distinct stem hashes of the text (title included), sorted. Tokens with separators also
    /// contribute their parts.
    pub(crate) text_words: Vec<u64>,
    /// The same for the title alone.
    pub(crate) title_words: Vec<u64>,
    /// The letters and digits of the title, then of the body.
    pub(crate) compact: Compact,
    /// How many bytes of the compact text belong to the title.
    pub(crate) compact_title: usize,
    /// The first characters of the first tokens.
    pub(crate) initials: String,
    /// Words of the title, and adjacent pairs joined, for edit distances.
    pub(crate) title_spellings: Words,
    /// The first words of the text.
    pub(crate) text_spellings: Words,
    /// Character n-grams of the compact title and text.
    pub(crate) grams: Grams,
    /// How many tokens the post has, and how many of them belong to its title.
    pub(crate) tokens: usize,
    pub(crate) title_tokens: usize,
}

impl Analysis {
    /// Reads a post, in time linear in its length and bounded: the features look at its first 800
    /// tokens and 3,000 characters.
    pub fn new(view: &PostView<'_>) -> Self {
        let title_tokens = view.title_tokens.min(view.tokens.len());
        let title_stems = title_tokens.min(SEARCHED_TOKENS);
        let mut reader = Stems::default();
        let mut stems = Vec::with_capacity(view.tokens.len().min(SEARCHED_TOKENS));
        let mut text_words = Vec::with_capacity(stems.capacity());
        let mut title_words = Vec::new();
        let mut initials = String::new();
        for (index, word) in view.tokens.texts().take(SEARCHED_TOKENS).enumerate() {
            let stem = reader.hash(word);
            stems.push(stem);
            text_words.push(stem);
            push_parts(word, &mut reader, &mut text_words);
            if index + 1 == title_stems {
                title_words.clone_from(&text_words);
            }
            if index < INITIALS {
                initials.extend(word.chars().next());
            }
        }
        let mut compact = Compact::default();
        let title = title(view.text);
        let read = compact.extend(title, SEARCHED_CHARS);
        let compact_title = compact.len();
        compact.extend(view.text.get(title.len()..).unwrap_or_default(), SEARCHED_CHARS - read);
        let grams = Grams::of(&compact.folded, compact_title);

        let mut title_spellings = Words::default();
        let title_texts = || view.tokens.texts().take(title_tokens).take(COMPARED_TOKENS);
        title_texts().for_each(|word| title_spellings.push(word));
        for (left, right) in title_texts().zip(title_texts().skip(1)) {
            title_spellings.push_pair(left, right);
        }
        let mut text_spellings = Words::default();
        view.tokens.texts().take(COMPARED_TOKENS).for_each(|word| text_spellings.push(word));
        Self {
            stems,
            title_stems,
            text_words: distinct(text_words),
            title_words: distinct(title_words),
            compact,
            compact_title,
            initials,
            title_spellings: title_spellings.distinct(),
            text_spellings: text_spellings.distinct(),
            grams,
            tokens: view.tokens.len(),
            title_tokens,
        }
    }

    /// Distinct stem hashes of the whole text, sorted: what document frequencies count.
    pub(crate) fn words(&self) -> &[u64] {
        &self.text_words
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
    if word.chars().all(char::is_alphanumeric) {
        return;
    }
    let parts = || word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    if parts().nth(1).is_some() {
        parts().for_each(|part| out.push(stems.hash(part)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::words::WordTokenizer;
    use hashrec_tokenize::Tokenizer;

    fn analyse(text: &str) -> Analysis {
        let tokens = WordTokenizer.tokenize(text);
        Analysis::new(&PostView::new(text, &tokens, None))
    }

    #[test]
    fn the_first_line_is_the_title() {
        let read = analyse("Baking bread\nMix the flour and bake");
        assert_eq!((read.title_tokens, read.tokens, read.title_stems), (2, 7, 2));
        assert_eq!(read.title_words.len(), 2);
        // "Baking" and "bake" are one word.
        assert_eq!(read.text_words.len(), 6);
        assert_eq!(&read.compact.exact[..read.compact_title], "bakingbread");
        assert_eq!(read.initials, "bbmtfab");
    }

    #[test]
    fn tokens_kept_whole_count_with_their_parts_too() {
        let read = analyse("machine-learning");
        let mut stems = Stems::default();
        for word in ["machine-learning", "machine", "learning"] {
            assert!(read.words().contains(&stems.hash(word)), "{word}");
        }
        assert_eq!(read.stems.len(), 1);
    }

    #[test]
    fn empty_and_blank_posts_are_fine() {
        for text in ["", "\n", "  \n ", "\0"] {
            let read = analyse(text);
            assert_eq!((read.tokens, read.compact.len()), (0, 0));
        }
    }

    #[test]
    fn a_long_title_uses_up_the_searched_text() {
        let text = format!("{}\nbody", "あ".repeat(4000));
        let read = analyse(&text);
        assert_eq!(read.compact.len(), 9000);
        assert_eq!(read.compact_title, 9000);
    }
}
