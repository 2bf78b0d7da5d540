//! The ways in which a post becomes rows of a ranker.

pub(super) mod leave_one_out;
mod newest;
pub(super) mod pairs;
mod small;
mod synthetic;

use std::collections::HashSet;

use hashrec_data::HashtagId;
use hashrec_features::{Evidence, FEATURES, ShortlistParams};
use hashrec_ranker::RankingRows;
use ndarray::ArrayView2;

use crate::{error::TrainError, progress::Stage};

/// The rows of one post with one set of chosen hashtags.
struct PostRows {
    rows: Vec<f32>,
    gold: Vec<bool>,
}

impl PostRows {
    /// Rows of these hashtags.
    fn new(hashtags: &[HashtagId], gold: &[HashtagId], rows: Vec<f32>) -> Self {
        let gold: HashSet<&HashtagId> = gold.iter().collect();
        Self { rows, gold: hashtags.iter().map(|tag| gold.contains(tag)).collect() }
    }

    /// The rows of the shortlist.
    fn of(evidence: &Evidence<'_>, gold: &[HashtagId], params: &ShortlistParams) -> Self {
        let shortlist = evidence.shortlist(params);
        let mut rows = Vec::with_capacity(shortlist.len() * FEATURES.len());
        evidence.rows(&shortlist, &mut rows);
        Self::new(&shortlist, gold, rows)
    }

    fn push_to(&self, table: &mut RankingRows) -> Result<(), TrainError> {
        let shape = (self.gold.len(), table.feature_names().len());
        let rows = ArrayView2::from_shape(shape, &self.rows);
        let rows = rows.map_err(TrainError::step(Stage::Rows))?;
        table.push_post(rows, &self.gold).map_err(TrainError::step(Stage::Rows))
    }
}
