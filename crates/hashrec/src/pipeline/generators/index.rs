//! The index of posts: linear classifiers and the nearest posts.

use hashrec_candidates::{CandidateParams, CandidateStore, IndexScores, Source};
#[cfg(feature = "learn")]
use hashrec_candidates::{CandidateStoreBuilder, CommunityModel};
use hashrec_data::{HashtagId, HashtagSpace};

#[cfg(feature = "learn")]
use crate::{
    error::LearnError,
    pipeline::stage::{Joined, Origin, Parts},
    prepared::inputs,
};
#[cfg(feature = "trainer")]
use crate::{
    error::TrainError,
    pipeline::stage::{Run, UnseenScores},
    progress::Stage as Step,
};
use crate::{
    error::{BundleError, ConfigError, RecommendError},
    pipeline::stage::{
        Buffers, FittedGenerator, Generator, PartReader, Reading, RowScores, Stage, same_hashtags,
    },
};

const PART: &str = "candidates";

/// Which of the index's scores order hashtags where there is no ranker.
#[derive(Clone, Copy)]
pub(crate) enum IndexOrder {
    /// Ridge regression, one-vs-rest.
    Linear,
    /// The vote of the most similar posts.
    NearestPosts,
}

/// Linear classifiers and nearest posts, over the words and characters of each community's posts.
#[derive(Clone)]
pub(crate) struct Index {
    pub(crate) params: CandidateParams,
    pub(crate) order: IndexOrder,
}

impl Stage for Index {
    fn check(&self) -> Result<(), ConfigError> {
        self.params.check().map_err(ConfigError::section("candidates"))
    }

    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        let mut params = toml::Table::try_from(&self.params)?;
        params.remove("simple");
        if self.params.recency.is_none() {
            params.remove("recency");
        }
        Ok([(PART.to_owned(), params.into())].into_iter().collect())
    }
}

impl Generator for Index {
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedGenerator>, BundleError> {
        let store = parts.read(PART, CandidateStore::read)?;
        Ok(Box::new(FittedIndex { store, index: self.clone() }))
    }

    #[cfg(feature = "trainer")]
    fn fit(
        &self,
        run: &Run<'_>,
        parts: &mut Parts,
        unseen: &mut dyn UnseenScores,
    ) -> Result<(), TrainError> {
        let failed = || TrainError::step::<hashrec_candidates::CandidatesError>(Step::Candidates);
        let prepared = run.prepared;
        let mut builder = CandidateStoreBuilder::new(&self.params);
        let mut done = 0;
        for ((id, space), posts) in run.space().communities().zip(prepared.by_community()) {
            let inputs = inputs(posts.iter().map(|&post| prepared.labelled(post)));
            let wanted = unseen.wanted(&posts);
            let (model, scores) =
                CommunityModel::fit_with_loo_for(&inputs, space.len(), &self.params, &wanted)
                    .map_err(failed())?;
            builder.add(id, model).map_err(failed())?;
            unseen.leave_one_out(id, &posts, &scores)?;
            done += posts.len();
            run.reporter.step(Step::Candidates, done, prepared.posts.len())?;
        }
        parts.insert(PART.to_owned(), builder.write().map_err(failed())?.into());
        Ok(())
    }
}

struct FittedIndex {
    index: Index,
    store: CandidateStore,
}

impl FittedIndex {
    fn index_scores(
        &self,
        post: &Reading<'_>,
        cosines: Option<&[f32]>,
        chosen: &[HashtagId],
        buffers: &mut Buffers,
    ) -> Result<IndexScores, RecommendError> {
        let view = self.store.community(post.community).ok_or_else(|| post.missing(PART))?;
        view.extractor().extract(post.tokens, post.text, &mut buffers.features);
        let (features, time) = (&buffers.features, post.created_at);
        Ok(view.scores(features, time, cosines, chosen, &mut buffers.scratch))
    }
}

impl FittedGenerator for FittedIndex {
    fn source(&self) -> Source {
        match self.index.order {
            IndexOrder::Linear => Source::Linear,
            IndexOrder::NearestPosts => Source::NearestPost,
        }
    }

    fn scores(
        &self,
        post: &Reading<'_>,
        buffers: &mut Buffers,
    ) -> Result<Vec<f32>, RecommendError> {
        let scores = self.index_scores(post, None, &[], buffers)?;
        Ok(match self.index.order {
            IndexOrder::Linear => scores.linear,
            IndexOrder::NearestPosts => scores.nearest,
        })
    }

    fn add_row_scores(
        &self,
        post: &Reading<'_>,
        chosen: &[HashtagId],
        buffers: &mut Buffers,
        scores: &mut RowScores,
    ) -> Result<(), RecommendError> {
        let cosines = scores.meaning.as_ref().map(|meaning| &meaning.cosines[..]);
        scores.index = Some(self.index_scores(post, cosines, chosen, buffers)?);
        Ok(())
    }

    fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        same_hashtags(PART, space, |id| self.store.hashtags(id))
    }

    /// Copies the old communities' indexes and fits those of the new ones, on the calling thread
    /// alone: a service needs the others to answer requests, and the bytes don't depend on the
    /// machine.
    #[cfg(feature = "learn")]
    fn join(
        &self,
        joined: &Joined<'_>,
        parts: &mut Parts,
    ) -> Result<Option<Box<dyn FittedGenerator>>, LearnError> {
        let params = self.index.params.clone().with_threads(1);
        let old = joined.read(PART, CandidateStore::read)?;
        let mut builder = CandidateStoreBuilder::new(&self.index.params);
        for (id, space, origin) in joined.communities() {
            let model = match origin {
                Origin::Old { segment, id } => old[segment].model(id),
                Origin::New(new) => {
                    let inputs = inputs(new.labelled_posts());
                    let model = CommunityModel::fit(&inputs, space.len(), &params);
                    Some(model.map_err(LearnError::fit(space.name()))?.into())
                }
            };
            if let Some(model) = model {
                builder.add(id, model).map_err(LearnError::fit(space.name()))?;
            }
        }
        let bytes = builder.write().map_err(LearnError::part(PART))?;
        parts.insert(PART.to_owned(), bytes.into());
        Ok(Some(self.index.read(&PartReader::in_memory(parts))?))
    }
}
