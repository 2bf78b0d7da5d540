//! The ways in which a post becomes rows of a ranker.

pub(super) mod leave_one_out;
mod newest;
pub(super) mod pairs;
mod small;
mod synthetic;

use hashrec_ranker::RankingRows;

use crate::{error::TrainError, pipeline::ranking::PostRows, progress::Stage};

/// Adds the rows of a post to a table.
fn push(post: &PostRows, table: &mut RankingRows) -> Result<(), TrainError> {
    let rows = post.matrix(table.feature_names().len()).map_err(TrainError::step(Stage::Rows))?;
    table.push_post(rows, &post.gold).map_err(TrainError::step(Stage::Rows))
}
