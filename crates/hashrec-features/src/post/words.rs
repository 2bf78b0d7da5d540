//! Words to compare by edit distance, with bit sets that rule most of them out cheaply.

/// Longer words are not compared: no hashtag is similar to them.
const LONGEST: usize = 40;

/// Words as characters, in one buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    chars: Vec<char>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    end: u32,
    letters: u64,
}

/// One word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    /// Its characters.
    pub(crate) chars: &'a [char],
    /// One bit for each character in it (several characters share a bit).
    pub(crate) letters: u64,
}

/// One bit for each character: one that only one of two words has costs an edit.
pub(crate) fn letters(chars: &[char]) -> u64 {
    chars.iter().fold(0, |bits, &c| bits | 1 << (c as u32 & 63))
}

impl Words {
    /// Adds a word, unless it is empty or too long.
    pub(crate) fn push(&mut self, word: &str) {
        self.push_pair(word, "");
    }

    /// Adds two words joined.
    pub(crate) fn push_pair(&mut self, left: &str, right: &str) {
        let start = self.chars.len();
        self.chars.extend(left.chars().chain(right.chars()).take(LONGEST + 1));
        let added = self.chars.get(start..).unwrap_or_default();
        if added.is_empty() || added.len() > LONGEST {
            self.chars.truncate(start);
            return;
        }
        let letters = letters(added);
        self.entries.push(Entry { end: self.chars.len() as u32, letters });
    }

    /// The words in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Word<'_>> {
        let mut start = 0;
        self.entries.iter().map(move |entry| {
            let chars = self.chars.get(start..entry.end as usize).unwrap_or_default();
            start = entry.end as usize;
            Word { chars, letters: entry.letters }
        })
    }

    /// Each word once, shortest first.
    pub(crate) fn distinct(&self) -> Self {
        let mut words: Vec<Word<'_>> = self.iter().collect();
        words.sort_unstable_by(|a, b| {
            (a.chars.len(), a.letters, a.chars).cmp(&(b.chars.len(), b.letters, b.chars))
        });
        words.dedup_by(|a, b| a.chars == b.chars);
        let mut distinct = Self::default();
        for word in words {
            distinct.chars.extend_from_slice(word.chars);
            let end = distinct.chars.len() as u32;
            distinct.entries.push(Entry { end, letters: word.letters });
        }
        distinct
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &Words) -> Vec<String> {
        words.iter().map(|word| word.chars.iter().collect()).collect()
    }

    #[test]
    fn each_word_once_shorter_first() {
        let mut words = Words::default();
        for word in ["bread", "a", "", "bread"] {
            words.push(word);
        }
        words.push_pair("新", "機能");
        words.push(&"x".repeat(41));
        assert_eq!(texts(&words), ["bread", "a", "bread", "新機能"]);
        assert_eq!(texts(&words.distinct()), ["a", "新機能", "bread"]);
    }
}
