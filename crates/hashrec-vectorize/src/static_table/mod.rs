//! Static embeddings: a vector for each piece of a vocabulary, and texts as the means of theirs.

mod folder;
mod half;
mod part;
mod rows;
mod save;
#[cfg(test)]
mod tests;

use std::fmt;

use hashrec_storage::Table;

pub use self::rows::Precision;
use self::rows::Rows;
use crate::{
    TextEncoder, TextRole, VectorizeError,
    parameters::within,
    subwords::{Scratch, Subwords},
};

/// The longest vectors.
const MOST_DIM: usize = 1 << 14;
/// Tokens of a text that are read, unless said otherwise.
const MAX_TOKENS: usize = 512;
const TOKENIZER: &str = "tokenizer.json";

/// A table of vectors, one for each piece of a vocabulary. The vector of a text is the mean of its
/// pieces' vectors, scaled to length 1; all zeros if the text has no piece that has a vector.
///
/// Reads the folders of Model2Vec and of sentence-transformers' `StaticEmbedding`. A text is cut
/// into pieces as its `tokenizer.json` says; special tokens around it are left out. The role of a
/// text makes no difference.
///
/// Cloning is cheap: the tables are shared.
#[derive(Clone)]
pub struct StaticTable {
    dim: usize,
    row_count: usize,
    /// The tokens of a text that are read.
    max_tokens: usize,
    /// The characters of a text that are read.
    max_characters: Option<usize>,
    /// What no piece spells counts for nothing, rather than as a piece of its own.
    drops_unknown: bool,
    subwords: Subwords,
    rows: Rows,
    /// For each token how much it weighs, if not all weigh the same.
    weights: Option<Table<f32>>,
    /// For each token its row, if tokens share rows.
    row_of: Option<Table<u32>>,
}

impl StaticTable {
    /// A table with `vectors` of `dim` numbers, one after another, for each token of a tokenizer:
    /// `tokenizer` is the content of a `tokenizer.json`. What no piece spells counts for nothing.
    ///
    /// ```
    /// use hashrec_vectorize::{StaticTable, TextEncoder, TextRole};
    ///
    /// let tokenizer = r###"{
    ///     "normalizer": {"type": "BertNormalizer"},
    ///     "pre_tokenizer": {"type": "BertPreTokenizer"},
    ///     "model": {
    ///         "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
    ///         "max_input_chars_per_word": 100,
    ///         "vocab": {"[UNK]": 0, "cake": 1, "tea": 2, "##s": 3}
    ///     }
    /// }"###;
    /// let vectors = vec![0.0, 0.0, 3.0, 0.0, 0.0, 2.0, 0.0, 0.0];
    /// let table = StaticTable::new(tokenizer.as_bytes(), vectors, 2)?;
    /// assert_eq!(table.token_ids("Cakes, tea"), [1, 3, 0, 2]);
    /// assert_eq!(table.encode(&["Cakes", "TEA", "?"], TextRole::Post)?, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    /// # Ok::<(), hashrec_vectorize::VectorizeError>(())
    /// ```
    ///
    /// # Errors
    /// [`VectorizeError::ModelFile`] or [`VectorizeError::ModelValue`] if the tokenizer is malformed
    /// or not supported, or if there are more or fewer vectors than tokens;
    /// [`VectorizeError::Parameter`] if `dim` is not 1 to 16384.
    pub fn new(tokenizer: &[u8], vectors: Vec<f32>, dim: usize) -> Result<Self, VectorizeError> {
        let subwords = Subwords::from_json(TOKENIZER, tokenizer)?;
        Self::from_subwords(subwords, vectors, dim)
    }

    fn from_subwords(
        subwords: Subwords,
        vectors: Vec<f32>,
        dim: usize,
    ) -> Result<Self, VectorizeError> {
        check_dim(dim)?;
        let expected = subwords.tokens();
        if vectors.len() != expected.saturating_mul(dim) {
            let found = format!("{} numbers", vectors.len());
            let expected = format!("{dim} numbers for each of the tokenizer's {expected} tokens");
            return Err(VectorizeError::model_value(TOKENIZER, "vectors", found, &expected));
        }
        Ok(Self {
            dim,
            row_count: expected,
            max_tokens: MAX_TOKENS,
            max_characters: None,
            drops_unknown: true,
            subwords,
            rows: Rows::Single(vectors.into()),
            weights: None,
            row_of: None,
        })
    }

    /// The same table with more or fewer bits a number. Rounds to the nearest number; bits that are
    /// lost do not come back.
    #[must_use]
    pub fn with_precision(self, precision: Precision) -> Self {
        Self { rows: self.rows.with_precision(precision, self.dim), ..self }
    }

    /// The bits a number.
    pub fn precision(&self) -> Precision {
        self.rows.precision()
    }

    /// The same table, of which each text's first `tokens` tokens are read.
    #[must_use]
    pub fn with_max_tokens(self, tokens: usize) -> Self {
        Self { max_tokens: tokens, ..self }
    }

    /// The number of tokens of the tokenizer.
    pub fn tokens(&self) -> usize {
        self.subwords.tokens()
    }

    /// The tokens of a text, those that are read: cut if it is too long, and without special tokens
    /// around it.
    pub fn token_ids(&self, text: &str) -> Vec<u32> {
        let mut scratch = Scratch::default();
        self.tokenize(text, &mut scratch);
        scratch.tokens
    }

    fn tokenize(&self, text: &str, scratch: &mut Scratch) {
        let cut = self.max_characters.and_then(|most| text.char_indices().nth(most));
        let text = cut.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
        self.subwords.tokenize(text, self.max_tokens, scratch);
    }

    /// Adds up a text's vectors and scales the sum to length 1.
    fn vector(
        &self,
        text: &str,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) -> Result<(), VectorizeError> {
        self.tokenize(text, scratch);
        let dropped = self.drops_unknown.then(|| self.subwords.unknown());
        for &token in scratch.tokens.iter().filter(|&&token| Some(token) != dropped) {
            let token = token as usize;
            let at = |table: &Table<u32>| table.get(token).map_or(usize::MAX, |&row| row as usize);
            let row = self.row_of.as_ref().map_or(token, at);
            let weight =
                self.weights.as_ref().map_or(1.0, |all| all.get(token).copied().unwrap_or(0.0));
            self.rows.add(row, weight, out);
        }
        let length = out.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
        if !length.is_finite() {
            return Err(VectorizeError::NotFinite);
        }
        if length > 0.0 {
            out.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
        }
        Ok(())
    }
}

impl TextEncoder for StaticTable {
    fn dim(&self) -> usize {
        self.dim
    }

    /// # Errors
    /// [`VectorizeError::NotFinite`] if numbers of the table are not finite, or too large to add.
    fn encode(&self, texts: &[&str], _role: TextRole) -> Result<Vec<f32>, VectorizeError> {
        let mut vectors = vec![0.0; texts.len() * self.dim];
        let mut scratch = Scratch::default();
        for (text, out) in texts.iter().zip(vectors.chunks_exact_mut(self.dim)) {
            self.vector(text, &mut scratch, out)?;
        }
        Ok(vectors)
    }
}

impl fmt::Debug for StaticTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticTable")
            .field("dim", &self.dim)
            .field("tokens", &self.tokens())
            .field("precision", &self.precision())
            .field("max_tokens", &self.max_tokens)
            .finish_non_exhaustive()
    }
}

fn check_dim(dim: usize) -> Result<(), VectorizeError> {
    within("dim", dim, 1..=MOST_DIM, "1 to 16384")
}
