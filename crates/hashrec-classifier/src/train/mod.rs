//! Training: the net in candle, its losses, and the run from the first step to the last.

mod adam;
mod attention;
mod balance;
mod batch;
mod bilstm;
mod checkpoint;
mod device;
mod fused;
mod loss;
mod net;
mod objective;
mod parameters;
mod plan;
mod posts;
mod progress;
mod random;
mod session;
mod step;
mod validation;
mod variables;

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
