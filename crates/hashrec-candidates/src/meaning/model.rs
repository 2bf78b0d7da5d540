//! The candidates by meaning of one community.

use std::f32::consts::FRAC_1_SQRT_2;

use hashrec_storage::Table;

use super::{
    params::MeaningParams,
    quantized::{Quantized, QuantizedRows, RowsView, finite},
    scores::MeaningScores,
};
use crate::{
    NearestParams,
    gold::{Gold, GoldTables},
    linear::LinearView,
    nearest,
};

/// The candidates by meaning of one community. Cloning is cheap because clones share the tables.
#[derive(Clone, Debug, PartialEq)]
pub struct MeaningModel {
    /// Of each post the vector of its text, then that of its title.
    pub(crate) posts: QuantizedRows,
    /// The vectors of the hashtags' names.
    pub(crate) names: QuantizedRows,
    pub(crate) gold: GoldTables,
    /// Posts or features × hashtags; which, `primal` says.
    pub(crate) weights: Table<u16>,
    pub(crate) bias: Table<f32>,
    /// Whether the linear classifier has weights for features, not for posts.
    pub(crate) primal: bool,
    pub(crate) params: MeaningParams,
}

impl MeaningModel {
    /// The view that answers questions about posts.
    pub fn view(&self) -> MeaningView<'_> {
        MeaningView {
            posts: self.posts.view(),
            names: self.names.view(),
            gold: self.gold.view(),
            linear: LinearView { support: &[], weights: &self.weights, bias: &self.bias },
            primal: self.primal,
            params: &self.params,
        }
    }
}

/// The candidates by meaning of one community, read in place.
#[derive(Clone, Copy, Debug)]
pub struct MeaningView<'a> {
    pub(crate) posts: RowsView<'a>,
    pub(crate) names: RowsView<'a>,
    pub(crate) gold: Gold<'a>,
    pub(crate) linear: LinearView<'a>,
    pub(crate) primal: bool,
    pub(crate) params: &'a MeaningParams,
}

impl MeaningView<'_> {
    /// The number of hashtags of the community.
    pub fn hashtags(&self) -> usize {
        self.gold.uses.len()
    }

    /// The scores of a new post, given the vector of its text followed by that of its title, each of
    /// length 1 or all zeros. In a community of fewer than two posts only the hashtags' names tell
    /// anything. Numbers that are not finite count as 0, and so do all numbers of vectors of another
    /// length than the fit's.
    pub fn scores(&self, post: &[f32]) -> MeaningScores {
        let mut known = vec![0.0; 2 * self.names.width()];
        if post.len() == known.len() {
            known.iter_mut().zip(post).for_each(|(known, &value)| *known = finite(value));
        }
        let post = &known[..];
        let similarities = self.similarities(post);
        let mut scores = self.without_linear(post, &similarities, None);
        scores.linear = vec![0.0; self.hashtags()];
        if self.posts.len() > 1 {
            if self.primal {
                let features: Vec<f32> = post.iter().map(|value| value * FRAC_1_SQRT_2).collect();
                self.linear.score(&features, &mut scores.linear);
            } else {
                self.linear.score(&similarities, &mut scores.linear);
            }
        }
        scores.cosines = similarities;
        scores.make_finite();
        scores
    }

    /// The mean of the two cosines of a post with each post of the community.
    pub(crate) fn similarities(&self, post: &[f32]) -> Vec<f32> {
        let mut products = self.posts.products(&Quantized::of(post));
        products.iter_mut().for_each(|product| *product *= 0.5);
        products
    }

    /// All scores but the linear classifier's; `skip` as in [`nearest::votes`].
    pub(crate) fn without_linear(
        &self,
        post: &[f32],
        similarities: &[f32],
        skip: Option<usize>,
    ) -> MeaningScores {
        let sharpness = self.params.sharpness;
        // Vectors longer than 1 weigh no more than the same vector.
        let weight = |cosine: &f32| (sharpness * (cosine.clamp(-1.0, 1.0) - 1.0)).exp();
        let weights: Vec<f32> = similarities.iter().map(weight).collect();
        let params = NearestParams {
            neighbors: self.params.neighbors,
            power: 1.0,
            centroid_smoothing: self.params.centroid_smoothing,
        };
        let votes = nearest::votes(&weights, self.gold, skip, &params);
        let (text, title) = post.split_at(post.len() / 2);
        let names = |vector| self.names.products(&Quantized::of(vector));
        MeaningScores {
            cosines: Vec::new(),
            linear: Vec::new(),
            nearest: votes.shares,
            nearest_best: votes.best,
            nearest_max: votes.max,
            centroid: votes.centroid,
            text_name: names(text),
            title_name: names(title),
        }
    }
}
