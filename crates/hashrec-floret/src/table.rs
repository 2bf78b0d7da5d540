//! The table and the vectors it gives.

use std::fmt;

use hashrec_storage::Table;

use crate::{FloretError, error::parameter, subwords::Subwords};

/// A floret table: `bucket` rows of `dim` values, and the hashing that maps words to rows.
///
/// The vector of a word is the mean of its rows: `hash_count` rows for the whole word, and as many
/// for each of its character n-grams. Every string therefore has a vector, including unseen words,
/// misspellings and the empty string.
///
/// Clones share the values, which may be a memory map.
#[derive(Clone, PartialEq)]
pub struct FloretTable {
    subwords: Subwords,
    dim: usize,
    rows: Table<f32>,
}

impl FloretTable {
    /// The largest `dim`.
    pub(crate) const MAX_DIM: usize = 1 << 14;
    /// The largest magnitude of a value, chosen so that sums over a word's rows stay finite.
    const MAX_VALUE: f32 = 1e30;

    /// A table of `bucket * dim` values, which must be [sane](Self::is_sane).
    pub(crate) fn new(subwords: Subwords, dim: usize, rows: Table<f32>) -> Self {
        Self { subwords, dim, rows }
    }

    /// Whether a table may contain this value: finite and not absurdly large.
    pub(crate) fn is_sane(value: f32) -> bool {
        value.abs() <= Self::MAX_VALUE
    }

    /// The length of a vector.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The number of rows.
    pub fn bucket(&self) -> usize {
        self.subwords.bucket as usize
    }

    pub(crate) fn subwords(&self) -> &Subwords {
        &self.subwords
    }

    pub(crate) fn rows(&self) -> &Table<f32> {
        &self.rows
    }

    /// Writes the vector of `word` to `out`, which should have length [`dim`](Self::dim). A shorter
    /// slice receives the first values; a longer one is padded with zeros.
    ///
    /// Doesn't allocate for words of up to about 250 bytes.
    pub fn word_vector(&self, word: &str, out: &mut [f32]) {
        out.fill(0.0);
        self.add_rows(word, 1.0, out);
        scale(out, 1.0 / self.subwords.row_count(word) as f32);
    }

    /// Adds `weight` times the vector of `word` to the first [`dim`](Self::dim) values of `out`.
    ///
    /// Doesn't allocate for words of up to about 250 bytes.
    pub fn add_word_vector(&self, word: &str, weight: f32, out: &mut [f32]) {
        self.add_rows(word, weight / self.subwords.row_count(word) as f32, out);
    }

    /// The mean of the words' vectors; zeros if there are no words.
    pub fn mean_vector<W: AsRef<str>>(&self, words: impl IntoIterator<Item = W>) -> Vec<f32> {
        let mut mean = vec![0.0; self.dim];
        let mut count = 0usize;
        for word in words {
            self.add_word_vector(word.as_ref(), 1.0, &mut mean);
            count += 1;
        }
        scale(&mut mean, 1.0 / count.max(1) as f32);
        mean
    }

    /// The mean of the words' vectors after scaling each to length 1, which floret calls a sentence
    /// vector. Words whose vector is zero are ignored; the result is zero if no words remain.
    pub fn sentence_vector<W: AsRef<str>>(&self, words: impl IntoIterator<Item = W>) -> Vec<f32> {
        let mut sum = vec![0.0; self.dim];
        let mut vector = vec![0.0; self.dim];
        let mut count = 0usize;
        for word in words {
            self.word_vector(word.as_ref(), &mut vector);
            let norm = norm(&vector);
            if norm > 0.0 {
                for (s, v) in sum.iter_mut().zip(&vector) {
                    *s += v / norm;
                }
                count += 1;
            }
        }
        scale(&mut sum, 1.0 / count.max(1) as f32);
        sum
    }

    /// Adds `weight` times each row of `word` to `out`.
    fn add_rows(&self, word: &str, weight: f32, out: &mut [f32]) {
        self.subwords.for_each_row(word, |row| {
            let row = self.rows.get(row * self.dim..).unwrap_or_default();
            for (o, r) in out.iter_mut().zip(row.iter().take(self.dim)) {
                *o += weight * r;
            }
        });
    }
}

/// Euclidean length, in double precision so that no finite vector overflows.
fn norm(vector: &[f32]) -> f32 {
    vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt() as f32
}

fn scale(vector: &mut [f32], factor: f32) {
    for v in vector {
        *v *= factor;
    }
}

impl fmt::Debug for FloretTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FloretTable")
            .field("dim", &self.dim)
            .field("subwords", &self.subwords)
            .finish_non_exhaustive()
    }
}

/// The number of values of a table, or an error if a table can't have that size.
pub(crate) fn size(bucket: u32, dim: usize) -> Result<usize, FloretError> {
    parameter((1..=FloretTable::MAX_DIM).contains(&dim), "dim", dim, || {
        format!("1 to {}", FloretTable::MAX_DIM)
    })?;
    let size = (bucket as usize).checked_mul(dim).filter(|&n| n <= 1 << 34);
    let fits = size.is_some_and(|n| n.checked_mul(size_of::<f32>()).is_some());
    parameter(fits, "bucket", bucket, || format!("at most 2^34 values in all, with dim {dim}"))?;
    Ok(size.unwrap_or_default())
}
