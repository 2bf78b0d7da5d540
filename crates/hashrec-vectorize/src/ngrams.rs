//! Character n-grams inside words.

use hashrec_tokenize::Tokens;
use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::{Analyzer, VectorizeError};

/// Marks both ends of a word, so that a prefix differs from the same characters inside a word.
const BOUNDARY: char = ' ';

/// The longest n-gram allowed.
const LONGEST: usize = 16;

/// Character n-grams inside the words of a text. Words are separated by white space, normalized
/// (NFKC), lower-cased and marked at both ends. An n-gram never spans two words.
///
/// A kanji carries more meaning than a Latin letter, so n-grams with a Japanese, Chinese or Korean
/// character are shorter. A word that is no longer than the shortest n-gram is emitted whole, once.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `min`, `max` | 3, 5 | length in characters of n-grams without Japanese script | 1 to 16 |
/// | `japanese_min`, `japanese_max` | 2, 4 | length in characters of n-grams with it | 1 to 16 |
/// | `max_characters` | 600 | characters of the text that are read | |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CharacterNgrams {
    /// Shortest n-gram without Japanese script.
    pub min: usize,
    /// Longest n-gram without Japanese script.
    pub max: usize,
    /// Shortest n-gram with Japanese script.
    pub japanese_min: usize,
    /// Longest n-gram with Japanese script.
    pub japanese_max: usize,
    /// The number of characters of the text that are read.
    pub max_characters: usize,
}

impl Default for CharacterNgrams {
    fn default() -> Self {
        Self { min: 3, max: 5, japanese_min: 2, japanese_max: 4, max_characters: 600 }
    }
}

