//! The training text as word numbers.

use rustc_hash::FxHashMap;

use crate::FloretError;

/// The training text: its vocabulary, and its sentences as numbers of vocabulary words.
pub(super) struct Text {
    /// Words by descending count, ties in byte order.
    pub(super) vocabulary: Vec<Box<str>>,
    /// Number of occurrences of each word.
    pub(super) counts: Vec<u64>,
    /// Tokens read, rare words included: the total that subsampling relates counts to.
    pub(super) seen: u64,
    /// The words of all sentences in order, without rare words.
    pub(super) tokens: Vec<u32>,
    /// Where each sentence ends in `tokens`.
    pub(super) ends: Vec<usize>,
}

/// Number that stands for a rare word.
const RARE: u32 = u32::MAX;

impl Text {
    /// Reads the sentences and drops words that occur less than `min_count` times.
    pub(super) fn read(
        sentences: impl IntoIterator<Item = impl IntoIterator<Item = impl AsRef<str>>>,
        min_count: u32,
    ) -> Result<Self, FloretError> {
        let mut numbers: FxHashMap<Box<str>, u32> = FxHashMap::default();
        let mut counts: Vec<u64> = Vec::new();
        let (mut tokens, mut ends) = (Vec::new(), Vec::new());
        for sentence in sentences {
            for word in sentence {
                let word = word.as_ref();
                let number = match numbers.get(word) {
                    Some(&number) => number,
                    None => {
                        let number = u32::try_from(counts.len()).ok().filter(|&n| n != RARE);
                        let number = number.ok_or(FloretError::TooMuchText { limit: RARE })?;
                        numbers.insert(word.into(), number);
                        counts.push(0);
                        number
                    }
                };
                counts[number as usize] += 1;
                tokens.push(number);
            }
            ends.push(tokens.len());
            if ends.len() > RARE as usize {
                return Err(FloretError::TooMuchText { limit: RARE });
            }
        }
        let seen = tokens.len() as u64;
        let different = counts.len();

        let mut kept: Vec<(Box<str>, u32)> = numbers
            .into_iter()
            .filter(|&(_, number)| counts[number as usize] >= u64::from(min_count))
            .collect();
        if kept.len() < 2 {
            let (frequent, words) = (kept.len(), different);
            return Err(FloretError::TooLittleText { tokens: seen, words, frequent, min_count });
        }
        let count_of = |number: u32| counts[number as usize];
        kept.sort_unstable_by(|(a, i), (b, j)| count_of(*j).cmp(&count_of(*i)).then(a.cmp(b)));
        let mut renumber = vec![RARE; different];
        for (new, &(_, old)) in kept.iter().enumerate() {
            renumber[old as usize] = new as u32;
        }
        let mut text = Self {
            counts: kept.iter().map(|&(_, number)| count_of(number)).collect(),
            vocabulary: kept.into_iter().map(|(word, _)| word).collect(),
            seen,
            tokens,
            ends,
        };
        text.leave_out_rare(&renumber);
        Ok(text)
    }

    /// Renumbers the tokens in place, dropping rare words and empty sentences.
    fn leave_out_rare(&mut self, renumber: &[u32]) {
        let (mut from, mut to) = (0, 0);
        for end in &mut self.ends {
            while from < *end {
                let number = renumber[self.tokens[from] as usize];
                if number != RARE {
                    self.tokens[to] = number;
                    to += 1;
                }
                from += 1;
            }
            *end = to;
        }
        self.tokens.truncate(to);
        self.tokens.shrink_to_fit();
        self.ends.dedup();
    }

    /// The size of the vocabulary.
    pub(super) fn words(&self) -> usize {
        self.counts.len()
    }

    /// The words of one sentence.
    pub(super) fn sentence(&self, index: usize) -> &[u32] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.tokens[start..self.ends[index]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sentences: &[&str], min_count: u32) -> Result<Text, FloretError> {
        Text::read(sentences.iter().map(|s| s.split_whitespace()), min_count)
    }

    #[test]
    fn numbers_words_by_count_and_leaves_rare_ones_out() {
        let text = read(&["b a rare a", "", "once", "c b a", "c"], 2).unwrap();
        assert_eq!(text.vocabulary, ["a", "b", "c"].map(Box::from));
        assert_eq!(text.counts, [3, 2, 2]);
        assert_eq!(text.seen, 9);
        let sentences: Vec<&[u32]> = (0..text.ends.len()).map(|i| text.sentence(i)).collect();
        assert!(sentences.contains(&&[1, 0, 0][..]) && sentences.contains(&&[2, 1, 0][..]));
        assert_eq!(text.tokens.len(), 7);
    }

    #[test]
    fn too_little_text_says_what_there_was() {
        for sentences in [&[][..], &[""], &["a a a"], &["a b c d"]] {
            let error = read(sentences, 2).err().unwrap();
            assert!(matches!(error, FloretError::TooLittleText { min_count: 2, .. }), "{error}");
        }
    }
}
