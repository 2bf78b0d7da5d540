//! What the generators say of every hashtag of a community.

use crate::{
    Candidate, Source,
    candidate::{candidates, top},
};

/// What the generators say about one post: one score per hashtag of the community and kind.
///
/// For a post the model was fitted on, the scores come from a model without it
/// (`Loo::scores`, feature `train`), so that rows to train a ranker on look like rows served.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexScores {
    /// The linear classifier: about 1 for a hashtag the post should carry, about 0 otherwise.
    pub linear: Vec<f32>,
    /// The same of a classifier in which posts close in time count more; `None` where too few of
    /// the community's posts have a time.
    pub recent: Option<Vec<f32>>,
    /// The nearest posts' vote: the share of the votes that carry the hashtag, 0 to 1.
    pub nearest: Vec<f32>,
    /// The highest similarity of a voting post that carries the hashtag, 0 if there is none.
    pub nearest_best: Vec<f32>,
    /// The mean similarity of all posts that carry the hashtag, smoothed towards 0.
    pub centroid: Vec<f32>,
    /// The vote of the nearest of the posts that carry a hashtag the author has chosen, a share as
    /// [`nearest`](Self::nearest); `None` where none is chosen.
    pub cooccurrence: Option<Vec<f32>>,
    /// The highest similarity of any post.
    pub nearest_max: f32,
}

impl IndexScores {
    /// Zeros for `hashtags` hashtags.
    pub(crate) fn zeros(hashtags: usize) -> Self {
        let zeros = || vec![0.0; hashtags];
        Self {
            linear: zeros(),
            recent: None,
            cooccurrence: None,
            nearest: zeros(),
            nearest_best: zeros(),
            centroid: zeros(),
            nearest_max: 0.0,
        }
    }

    /// The `limit` best by the linear classifier.
    pub fn linear_candidates(&self, limit: usize) -> Vec<Candidate> {
        candidates(&self.linear, limit, f32::NEG_INFINITY, Source::Linear)
    }

    /// The `limit` best by the nearest posts' vote, of those that got a vote.
    pub fn nearest_candidates(&self, limit: usize) -> Vec<Candidate> {
        candidates(&self.nearest, limit, 0.0, Source::NearestPost)
    }

    /// The positions of the `limit` best of `scores`, best first, ties by position: the more used
    /// hashtag.
    pub fn best(scores: &[f32], limit: usize) -> Vec<usize> {
        top(scores, limit, |_| true)
    }

    /// Damaged files can hold any number: what is not finite counts as 0.
    pub(crate) fn make_finite(&mut self) {
        let kinds =
            [&mut self.linear, &mut self.nearest, &mut self.nearest_best, &mut self.centroid];
        let optional = [&mut self.recent, &mut self.cooccurrence].into_iter().flatten().flatten();
        for score in kinds.into_iter().flatten().chain(optional).chain([&mut self.nearest_max]) {
            if !score.is_finite() {
                *score = 0.0;
            }
        }
    }
}