impl CharacterNgrams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`] if a length is 0, past 16, or a minimum above its maximum.
    pub fn check(&self) -> Result<(), VectorizeError> {
        let check = |name, min: usize, max: usize| {
            if (1..=max).contains(&min) && max <= LONGEST {
                return Ok(());
            }
            let expected = "1 <= min <= max <= 16";
            Err(VectorizeError::Parameter { name, found: format!("{min} to {max}"), expected })
        };
        check("n-gram lengths", self.min, self.max)?;
        check("n-gram lengths in Japanese script", self.japanese_min, self.japanese_max)
    }

    /// Adds the n-grams of one word, boundary marks included; `ends[i]` is the byte after
    /// character `i`.
    fn word(&self, word: &str, ends: &[Ending], out: &mut Vec<u64>) {
        let shortest = self.min.min(self.japanese_min).max(1);
        for length in shortest..=self.max.max(self.japanese_max) {
            for last in length.min(ends.len()) - 1..ends.len() {
                let before = last.checked_sub(length).and_then(|first| ends.get(first));
                let (start, japanese) = before.map_or((0, 0), |end| (end.byte, end.japanese));
                let range = if ends[last].japanese > japanese {
                    self.japanese_min..=self.japanese_max
                } else {
                    self.min..=self.max
                };
                if range.contains(&length) {
                    out.push(xxh3_64(&word.as_bytes()[start..ends[last].byte]));
                }
            }
            if ends.len() <= length {
                break;
            }
        }
    }
}

/// The end of a character in a word.
struct Ending {
    byte: usize,
    /// Japanese characters up to here.
    japanese: usize,
}

impl Analyzer for CharacterNgrams {
    fn features(&self, _tokens: &Tokens, text: &str, out: &mut Vec<u64>) {
        out.clear();
        let end = text.char_indices().nth(self.max_characters).map_or(text.len(), |(end, _)| end);
        let text = ComposingNormalizerBorrowed::new_nfkc().normalize(&text[..end]);
        let mut word = String::new();
        let mut ends: Vec<Ending> = Vec::new();
        let mut push = |character: char| {
            if character.is_whitespace() {
                if ends.len() > 1 {
                    let japanese = ends.last().map_or(0, |end| end.japanese);
                    word.push(BOUNDARY);
                    ends.push(Ending { byte: word.len(), japanese });
                    self.word(&word, &ends, out);
                }
                word.clear();
                ends.clear();
                return;
            }
            if ends.is_empty() {
                word.push(BOUNDARY);
                ends.push(Ending { byte: word.len(), japanese: 0 });
            }
            let before = ends.last().map_or(0, |end| end.japanese);
            word.push(character);
            let japanese = before + usize::from(is_japanese(character));
            ends.push(Ending { byte: word.len(), japanese });
        };
        for character in text.chars() {
            // What has no case needs no search through Unicode's tables.
            if character.is_ascii() {
                push(character.to_ascii_lowercase());
            } else if is_japanese(character) {
                push(character);
            } else {
                character.to_lowercase().for_each(&mut push);
            }
        }
        push(' ');
    }
}

/// Whether a character belongs to a script whose characters carry much meaning: kana, Chinese
/// characters or Hangul syllables. Prolonged sound marks and iteration marks belong to these blocks.
fn is_japanese(character: char) -> bool {
    matches!(character as u32,
        0x3005..=0x3007
        | 0x3040..=0x30ff
        | 0x31f0..=0x31ff
        | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn features(text: &str) -> Vec<u64> {
        let mut out = Vec::new();
        CharacterNgrams::default().features(&Tokens::default(), text, &mut out);
        out.sort_unstable();
        out
    }

    fn hashes(ngrams: &[&str]) -> Vec<u64> {
        let mut out: Vec<u64> = ngrams.iter().map(|ngram| xxh3_64(ngram.as_bytes())).collect();
        out.sort_unstable();
        out
    }

    #[test]
    fn latin_words_give_three_to_five() {
        assert_eq!(
            features("Rust go"),
            hashes(&[
                " ru", "rus", "ust", "st ", " rus", "rust", "ust ", " rust", "rust ", " go", "go ",
                " go "
            ])
        );
        assert_eq!(features("a"), hashes(&[" a "]));
    }

    #[test]
    fn japanese_script_gives_two_to_four() {
        assert_eq!(features("新機"), hashes(&[" 新", "新機", "機 ", " 新機", "新機 ", " 新機 "]));
        // A window is of Japanese script if any of its characters is.
        assert_eq!(
            features("ai新"),
            hashes(&["i新", "新 ", " ai", "ai新", "i新 ", " ai新", "ai新 "])
        );
    }

    #[test]
    fn width_and_case_are_folded_and_the_text_is_cut() {
        assert_eq!(features("ＲＵＳＴ ｶﾅ"), features("rust\nカナ"));
        let short = CharacterNgrams { max_characters: 4, ..CharacterNgrams::default() };
        let mut out = Vec::new();
        short.features(&Tokens::default(), "rust is cut", &mut out);
        out.sort_unstable();
        assert_eq!(out, features("rust"));
    }

    #[test]
    fn japanese_characters_have_no_case() {
        for character in ('\0'..=char::MAX).filter(|&c| is_japanese(c)) {
            assert!(character.to_lowercase().eq([character]), "{character}");
        }
    }

    #[test]
    fn bad_lengths_are_named() {
        let bad = CharacterNgrams { min: 0, ..CharacterNgrams::default() };
        assert!(bad.check().unwrap_err().to_string().contains("n-gram"));
        let bad = CharacterNgrams { japanese_max: 1, ..CharacterNgrams::default() };
        assert!(bad.check().is_err());
        assert!(CharacterNgrams::default().check().is_ok());
    }

    proptest! {
        #[test]
        fn no_text_and_no_parameter_panics(
            text in "\\PC{0,40}",
            min in 0usize..6, max in 0usize..6, japanese_min in 0usize..6, japanese_max in 0usize..6,
        ) {
            let ngrams =
                CharacterNgrams { min, max, japanese_min, japanese_max, max_characters: 30 };
            ngrams.features(&Tokens::default(), &text, &mut Vec::new());
        }
    }
}
