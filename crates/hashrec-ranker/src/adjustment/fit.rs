//! Fitting the weights of one community.

use super::{derivatives::Prior, samples::AdjustmentSamples, solve::solve};
use crate::{RankerError, error::expect_equal};

/// Fewer posts than so many adjust nothing.
const FEWEST_POSTS: usize = 20;

/// Fewer communities than so many have nothing in common that would hold for another.
const FEWEST_COMMUNITIES: usize = 3;

/// How strongly the shared weights are held near the ranker's score alone: as by so many posts.
const SHARED_PRIOR: f64 = 50.0;

/// How strongly a community's weights are held near the shared ones.
const OWN_PRIOR: f64 = 20.0;

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

    /// What communities have in common: the weights of all their posts together, held near the
    /// ranker's score alone. Fewer than 3 communities, or 20 posts, have nothing in common.
    ///
    /// # Errors
    /// [`RankerError::Shape`] if the samples don't have so many columns.
    pub fn shared<'a>(
        columns: usize,
        communities: impl IntoIterator<Item = &'a AdjustmentSamples<'a>>,
    ) -> Result<Self, RankerError> {
        let communities: Vec<&AdjustmentSamples<'_>> =
            communities.into_iter().filter(|samples| samples.posts() > 0).collect();
        let none = Self::none(columns);
        if communities.len() < FEWEST_COMMUNITIES {
            return Ok(none);
        }
        none.fitted_to(&communities, SHARED_PRIOR)
    }

    /// The weights that make the gold hashtags likeliest, held near these ones.
    fn fitted_to(
        &self,
        samples: &[&AdjustmentSamples<'_>],
        posts: f64,
    ) -> Result<Self, RankerError> {
        for samples in samples {
            expect_equal("weights of an adjustment", samples.width(), self.weights.len())?;
        }
        if samples.iter().map(|samples| samples.posts()).sum::<usize>() < FEWEST_POSTS {
            return Ok(self.clone());
        }
        let center: Vec<f64> = self.weights.iter().map(|&weight| weight.into()).collect();
        let prior = Prior { center: &center, posts };
        let loss = |weights: &[f64]| {
            prior.loss(weights) + samples.iter().map(|of| of.loss(weights)).sum::<f64>()
        };
        let mut weights = center.clone();
        for _ in 0..STEPS {
            let mut here = prior.derivatives(&weights);
            samples.iter().for_each(|of| of.add_derivatives(&weights, &mut here));
            let Some(step) = solve(here.curve, here.slope.clone()) else { break };
            let falls: f64 = here.slope.iter().zip(&step).map(|(slope, step)| slope * step).sum();
            let mut share = 1.0;
            let next = loop {
                let next: Vec<f64> =
                    weights.iter().zip(&step).map(|(weight, step)| weight - share * step).collect();
                if loss(&next) <= here.loss - 1e-4 * share * falls {
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
        Ok(Self { weights: weights.into_iter().map(|weight| weight as f32).collect() })
    }
}

impl AdjustmentSamples<'_> {
    /// The weights that make each gold hashtag likeliest among the candidates of its post that aren't
    /// gold (softmax, cross-entropy), held near those that communities [share](Adjustment::shared). Fewer than 20
    /// posts adjust nothing beside.
    ///
    /// The loss is convex and minimised by Newton's method: the same samples give the same weights.
    ///
    /// # Errors
    /// [`RankerError::Shape`] if the shared weights are of other columns.
    pub fn fit(&self, shared: &Adjustment) -> Result<Adjustment, RankerError> {
        shared.fitted_to(&[self], OWN_PRIOR)
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

    fn own(samples: &AdjustmentSamples<'_>) -> Adjustment {
        samples.fit(&Adjustment::none(2)).unwrap()
    }

    #[test]
    fn what_says_more_in_this_community_weighs_more() {
        let columns = columns();
        let Adjustment { weights } = own(&samples(&columns, 300));
        assert!(weights[0] < 0.5, "{weights:?}");
        assert!(weights[1] > 1.0, "{weights:?}");
        assert!(weights[2].abs() < 0.3, "{weights:?}");
    }

    #[test]
    fn few_posts_move_little_and_fewer_nothing() {
        let columns = columns();
        let few = own(&samples(&columns, 25)).weights[1];
        assert!(few > 0.0 && few < own(&samples(&columns, 300)).weights[1]);
        assert!(own(&samples(&columns, FEWEST_POSTS - 1)).is_none());
    }

    #[test]
    fn small_communities_together_say_what_one_alone_does_not() {
        let columns = columns();
        let few = samples(&columns, FEWEST_POSTS - 1);
        let shared = |count| Adjustment::shared(2, vec![&few; count]).unwrap();
        assert!(shared(FEWEST_COMMUNITIES - 1).is_none());
        let many = shared(100);
        assert!(many.weights[1] > 0.5, "{many:?}");
        // A community that can't say it is otherwise takes what they share.
        assert_eq!(few.fit(&many).unwrap(), many);
        let none = samples(&columns, 0);
        assert!(Adjustment::shared(2, [&few, &few, &none]).unwrap().is_none());
    }

    #[test]
    fn the_slope_is_zero_at_the_end() {
        let columns = columns();
        let samples = samples(&columns, 40);
        let weights: Vec<f64> = own(&samples).weights.iter().map(|&w| f64::from(w)).collect();
        let prior = Prior { center: &[1.0, 0.0, 0.0], posts: OWN_PRIOR };
        let mut there = prior.derivatives(&weights);
        samples.add_derivatives(&weights, &mut there);
        assert!(there.slope.iter().all(|slope| slope.abs() < 1e-3), "{:?}", there.slope);
    }

    #[test]
    fn weights_of_other_columns_are_refused() {
        let columns = columns();
        let samples = samples(&columns, 1);
        assert!(samples.fit(&Adjustment::none(1)).is_err());
        assert!(Adjustment::shared(3, vec![&samples; 3]).is_err());
    }
}
