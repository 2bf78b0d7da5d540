//! A trained ranker: a forest, the features it was trained on, and what they were worth.

use hashrec_storage::{Bytes, Part, PartWriter};
use serde::{Deserialize, Serialize};

use crate::{Columns, Forest, RankerError, forest::ForestHeader};

/// Kind and newest format version of a ranker's part.
const KIND: &str = "ranker";
const VERSION: u32 = 1;

/// What a feature was worth in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Importance {
    /// The feature.
    pub feature: String,
    /// Sum of the gains of the splits on it.
    pub gain: f64,
    /// Number of splits on it.
    pub splits: u64,
}

/// What a ranker was trained on, and how far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TrainSummary {
    /// Posts that could be learned from, held-out ones included.
    pub posts: usize,
    /// Posts left out: without candidates or, for lambda-rank, without a gold candidate.
    pub skipped_posts: usize,
    /// Posts held out to watch training.
    pub held_out_posts: usize,
    /// Rows of those posts, after negatives were drawn.
    pub rows: usize,
    /// Gold rows among them.
    pub positives: usize,
    /// Trees kept.
    pub trees: usize,
    /// The metric on the held-out posts at that many trees: log loss for binary, NDCG@10 for
    /// lambda-rank.
    pub validation: Option<f64>,
}

/// Scores the candidates of a post: a forest and the names of the features it was trained on.
///
/// `Send + Sync`, immutable, without locks; cloning shares the tables.
#[derive(Debug, Clone)]
pub struct Ranker {
    forest: Forest,
    head: Head,
}

/// What a ranker's part says beside the forest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    schema_version: u32,
    feature_names: Vec<String>,
    /// In the order of the features.
    importance: Vec<Importance>,
    training: Option<TrainSummary>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    ranker: Head,
    forest: ForestHeader,
}

impl Ranker {
    /// A ranker from a forest and the names of its columns, for models trained elsewhere.
    ///
    /// # Errors
    /// [`RankerError::Shape`] if there is not one name per column.
    pub fn new(
        forest: Forest,
        feature_names: Vec<String>,
        schema_version: u32,
    ) -> Result<Self, RankerError> {
        let (importance, training) = (Vec::new(), None);
        Self::assemble(forest, Head { schema_version, feature_names, importance, training })
    }

    fn assemble(forest: Forest, head: Head) -> Result<Self, RankerError> {
        let (expected, found) = (forest.features(), head.feature_names.len());
        if found != expected {
            return Err(RankerError::Shape { what: "feature names", expected, found });
        }
        let found = head.importance.len();
        if found != 0 && found != expected {
            return Err(RankerError::Shape { what: "feature importances", expected, found });
        }
        Ok(Self { forest, head })
    }

    #[cfg(feature = "train")]
    pub(crate) fn trained(
        forest: Forest,
        feature_names: Vec<String>,
        schema_version: u32,
        importance: Vec<Importance>,
        training: TrainSummary,
    ) -> Result<Self, RankerError> {
        let training = Some(training);
        Self::assemble(forest, Head { schema_version, feature_names, importance, training })
    }

    /// Scores rows of one value per feature, row by row (NaN: missing), into `out`, whose old
    /// content is dropped: one score per row, higher is better. For the binary objective the
    /// score is a probability; for lambda-rank it only orders the candidates of one post.
    ///
    /// # Errors
    /// [`RankerError::Shape`] if `rows` is not a whole number of rows.
    pub fn score(&self, rows: &[f32], out: &mut Vec<f64>) -> Result<(), RankerError> {
        let width = self.forest.features();
        if !rows.len().is_multiple_of(width) {
            let expected = rows.len().next_multiple_of(width);
            return Err(RankerError::Shape { what: "rows", expected, found: rows.len() });
        }
        out.clear();
        out.resize(rows.len() / width, 0.0);
        self.forest.predict(rows, width, out)?;
        self.forest.transform(out);
        Ok(())
    }

    /// The features a row must have, in order.
    pub fn feature_names(&self) -> &[String] {
        &self.head.feature_names
    }

    /// Version of the features the ranker was trained on.
    pub fn schema_version(&self) -> u32 {
        self.head.schema_version
    }

    /// What the features were worth in training, in the order of the features; empty for a model
    /// that was trained elsewhere.
    pub fn importance(&self) -> &[Importance] {
        &self.head.importance
    }

    /// What the ranker was trained on; `None` for a model that was trained elsewhere.
    pub fn training(&self) -> Option<&TrainSummary> {
        self.head.training.as_ref()
    }

    /// The forest that computes the scores.
    pub fn forest(&self) -> &Forest {
        &self.forest
    }

    /// Checks that the caller computes the features the ranker was trained on.
    ///
    /// # Errors
    /// [`RankerError::Features`], naming the first difference.
    pub fn expect_features(&self, names: &[&str]) -> Result<(), RankerError> {
        let own = &self.head.feature_names;
        let same = own.iter().zip(names).take_while(|(a, b)| a == *b).count();
        if same == own.len() && same == names.len() {
            return Ok(());
        }
        Err(RankerError::Features {
            position: same,
            expected: own.get(same).cloned(),
            found: names.get(same).map(|&name| name.to_owned()),
        })
    }

    /// The ranker's columns in the rows of a caller who computes these features, of which it may
    /// know fewer: features may have been added since it was trained.
    ///
    /// # Errors
    /// [`RankerError::Features`], naming the first feature that the caller doesn't compute.
    pub fn columns_among(&self, names: &[&str]) -> Result<Columns, RankerError> {
        let own = &self.head.feature_names;
        Columns::find(own, names).map_err(|position| RankerError::Features {
            position,
            expected: own.get(position).cloned(),
            found: names.get(position).map(|&name| name.to_owned()),
        })
    }

    /// Checks that the caller computes the version of the features the ranker was trained on.
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

    /// The ranker as one part; the same ranker gives the same bytes.
    ///
    /// # Errors
    /// [`RankerError::Storage`] if it can't be encoded.
    pub fn write(&self) -> Result<Vec<u8>, RankerError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header { ranker: self.head.clone(), forest: self.forest.header() })?;
        self.forest.write_tables(&mut writer)?;
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`Ranker::write`] wrote. The tables stay where they are, in `bytes`; every
    /// value is checked, whoever wrote them.
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
