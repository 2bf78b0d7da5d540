//! The scores by meaning of the hashtags of a community.

/// The scores by meaning of one post: of each kind, one score per hashtag of the community.
///
/// [`MeaningLoo::scores`](crate::MeaningLoo::scores) (feature `train`) gives those of posts that the
/// model was fitted on, as a model without them would give them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeaningScores {
    /// The mean of the two cosines of the post with each post of the community: not per hashtag, but per
    /// post.
    pub cosines: Vec<f32>,
    /// The linear classifier: about 1 for a hashtag that the post should have, otherwise about 0.
    pub linear: Vec<f32>,
    /// The vote of the posts that mean about the same: the share of the votes, 0 to 1.
    pub nearest: Vec<f32>,
    /// The highest weight of a voting post that has the hashtag; 0 if there is none.
    pub nearest_best: Vec<f32>,
    /// The mean weight of all posts that have the hashtag, smoothed towards 0.
    pub centroid: Vec<f32>,
    /// The cosine of the text and the hashtag's name.
    pub text_name: Vec<f32>,
    /// The cosine of the title and the hashtag's name.
    pub title_name: Vec<f32>,
    /// The highest weight of any post.
    pub nearest_max: f32,
}

impl MeaningScores {
    /// Replaces scores that are not finite, which damaged files can cause, by 0.
    pub(crate) fn make_finite(&mut self) {
        let kinds = [
            &mut self.cosines,
            &mut self.linear,
            &mut self.nearest,
            &mut self.nearest_best,
            &mut self.centroid,
            &mut self.text_name,
            &mut self.title_name,
        ];
        for score in kinds.into_iter().flatten().chain([&mut self.nearest_max]) {
            if !score.is_finite() {
                *score = 0.0;
            }
        }
    }
}
