//! From a word to the rows of the table whose mean is its vector.

use serde::{Deserialize, Serialize};

use crate::{FloretError, error::parameter, hash::quarters};

/// The hash seed of floret's own tables.
pub(crate) const HASH_SEED: u32 = 2_166_136_261;

/// Longest word, in bytes with its boundary marks, that needs no allocation.
const INLINE: usize = 256;

/// How words are split and hashed: the header of a `.floret` file without `dim`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subwords {
    pub(crate) bucket: u32,
    pub(crate) min_n: u32,
    pub(crate) max_n: u32,
    pub(crate) hash_count: u32,
    pub(crate) hash_seed: u32,
    pub(crate) bow: String,
    pub(crate) eow: String,
}

impl Subwords {
    /// The most rows a table may have.
    pub(crate) const MAX_BUCKET: u32 = 1 << 28;
    /// The longest n-grams.
    pub(crate) const MAX_N: u32 = 64;
    /// The longest boundary mark, in bytes.
    const MAX_MARK: usize = 16;

    /// Checks every value that hashing relies on.
    pub(crate) fn check(&self) -> Result<(), FloretError> {
        parameter((1..=Self::MAX_BUCKET).contains(&self.bucket), "bucket", self.bucket, || {
            format!("1 to {}", Self::MAX_BUCKET)
        })?;
        parameter((1..=4).contains(&self.hash_count), "hash_count", self.hash_count, || {
            "1 to 4".into()
        })?;
        parameter(self.max_n <= Self::MAX_N, "max_n", self.max_n, || {
            format!("0 (whole words only) to {}", Self::MAX_N)
        })?;
        let fits = self.max_n == 0 || (1..=self.max_n).contains(&self.min_n);
        parameter(fits, "min_n", self.min_n, || format!("1 to max_n, which is {}", self.max_n))?;
        for (name, mark) in [("bow", &self.bow), ("eow", &self.eow)] {
            let plain = !mark.is_empty()
                && mark.len() <= Self::MAX_MARK
                && !mark.contains(|c: char| c.is_whitespace() || c.is_control());
            parameter(plain, name, mark, || {
                format!("1 to {} bytes without white space", Self::MAX_MARK)
            })?;
        }
        Ok(())
    }

    /// Calls `row` with each row of `word`, in floret's order and with repeats: first those of the
    /// whole word between its boundary marks, then those of its n-grams, ordered by first character
    /// and length. There is always at least one row, and every row is less than `bucket`.
    pub(crate) fn for_each_row(&self, word: &str, mut row: impl FnMut(usize)) {
        let mut inline = [0u8; INLINE];
        let heap;
        let marked = match self.mark(word, &mut inline) {
            Some(marked) => marked,
            None => {
                heap = [self.bow.as_str(), word, self.eow.as_str()].concat();
                heap.as_bytes()
            }
        };
        self.hash(marked, &mut row);
        for (start, _) in marked.iter().enumerate().filter(|&(_, &b)| starts_character(b)) {
            let rest = &marked[start..];
            let ends = rest
                .iter()
                .enumerate()
                .skip(1)
                .filter(|&(_, &b)| starts_character(b))
                .map(|(end, _)| end)
                .chain([rest.len()]);
            for (n, end) in (1..=self.max_n).zip(ends) {
                let boundary = n == 1 && (start == 0 || start + end == marked.len());
                if n >= self.min_n && !boundary {
                    self.hash(&rest[..end], &mut row);
                }
            }
        }
    }

    /// The number of rows that [`for_each_row`](Self::for_each_row) gives: at least 1.
    pub(crate) fn row_count(&self, word: &str) -> usize {
        let characters: usize =
            [&self.bow, word, &self.eow].iter().map(|piece| piece.chars().count()).sum();
        let longest = characters.min(self.max_n as usize);
        let n_grams: usize = (self.min_n as usize..=longest)
            .filter(|&n| n > 0)
            .map(|n| if n == 1 { characters - 2 } else { characters - n + 1 })
            .sum();
        self.hash_count as usize * (1 + n_grams)
    }

