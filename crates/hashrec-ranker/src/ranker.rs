//! A trained ranker: a forest, the names of its features, and their importance.

use hashrec_storage::{Bytes, Part, PartWriter};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::{
    Columns, Forest, ForestScratch, RankerError, error::expect_equal, forest::ForestHeader,
};

/// Kind and format version of a ranker's part.
const KIND: &str = "ranker";
const VERSION: u32 = 1;

/// The importance of a feature in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Importance {
    /// Name of the feature.
    pub feature: String,
    /// Sum of the gains of the splits on the feature.
    pub gain: f64,
    /// Number of splits on the feature.
    pub splits: u64,
}

/// A summary of a ranker's training.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RankerSummary {
    /// Number of posts used, including held-out ones.
    pub posts: usize,
    /// Number of posts left out because they have no candidates or, with lambda-rank, no gold
    /// candidate.
    pub skipped_posts: usize,
    /// Number of posts held out for validation.
    pub held_out_posts: usize,
    /// Number of rows of the posts used, after sampling negatives.
    pub rows: usize,
    /// Number of gold rows among those.
    pub positives: usize,
    /// Number of trees.
    pub trees: usize,
    /// The metric on the held-out posts with that many trees: log loss for binary, NDCG@10 for
    /// lambda-rank.
    pub validation: Option<f64>,
}

/// Scores the candidates of a post: a forest and the names of the features it was trained on.
///
/// Immutable, `Send + Sync` and free of locks. Clones share the tables.
#[derive(Debug, Clone)]
pub struct Ranker {
    forest: Forest,
    head: Head,
}

/// A ranker's part, except for the forest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) schema_version: u32,
    pub(crate) feature_names: Vec<String>,
    /// In the order of the features.
    pub(crate) importance: Vec<Importance>,
    pub(crate) training: Option<RankerSummary>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    ranker: Head,
    forest: ForestHeader,
}

impl Ranker {
    /// Makes a ranker of a model trained elsewhere.
    ///
    /// # Errors
    /// [`RankerError::Shape`] unless there is one name per feature.
    pub fn new(
        forest: Forest,
        feature_names: Vec<String>,
        schema_version: u32,
    ) -> Result<Self, RankerError> {
        let (importance, training) = (Vec::new(), None);
        Self::assemble(forest, Head { schema_version, feature_names, importance, training })
    }

    pub(crate) fn assemble(forest: Forest, head: Head) -> Result<Self, RankerError> {
        expect_equal("feature names", forest.features(), head.feature_names.len())?;
        if !head.importance.is_empty() {
            expect_equal("feature importances", forest.features(), head.importance.len())?;
        }
        Ok(Self { forest, head })
    }

    /// Writes one score per row to `out`, replacing its content; higher is better. `rows` has shape
    /// `[rows, features]`, with NaN for missing values. With [`Objective::Binary`] scores are
    /// probabilities; with [`Objective::LambdaRank`] they only order the candidates of one post.
    ///
    /// [`Objective::Binary`]: crate::Objective::Binary
    /// [`Objective::LambdaRank`]: crate::Objective::LambdaRank
    ///
    /// # Errors
    /// [`RankerError::Shape`] for a wrong number of columns.
    pub fn score(&self, rows: ArrayView2<'_, f32>, out: &mut Vec<f64>) -> Result<(), RankerError> {
        self.score_with(rows, &mut ForestScratch::default(), out)
    }

    /// Like [`Ranker::score`], with buffers from earlier calls: once these are large enough,
    /// nothing is allocated for rows in standard layout (row-major and contiguous).
    ///
    /// # Errors
    /// Those of [`Ranker::score`].
    pub fn score_with(
        &self,
        rows: ArrayView2<'_, f32>,
        scratch: &mut ForestScratch,
        out: &mut Vec<f64>,
    ) -> Result<(), RankerError> {
        out.clear();
        out.resize(rows.nrows(), 0.0);
        self.forest.predict_with(rows, scratch, out)?;
        self.forest.transform(out);
        Ok(())
    }

    /// Names of the features, in the order of a row's columns.
    pub fn feature_names(&self) -> &[String] {
        &self.head.feature_names
    }

    /// Version of the features that the ranker was trained on.
    pub fn schema_version(&self) -> u32 {
        self.head.schema_version
    }

    /// Importance of the features, in their order; empty for a model trained elsewhere.
    pub fn importance(&self) -> &[Importance] {
        &self.head.importance
    }

    /// Summary of the training; `None` for a model trained elsewhere.
    pub fn training(&self) -> Option<&RankerSummary> {
        self.head.training.as_ref()
    }

    /// The forest that computes the scores.
    pub fn forest(&self) -> &Forest {
        &self.forest
    }

    /// Checks that the caller computes exactly the features that the ranker was trained on.
    ///
    /// # Errors
    /// [`RankerError::Features`] with the first difference.
    pub fn expect_features(&self, names: &[&str]) -> Result<(), RankerError> {
        let own = &self.head.feature_names;
        let same = own.iter().zip(names).take_while(|(a, b)| a == *b).count();
        if same == own.len() && same == names.len() {
            return Ok(());
        }
        Err(self.other_features(same, names))
    }

    /// The error of features that differ from the ranker's at a position.
    fn other_features(&self, position: usize, names: &[&str]) -> RankerError {
        let expected = self.head.feature_names.get(position).cloned();
        let found = names.get(position).map(|&name| name.to_owned());
        RankerError::Features { position, expected, found }
    }

    /// Finds the ranker's columns in rows of these features, which may have others too: features may
    /// have been added since the ranker was trained.
    ///
    /// # Errors
    /// [`RankerError::Features`] with the first feature that is missing in `names`.
    pub fn columns_among(&self, names: &[&str]) -> Result<Columns, RankerError> {
        Columns::find(&self.head.feature_names, names)
            .map_err(|position| self.other_features(position, names))
    }

    /// Checks that the caller computes the version of the features that the ranker was trained on.
    ///
    /// # Errors
    /// [`RankerError::Schema`].
    pub fn expect_schema_version(&self, version: u32) -> Result<(), RankerError> {
        let found = self.head.schema_version;
        if found == version {
            return Ok(());
        }
        Err(RankerError::Schema { expected: version, found })
    }

    /// Encodes the ranker as one part. Equal rankers give equal bytes.
    ///
    /// # Errors
    /// [`RankerError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, RankerError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { ranker: self.head.clone(), forest: self.forest.header() })?;
        self.forest.write_tables(&mut writer)?;
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`Ranker::write`] wrote. Values are checked but not copied out of `bytes`.
    ///
    /// # Errors
    /// [`RankerError::Storage`], [`RankerError::Model`], [`RankerError::Tree`] or
    /// [`RankerError::Shape`].
    pub fn read(bytes: Bytes) -> Result<Self, RankerError> {
        let part = Part::parse(bytes, KIND, VERSION)?;
        let header: Header = part.header()?;
        Self::assemble(Forest::read_tables(&part, header.forest)?, header.ranker)
    }
}
