//! Generators that need nothing but the hashtag space: the most frequent hashtags, or all of them.

use hashrec_candidates::Source;
use hashrec_data::{HashtagId, HashtagSpace};

#[cfg(feature = "learn")]
use crate::{
    error::LearnError,
    pipeline::stage::{Joined, Parts},
};
use crate::{
    error::{BundleError, RecommendError},
    pipeline::stage::{Buffers, FittedGenerator, Generator, PartReader, Reading, Stage},
};

/// Scores hashtags by their share of the community's posts, whatever the post says.
#[derive(Clone, Copy)]
pub(crate) struct Popular {
    /// Whether the paper's ranker is given every hashtag, not only the most frequent.
    pub(crate) every_candidate: bool,
}

impl Stage for Popular {}

impl Generator for Popular {
    fn read(&self, _: &PartReader<'_>) -> Result<Box<dyn FittedGenerator>, BundleError> {
        Ok(Box::new(*self))
    }
}

impl FittedGenerator for Popular {
    fn source(&self) -> Source {
        Source::Popular
    }

    fn scores(&self, post: &Reading<'_>, _: &mut Buffers) -> Result<Vec<f32>, RecommendError> {
        let posts = post.space.posts().max(1) as f32;
        Ok(post.space.counts().iter().map(|&count| count as f32 / posts).collect())
    }

    fn candidates(
        &self,
        post: &Reading<'_>,
        _: &mut Buffers,
    ) -> Result<Vec<HashtagId>, RecommendError> {
        // Ids are in the order of use.
        let count = if self.every_candidate { usize::MAX } else { 30 };
        Ok((0..post.space.len().min(count) as u32).map(HashtagId).collect())
    }

    fn check_space(&self, _: &HashtagSpace) -> Result<(), BundleError> {
        Ok(())
    }

    #[cfg(feature = "learn")]
    fn join(
        &self,
        _: &Joined<'_>,
        _: &mut Parts,
    ) -> Result<Option<Box<dyn FittedGenerator>>, LearnError> {
        Ok(Some(Box::new(*self)))
    }
}
