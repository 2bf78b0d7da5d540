//! The scores that the generators give the hashtags of a community.

use crate::{
    Candidate, Source,
    candidate::{candidates, top},
    nearest::Votes,
};

/// The scores that the generators give one post: of each kind, one score per hashtag of the
/// community.
///
/// For posts that the model was fitted on, `Loo::scores` (feature `train`) gives the scores of a model
/// fitted without them, so that a ranker is trained on the scores that it will see when serving.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexScores {
    /// The linear classifier: about 1 for a hashtag that the post should have, otherwise about 0.
    pub linear: Vec<f32>,
    /// The second linear classifier, in which posts close in time count more; `None` if too few posts
    /// of the community have a time.
    pub recent: Option<Vec<f32>>,
    /// The vote of the nearest posts: the share of the votes for the hashtag, 0 to 1.
    pub nearest: Vec<f32>,
    /// The highest similarity of a voting post that has the hashtag; 0 if there is none.
    pub nearest_best: Vec<f32>,
    /// The mean similarity of all posts that have the hashtag, smoothed towards 0.
    pub centroid: Vec<f32>,
    /// The co-occurrence with chosen hashtags: the vote of the nearest posts that have a hashtag which
    /// the author has chosen, as a share like [`nearest`](Self::nearest); `None` if none is chosen.
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

    pub(crate) fn set_votes(&mut self, votes: Votes) {
        self.nearest = votes.shares;
        self.nearest_best = votes.best;
        self.nearest_max = votes.max;
        self.centroid = votes.centroid;
    }

    /// The `limit` best candidates of the linear classifier.
    pub fn linear_candidates(&self, limit: usize) -> Vec<Candidate> {
        candidates(&self.linear, limit, f32::NEG_INFINITY, Source::Linear)
    }

    /// The `limit` best candidates of the nearest posts, among hashtags that got a vote.
    pub fn nearest_candidates(&self, limit: usize) -> Vec<Candidate> {
        candidates(&self.nearest, limit, 0.0, Source::NearestPost)
    }

    /// The positions of the `limit` highest `scores`, best first. Ties go by position, so the more
    /// used hashtag comes first.
    pub fn best(scores: &[f32], limit: usize) -> Vec<usize> {
        top(scores, limit, |_| true)
    }

    /// Replaces scores that are not finite, which damaged files can cause, by 0.
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
