//! The ways a hashtag may be written in running text.

use hashrec_tokenize::{Tokens, Worker};
use icu_normalizer::ComposingNormalizerBorrowed;

use crate::post::stem::Stems;

/// The readings of one hashtag.
pub(crate) struct Spelling {
    /// Stem hashes of the hashtag's words: each a phrase that stands for the hashtag.
    pub(crate) phrases: Vec<Vec<u64>>,
    /// Distinct stem hashes of its words, for the share of them that a post holds.
    pub(crate) words: Vec<u64>,
    /// Stem hash of its initials, if it has three words or more.
    pub(crate) acronym: Option<u64>,
}

impl Spelling {
    /// Reads `hashtag` in three ways: as it is (`C#`, `node.js`), with separators as spaces
    /// (`machine-learning`), and split at capitals too (`JavaScript`).
    pub(crate) fn read(hashtag: &str, worker: &mut dyn Worker, stems: &mut Stems) -> Self {
        let spaced = hashtag.replace(['-', '_', '#', '/', '・', ':'], " ");
        let split = split_capitals(&spaced);
        let mut tokens = Tokens::default();
        let mut phrases: Vec<Vec<u64>> = Vec::new();
        let mut initials = String::new();
        for text in [hashtag, spaced.as_str(), split.as_str()] {
            worker.tokenize(text, &mut tokens);
            let phrase: Vec<u64> = tokens.texts().map(|word| stems.hash(word)).collect();
            if !phrase.is_empty() && !phrases.contains(&phrase) {
                phrases.push(phrase);
                initials = tokens.texts().filter_map(|word| word.chars().next()).collect();
            }
        }
        if phrases.is_empty() {
            // Not a word to the tokenizer, yet somebody's hashtag: an emoji, a symbol.
            let normal = ComposingNormalizerBorrowed::new_nfkc().normalize(hashtag).to_lowercase();
            phrases.push(vec![stems.hash(&normal)]);
        }
        // The last new reading is the one in the smallest pieces.
        let mut words = phrases.last().cloned().unwrap_or_default();
        let acronym = (words.len() >= 3).then(|| stems.hash(&initials));
        words.sort_unstable();
        words.dedup();
        Self { phrases, words, acronym }
    }
}

/// `JavaScript` → `Java Script`, `HTTPServer` → `HTTP Server`.
fn split_capitals(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut before: Option<char> = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if let Some(before) = before
            && c.is_ascii_uppercase()
        {
            let after_small = before.is_ascii_lowercase() || before.is_ascii_digit();
            let next_small = rest.peek().is_some_and(char::is_ascii_lowercase);
            if after_small || (before.is_ascii_uppercase() && next_small) {
                out.push(' ');
            }
        }
        out.push(c);
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::words::WordTokenizer;
    use hashrec_tokenize::Tokenizer;

    fn read(hashtag: &str) -> Spelling {
        Spelling::read(hashtag, &mut *WordTokenizer.worker(), &mut Stems::default())
    }

    fn phrase(words: &[&str]) -> Vec<u64> {
        let mut stems = Stems::default();
        words.iter().map(|word| stems.hash(word)).collect()
    }

    #[test]
    fn capitals_split_words() {
        assert_eq!(split_capitals("JavaScript"), "Java Script");
        assert_eq!(split_capitals("HTTPServer2Go"), "HTTP Server2 Go");
        assert_eq!(split_capitals("iOS"), "i OS");
        assert_eq!(split_capitals("お知らせ"), "お知らせ");
    }

    #[test]
    fn a_hashtag_has_several_readings() {
        assert_eq!(
            read("JavaScript").phrases,
            [phrase(&["javascript"]), phrase(&["java", "script"])]
        );
        assert_eq!(
            read("machine-learning").phrases,
            [phrase(&["machine-learning"]), phrase(&["machine", "learning"])]
        );
        assert_eq!(read("c#").phrases.first(), Some(&phrase(&["c#"])));
        assert_eq!(read("新機能").phrases, [phrase(&["新機能"])]);
    }

    #[test]
    fn three_words_make_an_acronym() {
        assert_eq!(read("natural-language-processing").acronym, phrase(&["nlp"]).first().copied());
        assert_eq!(read("machine-learning").acronym, None);
    }

    #[test]
    fn a_hashtag_without_words_stands_for_itself() {
        assert_eq!(read("☆").phrases, [phrase(&["☆"])]);
        assert_eq!(read("").phrases.len(), 1);
    }
}
