//! Latent semantic vectors: TF-IDF and a truncated singular value decomposition.

#[cfg(feature = "train")]
mod decompose;
#[cfg(feature = "train")]
mod fit;
mod params;
#[cfg(feature = "train")]
#[cfg(test)]
mod tests;

use hashrec_storage::{Bytes, Part, PartWriter, Table};
use hashrec_tokenize::Tokens;
use serde::{Deserialize, Serialize};

use self::params::MAX_DIM;
pub use self::params::TfIdfSvdParams;
use crate::{SparseVector, TfIdf, VectorizeError, Vectorizer, word_feature};

const KIND: &str = "tfidf-svd";
const VERSION: u32 = 1;

/// Numbers of an orthonormal matrix are at most 1; this leaves room for rounding.
const LARGEST: f32 = 1.001;

/// A text's words weighted as [`TfIdf`] does, projected onto the directions in which the posts of
/// a collection differ most (latent semantic analysis), and scaled to length 1.
///
/// The directions are the first right singular vectors of the matrix of the posts' TF-IDF
/// vectors. A collection of few posts or few words may have fewer directions than `dim`; the
/// remaining coordinates are 0. Singular values below 10⁻⁵ of the largest count as 0.
#[derive(Clone, Debug, PartialEq)]
pub struct TfIdfSvd {
    dim: usize,
    tfidf: TfIdf,
    /// For each word its loadings on all components: words × components.
    components: Table<f32>,
    singular_values: Table<f32>,
    explained_variance_ratio: Table<f32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    dim: usize,
    documents: u32,
}

impl TfIdfSvd {
    /// The TF-IDF weighting before the projection; [`word_feature`] is the feature of a word.
    pub fn tfidf(&self) -> &TfIdf {
        &self.tfidf
    }

    /// The number of directions found in the collection, at most [`dim`](Vectorizer::dim).
    pub fn components(&self) -> usize {
        self.singular_values.len()
    }

    /// The loadings of the word in a column of [`tfidf`](Self::tfidf), one per component; empty for a
    /// column that does not exist. Over all columns, each component has length 1 and is orthogonal
    /// to the others. Its largest loading is positive.
    pub fn loadings(&self, column: u32) -> &[f32] {
        let width = self.components();
        let start = (column as usize).saturating_mul(width);
        self.components.get(start..start.saturating_add(width)).unwrap_or(&[])
    }

    /// The singular values of the posts' TF-IDF matrix, in descending order, one per component.
    pub fn singular_values(&self) -> &[f32] {
        &self.singular_values
    }

    /// The share of the variance of the posts' TF-IDF vectors that each component explains: the
    /// variance over the posts of their projections on it (before they are scaled to length 1),
    /// divided by the sum of the variances of all columns. Zeros if all posts are equal.
    ///
    /// The decomposition does not center the columns, so the shares need not descend.
    pub fn explained_variance_ratio(&self) -> &[f32] {
        &self.explained_variance_ratio
    }

    /// Writes one part.
    ///
    /// # Errors
    /// [`VectorizeError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, VectorizeError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { dim: self.dim, documents: self.tfidf.documents() })?;
        self.tfidf.write_tables(&mut writer)?;
        writer.table("components", &self.components)?;
        writer.table("singular_values", &self.singular_values)?;
        writer.table("explained_variance_ratio", &self.explained_variance_ratio)?;
        Ok(writer.to_bytes()?)
    }

    /// Reads a part; the tables stay in `bytes`.
    ///
    /// # Errors
    /// [`VectorizeError::Storage`] if it is not a whole part of this kind, or a number in it is
    /// out of range.
    pub fn read(bytes: Bytes) -> Result<Self, VectorizeError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let Header { dim, documents } = part.header()?;
        let tfidf = TfIdf::read_tables(&part, documents)?;
        let singular_values = part.table::<f32>("singular_values")?;
        let width = singular_values.len();
        if width > dim || dim > MAX_DIM {
            let problem = format!("has {width} values for {dim} coordinates of at most {MAX_DIM}");
            return Err(part.wrong("singular_values", problem).into());
        }
        let explained_variance_ratio = part.table_of::<f32>("explained_variance_ratio", width)?;
        let components = part.table_of::<f32>("components", tfidf.dim().saturating_mul(width))?;
        let within = |table: &[f32], from: f32, to: f32| {
            // No early exit: the check runs at the speed of memory.
            table.iter().fold(true, |all, v| all & (from <= *v) & (*v <= to))
        };
        for (name, table, from, to) in [
            ("components", &components, -LARGEST, LARGEST),
            ("singular_values", &singular_values, 0.0, f32::MAX),
            ("explained_variance_ratio", &explained_variance_ratio, 0.0, LARGEST),
        ] {
            if !within(table, from, to) {
                return Err(part.wrong(name, format!("holds numbers not {from} to {to}")).into());
            }
        }
        Ok(Self { dim, tfidf, components, singular_values, explained_variance_ratio })
    }
}

impl Vectorizer for TfIdfSvd {
    fn dim(&self) -> usize {
        self.dim
    }

    fn vectorize(&self, tokens: &Tokens, out: &mut [f32]) {
        let features: Vec<u64> = tokens.texts().map(word_feature).collect();
        let mut vector = SparseVector::default();
        self.tfidf.transform(&features, &mut vector);
        let mut projection = vec![0.0; self.components()];
        for (column, weight) in vector.iter() {
            projection.iter_mut().zip(self.loadings(column)).for_each(|(p, c)| *p += weight * c);
        }
        out.fill(0.0);
        let length = projection.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
        if length > 0.0 {
            let scaled = projection.iter().map(|&v| (f64::from(v) / length) as f32);
            out.iter_mut().zip(scaled).for_each(|(o, v)| *o = v);
        }
    }
}
