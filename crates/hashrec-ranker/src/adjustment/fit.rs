//! Fitting the weights of one community.

use super::{samples::AdjustmentSamples, solve::solve};

/// Fewer posts than so many adjust nothing.
const FEWEST_POSTS: usize = 20;

/// The most steps of a fit. Newton's method needs fewer than ten.
const STEPS: usize = 50;

/// A step that moves no weight further ends the fit.
const STILL: f64 = 1e-6;

/// The shortest share of a step that is tried.
const SHORTEST: f64 = 1e-4;

/// The weights of one community: of the ranker's score, then of each column.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjustment {
    pub(super) weights: Vec<f32>,
}

impl Adjustment {
    /// The ranker's score alone.
    pub fn none(columns: usize) -> Self {
        let mut weights = vec![0.0; columns + 1];
        weights[0] = 1.0;
        Self { weights }
    }

    /// Whether it is the ranker's score alone.
    pub fn is_none(&self) -> bool {
        *self == Self::none(self.weights.len() - 1)
    }
}

impl AdjustmentSamples<'_> {
    /// The weights that make the gold hashtags likeliest among the candidates of each post (softmax,
    /// cross-entropy), held near the ranker's score alone. Fewer than 20 posts adjust nothing.
    ///
    /// The loss is convex and minimised by Newton's method: the same samples give the same weights.
    pub fn fit(&self) -> Adjustment {
        let none = Adjustment::none(self.width() - 1);
        if self.posts.len() < FEWEST_POSTS {
            return none;
        }
        let mut weights: Vec<f64> = none.weights.iter().map(|&weight| weight.into()).collect();
        let begin = weights.clone();
        for _ in 0..STEPS {
            let here = self.derivatives(&weights, &begin);
            let Some(step) = solve(here.curve, here.slope.clone()) else { break };
            let falls: f64 = here.slope.iter().zip(&step).map(|(slope, step)| slope * step).sum();
            let mut share = 1.0;
            let next = loop {
                let next: Vec<f64> =
                    weights.iter().zip(&step).map(|(weight, step)| weight - share * step).collect();
                if self.loss(&next, &begin) <= here.loss - 1e-4 * share * falls {
                    break Some(next);
                }
                share /= 2.0;
                if share < SHORTEST {
                    break None;
                }
            };
            let Some(next) = next else { break };
            weights = next;
            if step.iter().all(|step| step.abs() < STILL) {
                break;
            }
        }
        Adjustment { weights: weights.into_iter().map(|weight| weight as f32).collect() }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::{AdjustmentColumn, AdjustmentScale};

    fn columns() -> Vec<AdjustmentColumn> {
        ["a", "b"].map(|name| AdjustmentColumn::new(name, AdjustmentScale::Times(1.0))).into()
    }

    /// Posts of three candidates whose gold one has the highest `a`, while the ranker prefers
    /// another and `b` says nothing.
    fn samples(columns: &[AdjustmentColumn], posts: usize) -> AdjustmentSamples<'_> {
        let mut samples = AdjustmentSamples::new(columns);
        for post in 0..posts {
            let best = post % 3;
            let features = Array2::from_shape_fn((3, 2), |(row, column)| match column {
                0 => f32::from(row == best),
                _ => ((post * 7 + row * 5) % 11) as f32 / 11.0,
            });
            let scores: Vec<f64> = (0..3).map(|row| f64::from(row == (best + 1) % 3)).collect();
            let gold: Vec<bool> = (0..3).map(|row| row == best).collect();
            samples.push_post(&scores, features.view(), &gold).unwrap();
        }
        samples
    }

    #[test]
    fn what_says_more_in_this_community_weighs_more() {
        let columns = columns();
        let Adjustment { weights } = samples(&columns, 300).fit();
        assert!(weights[0] < 0.5, "{weights:?}");
        assert!(weights[1] > 1.0, "{weights:?}");
        assert!(weights[2].abs() < 0.3, "{weights:?}");
    }

    #[test]
    fn few_posts_move_little_and_fewer_nothing() {
        let columns = columns();
        let few = samples(&columns, 25).fit().weights[1];
        assert!(few > 0.0 && few < samples(&columns, 300).fit().weights[1]);
        assert!(samples(&columns, FEWEST_POSTS - 1).fit().is_none());
    }

    #[test]
    fn the_slope_is_zero_at_the_end() {
        let columns = columns();
        let samples = samples(&columns, 40);
        let weights: Vec<f64> = samples.fit().weights.iter().map(|&w| f64::from(w)).collect();
        let slope = samples.derivatives(&weights, &[1.0, 0.0, 0.0]).slope;
        assert!(slope.iter().all(|slope| slope.abs() < 1e-3), "{slope:?}");
    }
}
