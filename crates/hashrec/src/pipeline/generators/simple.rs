//! The paper's Simple Candidate Generator (section 4.2): edit distance, popularity and the nearest
//! hashtags, fused by reciprocal rank.

use std::sync::Arc;

use hashrec_candidates::{SimpleParams, SimpleStore, Source, fuse};
#[cfg(feature = "trainer")]
use hashrec_candidates::{SimpleStoreBuilder, TagInput};
use hashrec_data::{HashtagId, HashtagSpace};

#[cfg(feature = "trainer")]
use crate::{
    error::TrainError,
    pipeline::stage::{Parts, Run, UnseenScores},
    progress::Stage as Step,
};
use crate::{
    error::{BundleError, ConfigError, RecommendError},
    pipeline::stage::{
        Buffers, FittedGenerator, Generator, PartReader, Reading, Stage, Vectors, same_hashtags,
    },
};

const PART: &str = "simple";

/// The paper's simple generator.
#[derive(Clone)]
pub(crate) struct Simple {
    pub(crate) params: SimpleParams,
}

impl Stage for Simple {
    fn check(&self) -> Result<(), ConfigError> {
        self.params.check().map_err(ConfigError::section("candidates.simple"))
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        let params = toml::Value::try_from(&self.params)?;
        let candidates = toml::Table::from_iter([("simple".to_owned(), params)]);
        Ok([("candidates".to_owned(), candidates.into())].into_iter().collect())
    }
}

impl Generator for Simple {
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedGenerator>, BundleError> {
        let store = parts.read(PART, SimpleStore::read)?;
        let (params, vectors) = (self.params.clone(), parts.vectors()?);
        Ok(Box::new(FittedSimple { params, store, vectors }))
    }

    #[cfg(feature = "trainer")]
    fn fit(
        &self,
        run: &Run<'_>,
        parts: &mut Parts,
        _: &mut dyn UnseenScores,
    ) -> Result<(), TrainError> {
        let failed = || TrainError::step(Step::Candidates);
        let vectors = run.vectors()?;
        let mut builder = SimpleStoreBuilder::new(vectors.dim());
        for (id, space) in run.space().communities() {
            let hashtag = |(tag, name)| {
                let (uses, vector) = (space.count(tag), vectors.hashtag(id, tag));
                TagInput { name, uses, vector }
            };
            let hashtags: Vec<TagInput<'_>> =
                (0..).map(HashtagId).zip(space.hashtags()).map(hashtag).collect();
            builder.add(id, &hashtags).map_err(failed())?;
        }
        parts.insert(PART.to_owned(), builder.write().map_err(failed())?.into());
        Ok(())
    }
}

struct FittedSimple {
    params: SimpleParams,
    store: SimpleStore,
    vectors: Arc<Vectors>,
}

impl FittedGenerator for FittedSimple {
    fn source(&self) -> Source {
        Source::Edit
    }

    /// The fused ranks; 0 for hashtags that none of the three sources names.
    fn scores(&self, post: &Reading<'_>, _: &mut Buffers) -> Result<Vec<f32>, RecommendError> {
        let view = self.store.community(post.community).ok_or_else(|| post.missing(PART))?;
        let found = view.candidates(post.tokens, post.vector(&self.vectors)?, &self.params);
        let mut scores = vec![0.0; view.hashtags()];
        for (hashtag, score) in fuse(&found, &self.params) {
            if let Some(place) = scores.get_mut(hashtag.index()) {
                *place = score;
            }
        }
        Ok(scores)
    }

    /// Every hashtag that one of the three sources names: thirty each, at most.
    fn candidates(
        &self,
        post: &Reading<'_>,
        buffers: &mut Buffers,
    ) -> Result<Vec<HashtagId>, RecommendError> {
        let scores = self.scores(post, buffers)?;
        let named = (0..).zip(&scores).filter(|(_, score)| **score > 0.0);
        Ok(named.map(|(tag, _)| HashtagId(tag)).collect())
    }

    fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        same_hashtags(PART, space, |id| Some(self.store.community(id)?.hashtags()))
    }
}
