//! What is computed from a post once, whichever community's hashtags are ranked for it.

use super::{grams::Grams, searched::Searched, view::PostView, words::Words};

/// How many tokens are compared with hashtags by edit distance.
const COMPARED_TOKENS: usize = 150;
/// How many tokens can spell an acronym with their first letters.
const INITIALS: usize = 60;

/// A post, read once: stems, compact text, words to compare. All features of all hashtags share it,
/// and it depends on no community.
#[derive(Clone, Debug)]
pub struct Analysis {
    pub(crate) searched: Searched,
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
    /// Reads a post, in time linear in its length and bounded, as [`Searched`] is.
    pub fn new(post: &PostView<'_>) -> Self {
        let searched = Searched::new(post);
        let title_tokens = post.title_tokens.min(post.tokens.len());
        let grams = Grams::of(&searched.compact.folded, searched.compact_title);
        let initials = post.tokens.texts().take(INITIALS).filter_map(|word| word.chars().next());
        let mut title_spellings = Words::default();
        let title_texts = || post.tokens.texts().take(title_tokens).take(COMPARED_TOKENS);
        title_texts().for_each(|word| title_spellings.push(word));
        for (left, right) in title_texts().zip(title_texts().skip(1)) {
            title_spellings.push_pair(left, right);
        }
        let mut text_spellings = Words::default();
        post.tokens.texts().take(COMPARED_TOKENS).for_each(|word| text_spellings.push(word));
        Self {
            searched,
            initials: initials.collect(),
            title_spellings: title_spellings.distinct(),
            text_spellings: text_spellings.distinct(),
            grams,
            tokens: post.tokens.len(),
            title_tokens,
        }
    }

    /// What hashtags are searched for in.
    pub fn searched(&self) -> &Searched {
        &self.searched
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{post::stem::Stems, tests::words::WordTokenizer};
    use hashrec_tokenize::Tokenizer;

    fn analyse(text: &str) -> Analysis {
        let tokens = WordTokenizer.tokenize(text);
        Analysis::new(&PostView::new(text, &tokens, None))
    }

    #[test]
    fn the_first_line_is_the_title() {
        let read = analyse("Baking bread\nMix the flour and bake");
        assert_eq!((read.title_tokens, read.tokens, read.searched.words.title_stems), (2, 7, 2));
        assert_eq!(read.searched.words.title_words.len(), 2);
        // "Baking" and "bake" are one word.
        assert_eq!(read.searched.words.text_words.len(), 6);
        assert_eq!(&read.searched.compact.exact[..read.searched.compact_title], "bakingbread");
        assert_eq!(read.initials, "bbmtfab");
    }

    #[test]
    fn tokens_kept_whole_count_with_their_parts_too() {
        let read = analyse("machine-learning");
        let mut stems = Stems::default();
        for word in ["machine-learning", "machine", "learning"] {
            assert!(read.searched.words.text_words.contains(&stems.hash(word)), "{word}");
        }
        assert_eq!(read.searched.words.stems.len(), 1);
    }

    #[test]
    fn empty_and_blank_posts_are_fine() {
        for text in ["", "\n", "  \n ", "\0"] {
            let read = analyse(text);
            assert_eq!((read.tokens, read.searched.compact.len()), (0, 0));
        }
    }

    #[test]
    fn a_long_title_uses_up_the_searched_text() {
        let text = format!("{}\nbody", "あ".repeat(4000));
        let read = analyse(&text);
        assert_eq!(read.searched.compact.len(), 9000);
        assert_eq!(read.searched.compact_title, 9000);
    }
}
