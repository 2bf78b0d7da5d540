//! Training: candle's automatic differentiation over the fused kernels.

mod adam;
mod balance;
mod checkpoint;
mod graph;
#[cfg(test)]
mod kernel_ops;
#[cfg(test)]
mod layer_tests;
mod layers;
mod loss;
mod objective;
mod operation;
mod parameters;
mod plan;
mod posts;
mod progress;
mod random;
mod session;
mod step;
#[cfg(test)]
mod step_tests;
mod terms;
mod validation;

pub use posts::ClassifierPost;
pub use progress::ClassifierProgress;
pub use session::{OnProgress, TrainingSession, WordVectors};

use crate::{Classifier, ClassifierError, ClassifierParams};

impl Classifier {
    /// Trains a classifier: [`TrainingSession::start`], every epoch, [`TrainingSession::finish`].
    ///
    /// # Errors
    /// As [`TrainingSession::start`] and [`TrainingSession::epoch`].
    pub fn train(
        posts: &[ClassifierPost<'_>],
        tags_per_community: &[usize],
        init: Option<&dyn WordVectors>,
        params: &ClassifierParams,
        progress: &mut OnProgress<'_>,
    ) -> Result<Self, ClassifierError> {
        let mut training = TrainingSession::start(posts, tags_per_community, init, params)?;
        while !training.is_done() {
            training.epoch(progress)?;
        }
        training.finish()
    }
}
