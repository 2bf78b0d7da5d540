//! The neural classifier: on all posts for serving, out of fold for the ranker.

use hashrec_classifier::{
    Classifier, ClassifierError, ClassifierPost, ClassifierProgress, TrainingSession, WordVectors,
};
use hashrec_data::fold_of;
use hashrec_floret::FloretTable;
use rayon::prelude::*;

use super::{Reporter, run::Run};
use crate::{Stage, TrainError};

/// floret's vectors, as the net takes them.
struct Initial<'a>(&'a FloretTable);

impl WordVectors for Initial<'_> {
    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn word_vector(&self, word: &str, out: &mut [f32]) {
        self.0.word_vector(word, out);
    }
}

/// Trains on all posts, or on those outside one fold.
pub(super) fn train(
    run: &Run<'_>,
    table: Option<&FloretTable>,
    without: Option<u32>,
    reporter: &mut Reporter<'_>,
) -> Result<Classifier, TrainError> {
    let posts: Vec<ClassifierPost<'_>> = (0..run.posts.len())
        .filter(|&post| without.is_none_or(|fold| fold != fold_of_post(run, post)))
        .map(|post| ClassifierPost {
            words: run.tokens[post].texts().take(run.config.classifier.max_words).collect(),
            community: run.communities[post],
            gold: &run.gold[post],
        })
        .collect();
    let sizes: Vec<usize> = run.space.communities().map(|(_, space)| space.len()).collect();
    let params = run.config.classifier.clone().with_seed(run.config.seed).with_threads(run.threads);
    let initial = table.map(Initial);
    let initial = initial.as_ref().map(|table| table as &dyn WordVectors);
    let inputs = (&params, table.map(|_| &run.config.floret), without, run.config.classifier_folds);
    let bytes = run.kept.get_or_make("classifier", &inputs, || {
        let unfinished = run.kept.get("unfinished-classifier", &inputs)?;
        let mut training = match unfinished {
            Some(bytes) => TrainingSession::resume(&posts, bytes.into()),
            None => TrainingSession::start(&posts, &sizes, initial, &params),
        }
        .map_err(failed)?;
        while !training.is_done() {
            let mut on_progress = |progress: &ClassifierProgress| {
                let done = progress.epoch.saturating_sub(1) * progress.steps + progress.step;
                reporter.report(Stage::Classifier, done, progress.epochs * progress.steps, || {
                    let metric =
                        progress.validation.map_or(String::new(), |v| format!(", NDCG {v:.4}"));
                    let fold = without.map_or(String::new(), |fold| format!("fold {fold}, "));
                    format!("{fold}epoch {}, loss {:.4}{metric}", progress.epoch, progress.loss)
                })
            };
            training.epoch(&mut on_progress).map_err(failed)?;
            if run.kept.is_kept() && !training.is_done() {
                let bytes = training.checkpoint().map_err(failed)?;
                run.kept.put("unfinished-classifier", &inputs, &bytes)?;
            }
        }
        training.finish().and_then(|classifier| classifier.write()).map_err(failed)
    })?;
    run.kept.forget("unfinished-classifier", &inputs)?;
    Classifier::read(bytes.into()).map_err(failed)
}

fn failed(error: ClassifierError) -> TrainError {
    match error {
        ClassifierError::Cancelled { .. } => {
            TrainError::Cancelled { stage: Stage::Classifier.name() }
        }
        error => TrainError::step(Stage::Classifier)(error),
    }
}

fn fold_of_post(run: &Run<'_>, post: usize) -> u32 {
    fold_of(&run.posts[post].id, run.config.classifier_folds as u32, "classifier")
}

/// The logits of every post by a net that was not trained on it.
pub(super) fn out_of_fold(
    run: &Run<'_>,
    table: Option<&FloretTable>,
    reporter: &mut Reporter<'_>,
) -> Result<Vec<Vec<f32>>, TrainError> {
    let mut logits = vec![Vec::new(); run.posts.len()];
    for fold in 0..run.config.classifier_folds as u32 {
        let classifier = train(run, table, Some(fold), reporter)?;
        let held: Vec<usize> =
            (0..run.posts.len()).filter(|&post| fold_of_post(run, post) == fold).collect();
        let scored: Result<Vec<Vec<f32>>, _> = held
            .par_iter()
            .map(|&post| classifier.logits(run.communities[post], run.tokens[post].texts()))
            .collect();
        for (post, scores) in held.into_iter().zip(scored.map_err(failed)?) {
            logits[post] = scores;
        }
    }
    Ok(logits)
}
