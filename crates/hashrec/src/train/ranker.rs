//! Training the ranker with LightGBM.

use hashrec_ranker::{Ranker, RankerError, RankerParams, RankingRows};

use crate::{
    error::TrainError,
    progress::{Detail, Stage},
    reporter::Reporter,
};

/// Trains a ranker on rows.
pub(super) fn train(
    rows: RankingRows,
    params: &RankerParams,
    reporter: Reporter<'_>,
) -> Result<Ranker, TrainError> {
    tracing::info!(posts = rows.posts(), rows = rows.rows(), "training the ranker");
    let total = params.trees as usize;
    Ranker::train(rows, params, |progress| {
        reporter.report(Stage::Ranker, progress.trees, total, Detail::None)
    })
    .map_err(|error| match error {
        RankerError::Cancelled { .. } => TrainError::Cancelled { stage: Stage::Ranker },
        error => TrainError::step(Stage::Ranker)(error),
    })
}
