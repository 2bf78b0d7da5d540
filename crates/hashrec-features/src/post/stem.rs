//! Stem hashes: words with the same stem count as one word.

use std::cell::OnceCell;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Longer words are not English and are not stemmed.
const LONGEST: usize = 32;

/// Computes the stem hashes of words. It removes English endings from words of ASCII letters and
/// leaves all other words as they are.
///
/// It remembers the words it has seen, because most words of a post occur more than once.
#[derive(Default)]
pub(crate) struct Stems {
    stemmer: OnceCell<Stemmer>,
    seen: FxHashMap<u64, u64>,
}

impl Stems {
    /// The stem hash of one normalised word.
    pub(crate) fn hash(&mut self, word: &str) -> u64 {
        let bytes = word.as_bytes();
        let plain = xxh3_64(bytes);
        if !(3..=LONGEST).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_lowercase) {
            return plain;
        }
        let stemmer = self.stemmer.get_or_init(|| Stemmer::create(Algorithm::English));
        *self.seen.entry(plain).or_insert_with(|| xxh3_64(stemmer.stem(word).as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_endings_do_not_count() {
        let mut stems = Stems::default();
        assert_eq!(stems.hash("posts"), stems.hash("post"));
        assert_eq!(stems.hash("baking"), stems.hash("baked"));
        assert_ne!(stems.hash("rust"), stems.hash("ruby"));
        assert_eq!(stems.hash("お知らせ"), xxh3_64("お知らせ".as_bytes()));
        assert_eq!(stems.hash("c++"), xxh3_64(b"c++"));
    }
}