    /// `word` between its boundary marks, in `buffer`; `None` if it doesn't fit.
    fn mark<'b>(&self, word: &str, buffer: &'b mut [u8; INLINE]) -> Option<&'b [u8]> {
        let mut len = 0;
        for piece in [self.bow.as_bytes(), word.as_bytes(), self.eow.as_bytes()] {
            buffer.get_mut(len..len + piece.len())?.copy_from_slice(piece);
            len += piece.len();
        }
        buffer.get(..len)
    }

    fn hash(&self, bytes: &[u8], row: &mut impl FnMut(usize)) {
        for quarter in quarters(bytes, self.hash_seed).iter().take(self.hash_count as usize) {
            row((quarter % self.bucket) as usize);
        }
    }
}

/// Whether a UTF-8 byte is the first of a character.
fn starts_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn subwords(min_n: u32, max_n: u32, hash_count: u32) -> Subwords {
        Subwords {
            bucket: 1000,
            min_n,
            max_n,
            hash_count,
            hash_seed: HASH_SEED,
            bow: "<".into(),
            eow: ">".into(),
        }
    }

    fn rows(subwords: &Subwords, word: &str) -> Vec<usize> {
        let mut rows = Vec::new();
        subwords.for_each_row(word, |row| rows.push(row));
        rows
    }

    #[test]
    fn rows_are_counted_without_hashing() {
        for (min_n, max_n) in [(0, 0), (1, 1), (1, 4), (2, 3), (3, 6), (5, 64)] {
            let s = subwords(min_n, max_n, 2);
            for word in ["", "a", "猫", "ab", "猫犬鳥", "abcdefgh", &"長い".repeat(200)] {
                assert_eq!(s.row_count(word), rows(&s, word).len(), "{min_n} {max_n} {word}");
            }
        }
    }

    fn rows_of_pieces(subwords: &Subwords, pieces: &[&str]) -> Vec<usize> {
        let mut rows = Vec::new();
        for piece in pieces {
            subwords.hash(piece.as_bytes(), &mut |row| rows.push(row));
        }
        rows
    }

    #[test]
    fn n_grams_are_of_characters_in_order_of_start_and_length() {
        let s = subwords(2, 3, 2);
        let pieces = ["<猫a>", "<猫", "<猫a", "猫a", "猫a>", "a>"];
        assert_eq!(rows(&s, "猫a"), rows_of_pieces(&s, &pieces));
    }

    #[test]
    fn a_boundary_mark_alone_is_no_n_gram() {
        let s = subwords(1, 1, 1);
        assert_eq!(rows(&s, "ab"), rows_of_pieces(&s, &["<ab>", "a", "b"]));
        assert_eq!(rows(&s, ""), rows_of_pieces(&s, &["<>"]));
    }

    #[test]
    fn without_n_grams_only_the_word_is_hashed() {
        let s = subwords(0, 0, 4);
        assert_eq!(rows(&s, "word"), rows_of_pieces(&s, &["<word>"]));
    }

    #[test]
    fn long_words_are_cut_as_short_ones_are() {
        let s = subwords(3, 6, 2);
        let word = "長い".repeat(500);
        let marked = format!("<{word}>");
        let characters: Vec<char> = marked.chars().collect();
        let mut pieces = vec![marked.clone()];
        for start in 0..characters.len() {
            for n in 3..=6.min(characters.len() - start) {
                pieces.push(characters[start..start + n].iter().collect());
            }
        }
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        assert_eq!(rows(&s, &word), rows_of_pieces(&s, &pieces));
    }

    #[test]
    fn bad_settings_are_named() {
        for (bad, name) in [
            (Subwords { bucket: 0, ..subwords(3, 6, 1) }, "bucket"),
            (Subwords { bucket: u32::MAX, ..subwords(3, 6, 1) }, "bucket"),
            (subwords(3, 6, 0), "hash_count"),
            (subwords(3, 6, 5), "hash_count"),
            (subwords(3, 65, 1), "max_n"),
            (subwords(4, 3, 1), "min_n"),
            (subwords(0, 3, 1), "min_n"),
            (Subwords { bow: String::new(), ..subwords(3, 6, 1) }, "bow"),
            (Subwords { eow: "a b".into(), ..subwords(3, 6, 1) }, "eow"),
        ] {
            let message = bad.check().unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
        assert!(subwords(0, 0, 1).check().is_ok());
    }
}
