//! Training the ranker with LightGBM.

use hashrec_ranker::{RankerParams, RankingRows};

use crate::{error::TrainError, reporter::Reporter};

/// Trains a ranker on rows: a part.
#[cfg(feature = "train")]
pub(super) fn train(
    rows: RankingRows,
    params: &RankerParams,
    reporter: &mut Reporter<'_>,
) -> Result<Vec<u8>, TrainError> {
    use hashrec_ranker::{Ranker, RankerError};

    use crate::progress::{Detail, Stage};

    tracing::info!(posts = rows.posts(), rows = rows.rows(), "training the ranker");
    let total = params.trees as usize;
    Ranker::train(rows, params, |progress| {
        reporter.report(Stage::Ranker, progress.trees, total, Detail::None)
    })
    .and_then(|ranker| ranker.write())
    .map_err(|error| match error {
        RankerError::Cancelled { .. } => TrainError::Cancelled { stage: Stage::Ranker },
        error => TrainError::step(Stage::Ranker)(error),
    })
}

/// Without LightGBM: an error.
#[cfg(not(feature = "train"))]
pub(super) fn train(
    _: RankingRows,
    _: &RankerParams,
    _: &mut Reporter<'_>,
) -> Result<Vec<u8>, TrainError> {
    let (what, feature) = ("training a ranker", "train");
    Err(TrainError::Config(crate::error::ConfigError::Feature { what, feature }))
}
