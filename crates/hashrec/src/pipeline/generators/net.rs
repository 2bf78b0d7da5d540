//! The paper's neural multi-label classifier (section 3.1).

use hashrec_candidates::Source;
use hashrec_classifier::{Classifier, ClassifierParams};
use hashrec_data::{HashtagId, HashtagSpace};
use hashrec_floret::FloretParams;

#[cfg(feature = "net")]
use crate::{
    error::TrainError,
    pipeline::stage::{Parts, Run, UnseenScores},
};
use crate::{
    error::{BundleError, ConfigError, RecommendError},
    pipeline::stage::{
        Buffers, FittedGenerator, Generator, PartReader, Reading, RowScores, Stage, same_hashtags,
    },
};

const PART: &str = "classifier";

/// The neural classifier; its word embedding starts from floret's vectors.
#[derive(Clone, serde::Serialize)]
pub(crate) struct Net {
    pub(crate) classifier: ClassifierParams,
    pub(crate) floret: FloretParams,
    /// The folds of the scores that a ranker learns from; `None` if no ranker does.
    pub(crate) classifier_folds: Option<usize>,
}

impl Stage for Net {
    fn check(&self) -> Result<(), ConfigError> {
        self.classifier.check().map_err(ConfigError::section("classifier"))?;
        self.floret.check().map_err(ConfigError::section("floret"))?;
        let fits = self.classifier_folds.is_none_or(|folds| (2..=20).contains(&folds));
        ConfigError::range(fits, "classifier_folds", "2 to 20")
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        toml::Table::try_from(self)
    }

    #[cfg(feature = "trainer")]
    fn missing_feature(&self) -> Option<&'static str> {
        (!cfg!(feature = "net")).then_some("net")
    }

    #[cfg(feature = "trainer")]
    fn word_vectors(&self) -> Option<&FloretParams> {
        Some(&self.floret)
    }
}

impl Generator for Net {
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedGenerator>, BundleError> {
        Ok(Box::new(parts.read(PART, Classifier::read)?))
    }

    #[cfg(feature = "net")]
    fn fit(
        &self,
        run: &Run<'_>,
        parts: &mut Parts,
        _: &mut dyn UnseenScores,
    ) -> Result<(), TrainError> {
        let key = (&self.classifier, &self.floret, run.fold);
        let bytes =
            run.cache.step(PART, &key, |unfinished| training::fit(self, run, unfinished))?;
        parts.insert(PART.to_owned(), bytes.into());
        Ok(())
    }

    #[cfg(feature = "trainer")]
    fn folds(&self) -> u32 {
        self.classifier_folds.unwrap_or(0) as u32
    }
}

/// Training the net, an epoch at a time.
#[cfg(feature = "net")]
mod training {
    use hashrec_classifier::{
        ClassifierError, ClassifierPost, ClassifierProgress, TrainingSession, WordVectors,
    };
    use hashrec_floret::FloretTable;

    use super::Net;
    use crate::{
        cache::Entry,
        error::TrainError,
        pipeline::fitting::Run,
        progress::{Detail, Stage},
    };

    /// floret's vectors as the net takes them.
    struct Initial<'a>(&'a FloretTable);

    impl WordVectors for Initial<'_> {
        fn dim(&self) -> usize {
            self.0.dim()
        }

        fn word_vector(&self, word: &str, out: &mut [f32]) {
            self.0.word_vector(word, out);
        }
    }

    /// Trains on all posts outside the fold. After each epoch the state is saved as `unfinished`,
    /// from which a later run goes on.
    pub(super) fn fit(net: &Net, run: &Run<'_>, unfinished: &Entry) -> Result<Vec<u8>, TrainError> {
        let prepared = run.prepared;
        let posts: Vec<ClassifierPost<'_>> = (0..prepared.posts.len())
            .filter(|&post| run.fold.is_none_or(|fold| !fold.holds(&prepared.posts[post].id)))
            .map(|post| ClassifierPost {
                words: prepared.tokens[post].texts().take(net.classifier.max_words).collect(),
                community: prepared.communities[post],
                gold: &prepared.gold[post],
            })
            .collect();
        let sizes: Vec<usize> = run.space().communities().map(|(_, space)| space.len()).collect();
        let initial = run.words.map(Initial);
        let initial = initial.as_ref().map(|table| table as &dyn WordVectors);
        let mut training = match unfinished.read()? {
            Some(bytes) => TrainingSession::resume(&posts, bytes.into()),
            None => TrainingSession::start(&posts, &sizes, initial, &net.classifier),
        }
        .map_err(failed)?;
        while !training.is_done() {
            let fold = run.fold.map(|fold| fold.number);
            let mut on_progress = |progress: &ClassifierProgress| {
                let done = progress.epoch.saturating_sub(1) * progress.steps + progress.step;
                let detail = Detail::Classifier {
                    fold,
                    epoch: progress.epoch,
                    loss: progress.loss,
                    validation: progress.validation,
                };
                run.reporter.report(
                    Stage::Classifier,
                    done,
                    progress.epochs * progress.steps,
                    detail,
                )
            };
            training.epoch(&mut on_progress).map_err(failed)?;
            if unfinished.is_kept() && !training.is_done() {
                unfinished.write(&training.checkpoint().map_err(failed)?)?;
            }
        }
        training.finish().and_then(|classifier| classifier.write()).map_err(failed)
    }

    fn failed(error: ClassifierError) -> TrainError {
        match error {
            ClassifierError::Cancelled { .. } => TrainError::Cancelled { stage: Stage::Classifier },
            error => TrainError::step(Stage::Classifier)(error),
        }
    }
}

fn logits(net: &Classifier, post: &Reading<'_>) -> Result<Vec<f32>, RecommendError> {
    net.logits(post.community, post.tokens.texts()).map_err(RecommendError::score)
}

impl FittedGenerator for Classifier {
    fn source(&self) -> Source {
        Source::Classifier
    }

    /// Probabilities.
    fn scores(&self, post: &Reading<'_>, _: &mut Buffers) -> Result<Vec<f32>, RecommendError> {
        let logits = logits(self, post)?;
        Ok(logits.into_iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect())
    }

    fn add_row_scores(
        &self,
        post: &Reading<'_>,
        _: &[HashtagId],
        _: &mut Buffers,
        scores: &mut RowScores,
    ) -> Result<(), RecommendError> {
        scores.logits = Some(logits(self, post)?);
        Ok(())
    }

    fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        same_hashtags(PART, space, |id| self.tags(id))
    }
}
