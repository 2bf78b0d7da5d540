//! What a word is counted as: the hash of its stem.

use std::cell::OnceCell;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Longer words are not English; they count as they are.
const LONGEST: usize = 32;

/// Gives words their stem hashes. English endings are removed from words of ASCII letters; any
/// other word counts as it is.
///
/// Remembers the words it has seen: in a post most words come more than once.
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
