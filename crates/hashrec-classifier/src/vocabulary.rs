//! The words that have a vector of their own.

use std::cmp::Ordering;

use hashrec_storage::{Part, PartWriter, StorageError, Table};

/// The number of every word that isn't in the vocabulary.
pub(crate) const UNKNOWN: u32 = 0;

/// Words in byte order; a word's number is its position + 1, and 0 is the unknown word.
///
/// The words stay in the (mapped) file and are found by bisection, so that loading costs nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    /// All words, one after the other, as UTF-8.
    text: Table<u8>,
    /// Where every word ends in `text`.
    ends: Table<u32>,
}

impl Vocabulary {
    /// Of words given in byte order; `None` if their text is longer than the format can number.
    #[cfg(feature = "train")]
    pub(crate) fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let (mut text, mut ends) = (Vec::new(), Vec::new());
        for word in words {
            text.extend_from_slice(word.as_bytes());
            ends.push(u32::try_from(text.len()).ok()?);
        }
        Some(Self { text: text.into(), ends: ends.into() })
    }

    /// The number of words, the unknown one not counted.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The words in byte order.
    #[cfg(feature = "train")]
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| std::str::from_utf8(self.bytes(at)).unwrap_or_default())
    }

    /// The bytes of the word at that position; empty if the table doesn't hold it.
    fn bytes(&self, position: usize) -> &[u8] {
        let end = |i: usize| self.ends.get(i).map_or(0, |&end| end as usize);
        let start = position.checked_sub(1).map_or(0, end);
        self.text.get(start..end(position)).unwrap_or_default()
    }

    /// The word's number, or [`UNKNOWN`].
    pub(crate) fn number(&self, word: &str) -> u32 {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.bytes(middle).cmp(word.as_bytes()) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return middle as u32 + 1,
            }
        }
        UNKNOWN
    }

    /// The numbers of a post's first `max_words` words; a post without words is one unknown word.
    pub(crate) fn encode<'a>(
        &self,
        words: impl IntoIterator<Item = &'a str>,
        max_words: usize,
    ) -> Vec<u32> {
        let mut numbers: Vec<u32> =
            words.into_iter().take(max_words).map(|word| self.number(word)).collect();
        if numbers.is_empty() {
            numbers.push(UNKNOWN);
        }
        numbers
    }

    pub(crate) fn write(&self, writer: &mut PartWriter) -> Result<(), StorageError> {
        writer.table("words.text", &self.text)?.table("words.ends", &self.ends)?;
        Ok(())
    }

    /// Reads what [`write`](Self::write) wrote; the words must be UTF-8, in byte order and distinct.
    pub(crate) fn read(part: &Part) -> Result<Self, StorageError> {
        let vocabulary = Self { text: part.table("words.text")?, ends: part.table("words.ends")? };
        let wrong = |problem: &str| part.wrong("words.ends", problem.to_owned());
        if vocabulary.ends.len() >= u32::MAX as usize {
            return Err(wrong("has too many words"));
        }
        if vocabulary.ends.last().map_or(0, |&end| end as usize) != vocabulary.text.len() {
            return Err(wrong("doesn't end where the text ends"));
        }
        if vocabulary.ends.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(wrong("falls"));
        }
        for position in 0..vocabulary.len() {
            let word = vocabulary.bytes(position);
            if std::str::from_utf8(word).is_err() {
                return Err(part.wrong("words.text", format!("word {position} isn't UTF-8")));
            }
            if position > 0 && vocabulary.bytes(position - 1) >= word {
                return Err(part.wrong("words.text", format!("word {position} is out of order")));
            }
        }
        Ok(vocabulary)
    }
}

#[cfg(feature = "train")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_word_and_only_those() {
        let words = ["c++", "rust", "rusty", "新機能", "説明会"];
        let vocabulary = Vocabulary::new(words).unwrap();
        for (i, word) in words.iter().enumerate() {
            assert_eq!(vocabulary.number(word), i as u32 + 1);
        }
        for absent in ["", "a", "rus", "rustya", "龠"] {
            assert_eq!(vocabulary.number(absent), UNKNOWN);
        }
        assert_eq!(Vocabulary::default().number("rust"), UNKNOWN);
    }

    #[test]
    fn encodes_the_first_words_and_never_nothing() {
        let vocabulary = Vocabulary::new(["a", "b"]).unwrap();
        assert_eq!(vocabulary.encode(["b", "x", "a", "a"], 3), [2, UNKNOWN, 1]);
        assert_eq!(vocabulary.encode([], 3), [UNKNOWN]);
    }
}
