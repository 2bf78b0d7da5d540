//! Leave-one-out scores by meaning.

use super::{model::MeaningModel, scores::MeaningScores};

/// Leave-one-out scores: for a post that the model was fitted on, the scores of a model fitted without
/// it. They are exact and need no refit.
pub struct MeaningLoo {
    pub(crate) model: MeaningModel,
    /// The positions of the posts that have scores, rising.
    pub(crate) asked: Vec<u32>,
    /// Asked posts × hashtags.
    pub(crate) linear: Vec<f32>,
}

impl MeaningLoo {
    /// The scores of a post; `None` if its scores were not requested.
    pub fn scores(&self, post: usize) -> Option<MeaningScores> {
        let row = self.asked.binary_search(&u32::try_from(post).ok()?).ok()?;
        let view = self.model.view();
        let mut vector = vec![0.0; view.posts.width()];
        view.posts.restore(post, 1.0, &mut vector);
        let similarities = view.similarities(&vector);
        let mut scores = view.without_linear(&vector, &similarities, Some(post));
        let hashtags = view.hashtags();
        scores.linear = self.linear.get(row * hashtags..(row + 1) * hashtags)?.to_vec();
        scores.make_finite();
        Some(scores)
    }
}
