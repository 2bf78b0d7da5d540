//! The paper's neural multi-label classifier (section 3.1).

use std::sync::Arc;

use hashrec_candidates::Source;
use hashrec_classifier::{Classifier, ClassifierParams};
use hashrec_data::{HashtagId, HashtagSpace};
use hashrec_floret::FloretParams;

use crate::{
    bundle::error::BundleError,
    error::{ConfigError, RecommendError},
    pipeline::{
        parts::{PartReader, same_hashtags},
        reading::Reading,
        stage::{Extraction, FittedGenerator, Generator, RowScores, Stage},
        vectors::Vectors,
    },
};
#[cfg(feature = "learn")]
use crate::{
    error::LearnError,
    pipeline::{joined::Joined, parts::Parts},
};
#[cfg(feature = "trainer")]
use crate::{
    error::TrainError,
    fingerprint::canonical_bytes,
    pipeline::fitting::{FitData, FitRun},
};

const PART: &str = "classifier";

/// The neural classifier; its word embedding starts from floret's vectors.
#[derive(Clone)]
pub(crate) struct Net {
    pub(crate) params: ClassifierParams,
    pub(crate) floret: FloretParams,
    /// The folds of the scores that a ranker learns from; `None` if no ranker does.
    pub(crate) folds: Option<usize>,
}

impl Stage for Net {
    fn check(&self) -> Result<(), ConfigError> {
        self.params.check().map_err(ConfigError::section("classifier"))?;
        self.floret.check().map_err(ConfigError::section("floret"))?;
        if self.folds.is_some_and(|folds| !(2..=20).contains(&folds)) {
            return Err(ConfigError::Range { name: "classifier_folds", expected: "2 to 20" });
        }
        Ok(())
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        let mut settings = toml::Table::from_iter([
            ("classifier".to_owned(), toml::Value::try_from(&self.params)?),
            ("floret".to_owned(), toml::Value::try_from(&self.floret)?),
        ]);
        if let Some(folds) = self.folds {
            settings.insert("classifier_folds".to_owned(), toml::Value::try_from(folds)?);
        }
        Ok(settings)
    }

    #[cfg(feature = "trainer")]
    fn missing_feature(&self) -> Option<&'static str> {
        if cfg!(feature = "net") { None } else { Some("net") }
    }

    #[cfg(feature = "trainer")]
    fn word_vectors(&self) -> Option<&FloretParams> {
        Some(&self.floret)
    }
}

impl Generator for Net {
    fn part(&self) -> Option<&'static str> {
        Some(PART)
    }

    fn read(
        &self,
        parts: &PartReader<'_>,
        _: Option<&Arc<Vectors>>,
    ) -> Result<Box<dyn FittedGenerator>, BundleError> {
        Ok(Box::new(FittedNet { classifier: parts.read(PART, Classifier::read)? }))
    }

    #[cfg(feature = "net")]
    fn fit(&self, data: &FitData<'_>, run: &mut FitRun<'_, '_>) -> Result<Vec<u8>, TrainError> {
        training::fit(self, data, run)
    }

    #[cfg(all(feature = "trainer", not(feature = "net")))]
    fn fit(&self, _: &FitData<'_>, _: &mut FitRun<'_, '_>) -> Result<Vec<u8>, TrainError> {
        let (what, feature) = ("training the neural classifier", "net");
        Err(TrainError::Config(ConfigError::Feature { what, feature }))
    }

    #[cfg(feature = "trainer")]
    fn cache_key(&self) -> Result<Option<Vec<u8>>, TrainError> {
        canonical_bytes(&(&self.params, &self.floret)).map(Some)
    }

    #[cfg(feature = "trainer")]
    fn folds(&self) -> u32 {
        self.folds.unwrap_or(0) as u32
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
        error::TrainError,
        pipeline::fitting::{FitData, FitRun},
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

    /// Trains on all posts outside the fold. After each epoch the state goes to the checkpoint,
    /// from which a later run goes on.
    pub(super) fn fit(
        net: &Net,
        data: &FitData<'_>,
        run: &mut FitRun<'_, '_>,
    ) -> Result<Vec<u8>, TrainError> {
        let prepared = data.prepared;
        let posts: Vec<ClassifierPost<'_>> = (0..prepared.posts.len())
            .filter(|&post| run.fold.is_none_or(|fold| !fold.holds(&prepared.posts[post].id)))
            .map(|post| ClassifierPost {
                words: prepared.tokens[post].texts().take(net.params.max_words).collect(),
                community: prepared.communities[post],
                gold: &prepared.gold[post],
            })
            .collect();
        let sizes: Vec<usize> = data.space().communities().map(|(_, space)| space.len()).collect();
        let initial = data.words.map(Initial);
        let initial = initial.as_ref().map(|table| table as &dyn WordVectors);
        let mut training = match run.checkpoint.load()? {
            Some(bytes) => TrainingSession::resume(&posts, bytes.into()),
            None => TrainingSession::start(&posts, &sizes, initial, &net.params),
        }
        .map_err(failed)?;
        while !training.is_done() {
            let fold = run.fold.map(|fold| fold.number);
            let reporter = &mut *run.reporter;
            let mut on_progress = |progress: &ClassifierProgress| {
                let done = progress.epoch.saturating_sub(1) * progress.steps + progress.step;
                let detail = Detail::Classifier {
                    fold,
                    epoch: progress.epoch,
                    loss: progress.loss,
                    validation: progress.validation,
                };
                reporter.report(Stage::Classifier, done, progress.epochs * progress.steps, detail)
            };
            training.epoch(&mut on_progress).map_err(failed)?;
            if run.checkpoint.is_wanted() && !training.is_done() {
                run.checkpoint.save(&training.checkpoint().map_err(failed)?)?;
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

struct FittedNet {
    classifier: Classifier,
}

impl FittedNet {
    fn logits(&self, post: &Reading<'_>) -> Result<Vec<f32>, RecommendError> {
        self.classifier.logits(post.community, post.tokens.texts()).map_err(RecommendError::score)
    }
}

impl FittedGenerator for FittedNet {
    fn source(&self) -> Source {
        Source::Classifier
    }

    /// Probabilities.
    fn scores(&self, post: &Reading<'_>, _: &mut Extraction) -> Result<Vec<f32>, RecommendError> {
        let logits = self.logits(post)?;
        Ok(logits.into_iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect())
    }

    fn add_row_scores(
        &self,
        post: &Reading<'_>,
        _: &[HashtagId],
        _: &mut Extraction,
        scores: &mut RowScores,
    ) -> Result<(), RecommendError> {
        scores.logits = Some(self.logits(post)?);
        Ok(())
    }

    fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        same_hashtags(PART, space, |id| self.classifier.tags(id))
    }

    #[cfg(feature = "learn")]
    fn join(
        &self,
        _: &Joined<'_>,
        _: &mut Parts,
    ) -> Result<Option<Box<dyn FittedGenerator>>, LearnError> {
        Ok(None)
    }
}
