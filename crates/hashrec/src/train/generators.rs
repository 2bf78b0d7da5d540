//! Fits the generators of a pipeline, each on all posts and, if a ranker learns from its scores,
//! without those that it scores.

use rayon::prelude::*;

use crate::{
    error::{RecommendError, TrainError},
    pipeline::{
        Pipeline,
        fitting::{Fold, Run, UnseenScores, Unwanted},
        parts::Parts,
        stage::{Buffers, Generator, PartReader, RowScores},
    },
    progress::Stage,
};

/// Adds the parts of all generators, and their scores of unseen posts to the rows.
pub(super) fn fit(
    pipeline: &Pipeline,
    run: &Run<'_>,
    parts: &mut Parts,
    rows: &mut dyn UnseenScores,
) -> Result<(), TrainError> {
    for generator in &pipeline.generators {
        generator.fit(run, parts, rows)?;
        let of = generator.folds();
        for number in 0..of {
            rows.logits(logits_of_fold(&**generator, run, Fold { number, of })?);
        }
    }
    Ok(())
}

/// The logits of a fold's posts by a generator that was fitted to the other folds; none where those
/// have no hashtags to learn.
fn logits_of_fold(
    generator: &dyn Generator,
    run: &Run<'_>,
    fold: Fold,
) -> Result<Vec<(usize, Vec<f32>)>, TrainError> {
    let prepared = run.prepared;
    let holds = |post: &usize| fold.holds(&prepared.posts[*post].id);
    let posts = || 0..prepared.posts.len();
    if posts().all(|post| holds(&post) || prepared.gold[post].is_empty()) {
        return Ok(Vec::new());
    }
    let mut parts = Parts::new();
    generator.fit(&Run { fold: Some(fold), ..*run }, &mut parts, &mut Unwanted)?;
    let reader =
        PartReader { vectors: run.vectors, meaning: run.meaning, ..PartReader::in_memory(&parts) };
    let fitted = generator.read(&reader)?;
    let held: Vec<usize> = posts().filter(holds).collect();
    let score = |&post: &usize| -> Result<Option<(usize, Vec<f32>)>, RecommendError> {
        let Some(reading) = run.reading(post) else { return Ok(None) };
        let mut scores = RowScores::default();
        fitted.add_row_scores(&reading, &[], &mut Buffers::default(), &mut scores)?;
        Ok(scores.logits.map(|logits| (post, logits)))
    };
    let scored: Result<Vec<_>, _> =
        held.par_iter().filter_map(|post| score(post).transpose()).collect();
    scored.map_err(TrainError::step(Stage::Classifier))
}
