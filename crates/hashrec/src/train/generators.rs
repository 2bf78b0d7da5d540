//! Fits the generators of a pipeline, each on all posts and, if a ranker learns from its scores,
//! without those that it scores.

use hashrec_data::Post;
use rayon::prelude::*;

use super::cache::Cache;
use crate::{
    error::{RecommendError, TrainError},
    fingerprint::canonical_bytes,
    pipeline::{
        Pipeline,
        fitting::{Checkpoint, FitData, FitRun, Fold, UnseenScores},
        parts::{PartReader, Parts},
        reading::Reading,
        stage::{Extraction, FittedGenerator, Generator, RowScores},
    },
    prepared::Prepared,
    progress::Stage,
    reporter::Reporter,
};

/// Adds the parts of all generators, and their scores of unseen posts to the rows.
pub(super) fn fit(
    pipeline: &Pipeline,
    data: FitData<'_>,
    cache: &Cache,
    parts: &mut Parts,
    mut rows: Option<&mut dyn UnseenScores>,
    reporter: &mut Reporter<'_>,
) -> Result<(), TrainError> {
    for generator in &pipeline.generators {
        let Some(part) = generator.part() else { continue };
        let fit = Fit { generator: &**generator, part, data, cache };
        #[allow(clippy::manual_map, reason = "`map` cannot shorten the life of a trait object")]
        let unseen = match &mut rows {
            Some(rows) => Some(&mut **rows as &mut dyn UnseenScores),
            None => None,
        };
        parts.insert(part.to_owned(), fit.run(None, unseen, reporter)?.into());
        if let Some(rows) = &mut rows {
            fit.score_folds(&mut **rows, reporter)?;
        }
    }
    Ok(())
}

/// A generator and what it is fitted to.
struct Fit<'a> {
    generator: &'a dyn Generator,
    part: &'static str,
    data: FitData<'a>,
    cache: &'a Cache,
}

impl Fit<'_> {
    /// The part, fitted to the posts outside the fold.
    fn run(
        &self,
        fold: Option<Fold>,
        unseen: Option<&mut dyn UnseenScores>,
        reporter: &mut Reporter<'_>,
    ) -> Result<Vec<u8>, TrainError> {
        let fit = |checkpoint: &mut dyn Checkpoint| {
            #[allow(clippy::manual_map, reason = "`map` cannot shorten the life of a trait object")]
            let unseen = match unseen {
                Some(unseen) => Some(unseen as &mut dyn UnseenScores),
                None => None,
            };
            let mut run = FitRun { fold, reporter: &mut *reporter, checkpoint, unseen };
            self.generator.fit(&self.data, &mut run)
        };
        match self.generator.cache_key()? {
            Some(key) => {
                let fold = fold.map(|fold| (fold.number, fold.of));
                self.cache.step(self.part, &canonical_bytes(&(key, fold))?, fit)
            }
            None => fit(&mut NoCheckpoint),
        }
    }

    /// Scores each fold's posts by a generator that was fitted to the other folds.
    fn score_folds(
        &self,
        rows: &mut dyn UnseenScores,
        reporter: &mut Reporter<'_>,
    ) -> Result<(), TrainError> {
        let of = self.generator.folds();
        for number in 0..of {
            let fold = Fold { number, of };
            let bytes = self.run(Some(fold), None, reporter)?;
            let parts = Parts::from([(self.part.to_owned(), bytes.into())]);
            let fitted = self.generator.read(&PartReader::in_memory(&parts), self.data.vectors)?;
            let posts = 0..self.data.prepared.posts.len();
            let held = posts.filter(|&post| fold.holds(&self.data.prepared.posts[post].id));
            let held: Vec<usize> = held.collect();
            let score = |&post: &usize| Ok((post, logits(self.data.prepared, post, &*fitted)?));
            let scored: Result<Vec<_>, RecommendError> = held.par_iter().map(score).collect();
            let scored = scored.map_err(TrainError::step(Stage::Classifier))?;
            rows.logits(scored.into_iter().filter_map(|(post, one)| Some((post, one?))).collect());
        }
        Ok(())
    }
}

/// The logits of a post.
fn logits(
    prepared: &Prepared<'_>,
    post: usize,
    generator: &dyn FittedGenerator,
) -> Result<Option<Vec<f32>>, RecommendError> {
    let community = prepared.communities[post];
    let Some(space) = prepared.space.community(community) else { return Ok(None) };
    let Post { text, created_at, .. } = &prepared.posts[post];
    let reading = Reading::new((community, space), text, &prepared.tokens[post], *created_at);
    let mut scores = RowScores::default();
    generator.add_row_scores(&reading, &[], &mut Extraction::default(), &mut scores)?;
    Ok(scores.logits)
}

/// For fits that are too short to be interrupted.
struct NoCheckpoint;

impl Checkpoint for NoCheckpoint {
    fn is_wanted(&self) -> bool {
        false
    }

    fn load(&mut self) -> Result<Option<Vec<u8>>, TrainError> {
        Ok(None)
    }

    fn save(&mut self, _: &[u8]) -> Result<(), TrainError> {
        Ok(())
    }
}
