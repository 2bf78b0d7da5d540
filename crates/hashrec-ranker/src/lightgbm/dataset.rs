//! Training rows, checked and binned.

use super::{params::parameter_text, raw::RawDataset};
use crate::{Forest, RankerError, RankerParams, RankingRows};

/// The largest group (rows of one post) that LightGBM ranks.
const MAX_GROUP: usize = 10_000;

/// A table that LightGBM has binned. The table itself is no longer needed.
pub(crate) struct Dataset {
    pub(super) raw: RawDataset,
}

impl Dataset {
    /// Bins a training table. A validation set uses the bins of its training set, the `reference`.
    ///
    /// # Errors
    /// [`RankerError::TooMany`], [`RankerError::Shape`] or [`RankerError::LightGbm`].
    pub(crate) fn new(
        rows: &RankingRows,
        params: &RankerParams,
        reference: Option<&Self>,
    ) -> Result<Self, RankerError> {
        let largest = rows.sizes.iter().max().map_or(0, |&size| size as usize);
        if largest > MAX_GROUP {
            let (what, found, maximum) = ("candidates of a post", largest, MAX_GROUP);
            return Err(RankerError::TooMany { what, found, maximum });
        }
        let reference = reference.map(|reference| &reference.raw);
        let columns = rows.feature_names().len();
        let mut raw = RawDataset::new(&rows.values, columns, &parameter_text(params), reference)?;
        let labels: Vec<f32> = rows.labels.iter().map(|&gold| u8::from(gold).into()).collect();
        raw.set_labels(&labels)?;
        // No group is larger than MAX_GROUP.
        let groups: Vec<i32> = rows.sizes.iter().map(|&size| size as i32).collect();
        raw.set_groups(&groups)?;
        Ok(Self { raw })
    }

    /// Training goes on from the scores that this forest gives the same rows.
    pub(crate) fn start_from(
        &mut self,
        rows: &RankingRows,
        forest: &Forest,
    ) -> Result<(), RankerError> {
        let mut scores = vec![0.0; rows.rows()];
        forest.predict(rows.matrix(), &mut scores)?;
        self.raw.set_scores(&scores)
    }
}
