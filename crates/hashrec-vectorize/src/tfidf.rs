//! TF-IDF.

use hashrec_storage::{Bytes, Part, PartWriter, Table};
use serde::{Deserialize, Serialize};

use crate::{SparseVector, VectorizeError, Vocabulary, VocabularyBuilder, parameters::within};

const KIND: &str = "tfidf";
const VERSION: u32 = 1;

/// The weight of a feature that occurs in `df` of `documents` posts: ln((1 + n) / (1 + df)) + 1,
/// the smoothed inverse document frequency.
pub fn inverse_document_frequency(documents: u32, df: u32) -> f32 {
    ((1.0 + documents as f32) / (1.0 + df as f32)).ln() + 1.0
}

/// The weight of `count` occurrences in one post: 1 + ln(count), and 0 for none.
pub fn term_weight(count: u8) -> f32 {
    if count == 0 { 0.0 } else { 1.0 + f32::from(count).ln() }
}

/// Which features a vocabulary holds.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `min_df` | 2 | the number of posts a feature must occur in | |
/// | `small` | 50 | collections with fewer posts use every feature | |
/// | `max_features` | none | the most features; the most frequent ones are used | at least 1 |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TfIdfParams {
    /// The number of posts a feature must occur in.
    pub min_df: u32,
    /// Collections with fewer posts use every feature.
    pub small: u32,
    /// The most features; the most frequent ones are used.
    pub max_features: Option<usize>,
}

impl Default for TfIdfParams {
    fn default() -> Self {
        Self { min_df: 2, small: 50, max_features: None }
    }
}

