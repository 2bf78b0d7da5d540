//! The rows of a ranker of features, as many columns of them as it is to know.

use hashrec_features::{FEATURES, FeatureGroup, SCHEMA_VERSION};
use hashrec_ranker::{Ranker, RankerParams, RankingRows};
use ndarray::{ArrayView1, ArrayView2, ShapeError};

use crate::{error::TrainError, pipeline::ranking::PostRows, progress::Stage};

/// The rows that a ranker of features learns from.
pub(in crate::train) struct FeatureTable {
    rows: RankingRows,
    /// The places of its columns among [`FEATURES`].
    columns: Vec<usize>,
}

impl FeatureTable {
    /// A table without rows: with the columns of the ranker that learns further, or else all of them,
    /// those by meaning only where there is an encoder.
    pub(in crate::train) fn new(
        base: Option<&Ranker>,
        has_meaning: bool,
        params: &RankerParams,
    ) -> Self {
        let by_meaning: Vec<&str> = FeatureGroup::Meaning.features().collect();
        let is_known = |name: &&&str| has_meaning || !by_meaning.contains(*name);
        let names: Vec<String> = match base {
            Some(base) => base.feature_names().to_vec(),
            None => FEATURES.iter().filter(is_known).map(|&name| name.to_owned()).collect(),
        };
        let place = |name: &String| FEATURES.iter().position(|feature| feature == name);
        let columns = names.iter().map(|name| place(name).unwrap_or(usize::MAX)).collect();
        let rows = RankingRows::new(names, params).with_schema_version(SCHEMA_VERSION);
        Self { rows, columns }
    }

    /// Adds the rows of a post.
    pub(in crate::train) fn push(&mut self, post: &PostRows) -> Result<(), TrainError> {
        let failed = || TrainError::step::<ShapeError>(Stage::Rows);
        let all = post.matrix(FEATURES.len()).map_err(failed())?;
        let value =
            |row: ArrayView1<'_, f32>, &at: &usize| row.get(at).copied().unwrap_or(f32::NAN);
        let picked: Vec<f32> = all
            .rows()
            .into_iter()
            .flat_map(|row| self.columns.iter().map(move |at| value(row, at)))
            .collect();
        let rows = ArrayView2::from_shape((all.nrows(), self.columns.len()), &picked);
        let rows = rows.map_err(failed())?;
        self.rows.push_post(rows, &post.gold).map_err(TrainError::step(Stage::Rows))
    }

    /// The rows.
    pub(in crate::train) fn into_rows(self) -> RankingRows {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(table: &FeatureTable) -> Vec<&str> {
        table.columns.iter().map(|&at| FEATURES[at]).collect()
    }

    #[test]
    fn columns_by_meaning_need_an_encoder() {
        let params = RankerParams::default();
        let with = FeatureTable::new(None, true, &params);
        assert_eq!(names(&with), FEATURES);
        let without = FeatureTable::new(None, false, &params);
        let by_meaning = FeatureGroup::Meaning.features().count();
        assert_eq!(without.columns.len(), FEATURES.len() - by_meaning);
        assert!(names(&without).iter().all(|name| !name.starts_with("meaning")));
    }

    #[test]
    fn a_ranker_that_learns_further_keeps_its_columns() {
        for base in [Ranker::built_in(), Ranker::built_in_by_meaning()].map(Result::unwrap) {
            for has_meaning in [false, true] {
                let table = FeatureTable::new(Some(&base), has_meaning, &RankerParams::default());
                assert_eq!(names(&table), base.feature_names());
            }
        }
    }
}
