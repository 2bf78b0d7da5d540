//! One generator's score of every hashtag of a community.

use hashrec_candidates::{PostFeatures, Scratch, fuse};

use super::{Reading, answer::classifier_scores};
use crate::{RecommendError, system::Generator};

/// The generator's score of every hashtag, in the order of ids.
pub(crate) fn dense_scores(
    post: &Reading<'_>,
    generator: Generator,
    features: &mut PostFeatures,
    scratch: &mut Scratch,
) -> Result<Vec<f32>, RecommendError> {
    let zeros = || vec![0.0; post.hashtags()];
    Ok(match generator {
        Generator::Linear => post.index_scores(&[], features, scratch).map(|scores| scores.linear),
        Generator::NearestPosts => {
            post.index_scores(&[], features, scratch).map(|scores| scores.nearest)
        }
        Generator::MultiLabel => classifier_scores(post)?
            .map(|logits| logits.into_iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect()),
        Generator::Simple => simple(post)?,
        Generator::Popular | Generator::Everything | Generator::Shortlist => popular(post),
    }
    .unwrap_or_else(zeros))
}

/// Each hashtag's share of the community's posts.
fn popular(post: &Reading<'_>) -> Option<Vec<f32>> {
    let space = post.model.space.community(post.community)?;
    let posts = space.posts().max(1) as f32;
    Some(space.counts().iter().map(|&count| count as f32 / posts).collect())
}

/// The paper's three sources, fused by reciprocal rank; 0 for what none of them names.
fn simple(post: &Reading<'_>) -> Result<Option<Vec<f32>>, RecommendError> {
    let store = post.model.simple.as_ref();
    let Some(view) = store.and_then(|store| store.community(post.community)) else {
        return Ok(None);
    };
    let params = &post.model.config().candidates.simple;
    let found = view.candidates(post.tokens, post.vector()?, params);
    let mut scores = vec![0.0; view.hashtags()];
    for (hashtag, score) in fuse(&found, params) {
        if let Some(place) = scores.get_mut(hashtag.index()) {
            *place = score;
        }
    }
    Ok(Some(scores))
}
