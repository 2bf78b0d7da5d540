//! The mean of the words' floret vectors.

use std::sync::Arc;

use hashrec_floret::FloretTable;
use hashrec_tokenize::Tokens;

use crate::{TfIdf, Vectorizer, word_feature};

/// The mean of the words' floret vectors, scaled to length 1.
///
/// Each word's vector is scaled to length 1 first, as floret does for sentences, so that frequent
/// words (short vectors) and rare ones weigh the same; [`with_rarity`](Self::with_rarity) makes rare
/// ones weigh more.
#[derive(Clone)]
pub struct FloretMean {
    table: FloretTable,
    rarity: Option<Arc<TfIdf>>,
}

impl FloretMean {
    /// Means of the vectors of `table`.
    pub fn new(table: FloretTable) -> Self {
        Self { table, rarity: None }
    }

    /// Weighs each word by its inverse document frequency in the collection that `rarity` was
    /// fitted on ([`word_feature`] is the feature of a word).
    pub fn with_rarity(self, rarity: Arc<TfIdf>) -> Self {
        Self { rarity: Some(rarity), ..self }
    }

    /// The table.
    pub fn table(&self) -> &FloretTable {
        &self.table
    }
}

impl Vectorizer for FloretMean {
    fn dim(&self) -> usize {
        self.table.dim()
    }

    fn vectorize(&self, tokens: &Tokens, out: &mut [f32]) {
        out.fill(0.0);
        let mut word = vec![0.0; self.table.dim()];
        for text in tokens.texts() {
            self.table.word_vector(text, &mut word);
            let length = length(&word);
            if length > 0.0 {
                let weight = self.rarity.as_ref().map_or(1.0, |r| r.rarity(word_feature(text)));
                let scale = weight / length;
                out.iter_mut().zip(&word).for_each(|(o, w)| *o += scale * w);
            }
        }
        let length = length(out);
        if length > 0.0 {
            out.iter_mut().for_each(|o| *o /= length);
        }
    }
}

/// Euclidean length; in double precision, so that no finite vector overflows it.
fn length(vector: &[f32]) -> f32 {
    vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt() as f32
}
