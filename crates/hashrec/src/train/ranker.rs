//! Training the ranker with LightGBM.

use hashrec_ranker::{Ranker, RankerError, RankerParams, RankingRows, TreeProgress};

use crate::{
    error::TrainError,
    progress::{Detail, Stage},
    reporter::Reporter,
};

/// Trains a ranker on rows, from nothing or on from another.
pub(super) fn train(
    from: Option<&Ranker>,
    rows: RankingRows,
    params: &RankerParams,
    reporter: Reporter<'_>,
) -> Result<Ranker, TrainError> {
    tracing::info!(posts = rows.posts(), rows = rows.rows(), "training the ranker");
    let total = params.trees as usize;
    let progress = |progress: TreeProgress| {
        reporter.report(Stage::Ranker, progress.trees, total, Detail::None)
    };
    let trained = match from {
        None => Ranker::train(rows, params, progress),
        Some(other) => other.train_further(rows, params, progress),
    };
    trained.map_err(error(Stage::Ranker))
}

/// Wraps an error of a step that trains rankers.
pub(super) fn error(stage: Stage) -> impl Fn(RankerError) -> TrainError {
    move |error| match error {
        RankerError::Cancelled { .. } => TrainError::Cancelled { stage },
        error => TrainError::step(stage)(error),
    }
}
