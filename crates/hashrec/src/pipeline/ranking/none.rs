//! No ranker: the generators' own order.

use hashrec_data::HashtagId;

#[cfg(feature = "learn")]
use crate::{
    error::LearnError,
    pipeline::stage::{Joined, Parts},
};
use crate::{
    error::{BundleError, RecommendError},
    pipeline::stage::{
        Asked, Buffers, FittedGenerator, FittedRanking, PartReader, Ranking, Reading, Scored, Stage,
    },
};

/// Every hashtag has the highest score that a generator gives it.
#[derive(Clone, Copy)]
pub(crate) struct Unranked;

impl Stage for Unranked {}

impl Ranking for Unranked {
    fn read(&self, _: &PartReader<'_>) -> Result<Box<dyn FittedRanking>, BundleError> {
        Ok(Box::new(*self))
    }
}

impl FittedRanking for Unranked {
    fn rank(
        &self,
        post: &Reading<'_>,
        generators: &[Box<dyn FittedGenerator>],
        _: &Asked,
        buffers: &mut Buffers,
    ) -> Result<Vec<Scored>, RecommendError> {
        let mut best: Vec<Scored> = Vec::new();
        for generator in generators {
            let scores = generator.scores(post, buffers)?;
            for (tag, score) in scores.into_iter().enumerate() {
                if best.get(tag).is_some_and(|other| other.score >= score) {
                    continue;
                }
                let hashtag = HashtagId(tag as u32);
                let scored = Scored { hashtag, score, sources: vec![generator.source()] };
                match best.get_mut(tag) {
                    Some(place) => *place = scored,
                    None => best.push(scored),
                }
            }
        }
        Ok(best)
    }

    fn for_segment(&self, _: &PartReader<'_>) -> Result<Box<dyn FittedRanking>, BundleError> {
        Ok(Box::new(*self))
    }

    #[cfg(feature = "learn")]
    fn join(
        &self,
        _: &Joined<'_>,
        _: &mut Parts,
    ) -> Result<Option<Box<dyn FittedRanking>>, LearnError> {
        Ok(Some(Box::new(*self)))
    }
}
