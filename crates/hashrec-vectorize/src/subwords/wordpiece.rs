//! WordPiece: the longest piece that a word begins with, then the longest that the rest begins
//! with, and so on. A word that can't be spelled so is unknown as a whole.

use serde::{Deserialize, Serialize};

use super::vocabulary::Vocabulary;
use crate::{VectorizeError, json_field::Field};

/// The settings of a WordPiece model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordPiece {
    /// What stands before pieces inside a word.
    inside: String,
    /// Words of more characters are unknown.
    longest: u32,
}

impl WordPiece {
    pub(super) fn parse(model: &Field<'_>) -> Result<Self, VectorizeError> {
        Ok(Self {
            inside: model.get("continuing_subword_prefix").text()?.to_owned(),
            longest: model.get("max_input_chars_per_word").number(u32::MAX)?,
        })
    }

    /// Appends the tokens of a word.
    pub(super) fn tokens(&self, vocabulary: Vocabulary<'_>, word: &str, out: &mut Vec<u32>) {
        let Vocabulary { trie, unknown, .. } = vocabulary;
        let before = out.len();
        let longest = self.longest as usize;
        let is_short = word.len() <= longest || word.chars().count() <= longest;
        let inside = trie.walk(trie.root(), self.inside.as_bytes());
        let mut place = Some(trie.root());
        let mut rest = word.as_bytes();
        while !rest.is_empty() {
            let found =
                place.filter(|_| is_short).and_then(|from| trie.prefixes(from, rest).last());
            let Some((len, token)) = found else {
                out.truncate(before);
                out.push(unknown);
                return;
            };
            out.push(token);
            rest = rest.get(len..).unwrap_or_default();
            place = inside;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{build_trie::build_trie, trie::Trie},
        *,
    };

    #[test]
    fn words_are_cut_into_the_longest_pieces() {
        let keys: [(&[u8], u32); 5] =
            [(b"##able", 3), (b"##aff", 2), (b"##afford", 9), (b"un", 1), (b"unit", 4)];
        let units = build_trie(&keys);
        let model = WordPiece { inside: "##".to_owned(), longest: 9 };
        let tokens = |word: &str| {
            let mut tokens = vec![7];
            let vocabulary = Vocabulary { trie: Trie(&units), scores: &[], unknown: 0 };
            model.tokens(vocabulary, word, &mut tokens);
            tokens.split_off(1)
        };
        assert_eq!(tokens("unaffable"), [1, 2, 3]);
        assert_eq!(tokens("unit"), [4]);
        assert_eq!(tokens("unafford"), [1, 9]);
        // Not un, ##it: the longest piece first, and then there is no way on.
        assert_eq!(tokens("unita"), [0]);
        assert_eq!(tokens("able"), [0]);
        assert_eq!(tokens(&"un".repeat(5)), [0]);
        assert_eq!(tokens(""), [0u32; 0]);
    }
}