impl TfIdfParams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`] if `max_features` is 0.
    pub fn check(&self) -> Result<(), VectorizeError> {
        let most = self.max_features.unwrap_or(usize::MAX);
        within("max_features", most, 1..=usize::MAX, "at least 1, or none")
    }

    /// The number of posts a feature must occur in, in a collection of `documents` posts.
    pub fn min_df_of(&self, documents: u32) -> u32 {
        if documents < self.small { 1 } else { self.min_df }
    }

    /// The vocabulary of the posts counted so far, and in how many posts each feature occurs.
    pub fn vocabulary(&self, builder: VocabularyBuilder) -> (Vocabulary, Vec<u32>) {
        let min_df = self.min_df_of(builder.documents());
        builder.finish(min_df, self.max_features)
    }
}

/// Features weighted by how often they occur in the post and how rare they are in the
/// collection: (1 + ln tf) · (ln((1 + n) / (1 + df)) + 1), scaled to length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct TfIdf {
    documents: u32,
    vocabulary: Vocabulary,
    /// The number of posts in which each column's feature occurs.
    df: Table<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    documents: u32,
}

impl TfIdf {
    /// Learns vocabulary and rarity from the features of posts.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`] if a parameter is out of range.
    pub fn fit<'a>(
        posts: impl IntoIterator<Item = &'a [u64]>,
        params: &TfIdfParams,
    ) -> Result<Self, VectorizeError> {
        params.check()?;
        let mut builder = VocabularyBuilder::default();
        posts.into_iter().for_each(|features| builder.add(features));
        Ok(Self::from_counts(builder, params))
    }

    /// From the posts counted so far; the parameters were checked.
    pub(crate) fn from_counts(builder: VocabularyBuilder, params: &TfIdfParams) -> Self {
        let documents = builder.documents();
        let (vocabulary, df) = params.vocabulary(builder);
        Self { documents, vocabulary, df: df.into() }
    }

    /// The number of columns.
    pub fn dim(&self) -> usize {
        self.vocabulary.len()
    }

    /// The number of posts it was fitted on.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// The inverse document frequency of a feature. A feature outside the vocabulary occurs in no
    /// post.
    pub fn rarity(&self, feature: u64) -> f32 {
        let column = self.vocabulary.view().find(feature);
        let df = column.and_then(|column| self.df.get(column as usize)).copied().unwrap_or(0);
        inverse_document_frequency(self.documents, df.min(self.documents))
    }

    /// Replaces the content of `out` with the vector of a post's features, of length 1, or empty
    /// if none is known.
    pub fn transform(&self, features: &[u64], out: &mut SparseVector) {
        let mut counts = Vec::new();
        self.vocabulary.view().count(features, &mut counts);
        out.clear();
        for (column, count) in counts {
            let Some(&df) = self.df.get(column as usize) else { continue };
            let idf = inverse_document_frequency(self.documents, df.min(self.documents));
            out.push(column, term_weight(count) * idf);
        }
        out.normalize();
    }

    /// Writes one part.
    ///
    /// # Errors
    /// [`VectorizeError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, VectorizeError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { documents: self.documents })?;
        self.write_tables(&mut writer)?;
        Ok(writer.to_bytes()?)
    }

    /// Writes all but the header, for parts that hold more than this.
    pub(crate) fn write_tables(&self, writer: &mut PartWriter) -> Result<(), VectorizeError> {
        let vocabulary = self.vocabulary.view();
        writer.table("starts", vocabulary.starts())?;
        writer.table("keys", vocabulary.keys())?;
        writer.table("df", &self.df)?;
        Ok(())
    }

    /// Reads a part; the tables stay in `bytes`.
    ///
    /// # Errors
    /// [`VectorizeError::Storage`] if it is not a whole part of this kind.
    pub fn read(bytes: Bytes) -> Result<Self, VectorizeError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let Header { documents } = part.header()?;
        Self::read_tables(&part, documents)
    }

    /// Reads what [`write_tables`](Self::write_tables) wrote.
    pub(crate) fn read_tables(part: &Part, documents: u32) -> Result<Self, VectorizeError> {
        let keys = part.table::<u32>("keys")?;
        let df = part.table_of("df", keys.len())?;
        let vocabulary = Vocabulary::from_tables(part.table("starts")?, keys)
            .ok_or_else(|| part.wrong("starts", "doesn't belong to the keys".into()))?;
        Ok(Self { documents, vocabulary, df })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word_feature as word;

    fn small() -> TfIdf {
        let posts = [vec![word("a"), word("b"), word("b")], vec![word("a")], vec![word("c")]];
        TfIdf::fit(posts.iter().map(Vec::as_slice), &TfIdfParams::default()).unwrap()
    }

    #[test]
    fn weights_follow_the_formula() {
        let tfidf = small();
        let mut vector = SparseVector::default();
        tfidf.transform(&[word("a"), word("b"), word("b"), word("unknown")], &mut vector);
        let a = (4.0f32 / 3.0).ln() + 1.0;
        let b = (1.0 + 2.0f32.ln()) * ((4.0f32 / 2.0).ln() + 1.0);
        let length = (a * a + b * b).sqrt();
        let mut weights = vector.weights().to_vec();
        weights.sort_by(f32::total_cmp);
        assert!((weights[0] - a / length).abs() < 1e-6 && (weights[1] - b / length).abs() < 1e-6);
        assert!(tfidf.rarity(word("unknown")) > tfidf.rarity(word("b")));
    }

    #[test]
    fn large_collections_drop_what_occurs_once() {
        let posts: Vec<Vec<u64>> =
            (0..50).map(|i| vec![word("all"), word(&i.to_string())]).collect();
        let fit = |n: usize| {
            TfIdf::fit(posts[..n].iter().map(Vec::as_slice), &TfIdfParams::default()).unwrap()
        };
        assert_eq!((fit(49).dim(), fit(50).dim()), (50, 1));
        let none = TfIdfParams { max_features: Some(0), ..TfIdfParams::default() };
        assert!(TfIdf::fit([], &none).is_err());
    }

    #[test]
    fn survives_writing_and_any_damage() {
        let whole = small().write().unwrap();
        assert_eq!(TfIdf::read(whole.clone().into()).unwrap(), small());
        assert_eq!(whole, small().write().unwrap());
        for len in 0..whole.len() {
            assert!(TfIdf::read(whole[..len].to_vec().into()).is_err());
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            if let Ok(tfidf) = TfIdf::read(bytes.into()) {
                let mut vector = SparseVector::default();
                tfidf.transform(&[word("a"), word("b")], &mut vector);
                assert!(vector.weights().iter().all(|w| w.is_finite()));
                assert!(tfidf.rarity(word("c")).is_finite());
            }
        }
    }
}
