//! Vectors of words.

use hashrec_floret::{FloretError, FloretParams, FloretTable};

use crate::{
    error::TrainError,
    pipeline::fitting::Run,
    progress::{Detail, Stage},
};

/// Word vectors of the posts.
pub(super) fn train(params: &FloretParams, run: &Run<'_>) -> Result<FloretTable, TrainError> {
    let bytes = run.cache.step("floret", params, |_| train_floret(params, run))?;
    FloretTable::read(bytes.into()).map_err(TrainError::step(Stage::Floret))
}

fn train_floret(params: &FloretParams, run: &Run<'_>) -> Result<Vec<u8>, TrainError> {
    let sentences = run.prepared.tokens.iter().map(|tokens| tokens.texts());
    let table = hashrec_floret::train(sentences, params, &mut |progress| {
        let (done, total) = (progress.tokens as usize, progress.total as usize);
        let (epoch, epochs, loss) = (progress.epoch, progress.epochs, progress.loss);
        run.reporter.report(Stage::Floret, done, total, Detail::Floret { epoch, epochs, loss })
    });
    table.and_then(|table| table.write()).map_err(|error| match error {
        FloretError::Cancelled { .. } => TrainError::Cancelled { stage: Stage::Floret },
        error => TrainError::step(Stage::Floret)(error),
    })
}
