//! Candidates by what posts and hashtags mean.

use std::sync::Arc;

#[cfg(feature = "learn")]
use hashrec_candidates::{MeaningLoo, MeaningModel, MeaningStoreBuilder};
use hashrec_candidates::{MeaningParams, MeaningStore, Source};
#[cfg(feature = "learn")]
use hashrec_data::{CommunityId, CommunitySpace};
use hashrec_data::{HashtagId, HashtagSpace};

#[cfg(feature = "learn")]
use crate::{
    error::LearnError,
    pipeline::stage::{Joined, Origin, Parts},
    prepared::{LabelledPost, meaning_inputs},
};
#[cfg(feature = "trainer")]
use crate::{
    error::TrainError,
    pipeline::stage::{Run, UnseenScores},
    progress::Stage as Step,
};
use crate::{
    error::{BundleError, RecommendError},
    pipeline::{
        meaning::Meaning,
        stage::{
            Buffers, FittedGenerator, Generator, PartReader, Reading, RowScores, Stage,
            same_hashtags,
        },
    },
};

pub(crate) const PART: &str = "meaning";

/// Linear classifiers, nearest posts and hashtags' names, over the vectors of an encoder.
#[derive(Clone)]
pub(crate) struct ByMeaning {
    #[cfg_attr(not(feature = "learn"), expect(dead_code, reason = "of the fit"))]
    pub(crate) params: MeaningParams,
}

impl Stage for ByMeaning {}

impl ByMeaning {
    /// Fits the candidates of one community to its posts and the vectors of its hashtags' names.
    #[cfg(feature = "learn")]
    pub(crate) fn of(
        &self,
        space: &CommunitySpace,
        names: &[f32],
        posts: &[LabelledPost<'_>],
        wanted: &[u32],
        threads: usize,
    ) -> Result<(MeaningModel, MeaningLoo), LearnError> {
        let (inputs, names) = (meaning_inputs(posts), (names, space.len()));
        MeaningModel::fit(&inputs, names, &self.params, wanted, threads)
            .map_err(LearnError::fit(space.name()))
    }
}

impl Generator for ByMeaning {
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedGenerator>, BundleError> {
        let store = parts.read(PART, MeaningStore::read)?;
        let meaning = parts.meaning()?;
        if store.dim() != meaning.dim() {
            return Err(BundleError::Inconsistent { part: PART });
        }
        Ok(Box::new(FittedMeaning { store, meaning, generator: self.clone() }))
    }

    #[cfg(feature = "trainer")]
    fn fit(
        &self,
        run: &Run<'_>,
        parts: &mut Parts,
        unseen: &mut dyn UnseenScores,
    ) -> Result<(), TrainError> {
        let meaning = run.meaning()?;
        let mut builder = MeaningStoreBuilder::new(meaning.dim(), &self.params);
        for ((id, space), posts) in run.space().communities().zip(run.prepared.by_community()) {
            let wanted = unseen.wanted(&posts);
            let labelled: Vec<_> = posts.iter().map(|&post| run.prepared.labelled(post)).collect();
            let (names, threads) = (run.prepared.encoded.names(id), rayon::current_num_threads());
            let (model, scores) = self.of(space, names, &labelled, &wanted, threads)?;
            builder.add(id, model).map_err(TrainError::step(Step::Candidates))?;
            unseen.meaning(id, scores);
        }
        let bytes = builder.write().map_err(TrainError::step(Step::Candidates))?;
        parts.insert(PART.to_owned(), bytes.into());
        Ok(())
    }
}

struct FittedMeaning {
    #[cfg_attr(not(feature = "learn"), expect(dead_code, reason = "of the fit"))]
    generator: ByMeaning,
    store: MeaningStore,
    meaning: Arc<Meaning>,
}

impl FittedGenerator for FittedMeaning {
    fn source(&self) -> Source {
        Source::Meaning
    }

    fn scores(&self, post: &Reading<'_>, _: &mut Buffers) -> Result<Vec<f32>, RecommendError> {
        let view = self.store.community(post.community).ok_or_else(|| post.missing(PART))?;
        Ok(view.scores(post.meaning(&self.meaning)?).linear)
    }

    fn add_row_scores(
        &self,
        post: &Reading<'_>,
        _: &[HashtagId],
        _: &mut Buffers,
        scores: &mut RowScores,
    ) -> Result<(), RecommendError> {
        let view = self.store.community(post.community).ok_or_else(|| post.missing(PART))?;
        scores.meaning = Some(view.scores(post.meaning(&self.meaning)?));
        Ok(())
    }

    fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        same_hashtags(PART, space, |id| Some(self.store.community(id)?.hashtags()))
    }

    /// Copies the old communities' candidates and fits those of the new ones.
    #[cfg(feature = "learn")]
    fn join(
        &self,
        joined: &Joined<'_>,
        parts: &mut Parts,
    ) -> Result<Option<Box<dyn FittedGenerator>>, LearnError> {
        let old = joined.read(PART, MeaningStore::read)?;
        let mut builder = MeaningStoreBuilder::new(self.meaning.dim(), &self.generator.params);
        for (id, space, origin) in joined.communities() {
            let model = match origin {
                Origin::Old { segment, id } => old[segment].model(id),
                Origin::New(new) => {
                    let posts: Vec<_> = new.labelled_posts().collect();
                    let names = new.encoded.names(CommunityId(0));
                    Some(self.generator.of(space, names, &posts, &[], 1)?.0)
                }
            };
            if let Some(model) = model {
                builder.add(id, model).map_err(LearnError::fit(space.name()))?;
            }
        }
        let bytes = builder.write().map_err(LearnError::part(PART))?;
        parts.insert(PART.to_owned(), bytes.into());
        let reader = PartReader { meaning: Some(&self.meaning), ..PartReader::in_memory(parts) };
        Ok(Some(self.generator.read(&reader)?))
    }
}
