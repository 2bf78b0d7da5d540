//! The loss of weights and how it changes with them.

use super::samples::{AdjustmentSamples, Candidates};

/// No post counts more than so many, however many gold hashtags it has.
const MOST_GOLD: f64 = 3.0;

/// A candidate with a smaller share of the softmax is left out of the second derivative, which only
/// decides how fast a fit ends.
const LEAST_SHARE: f64 = 1e-6;

/// What holds weights near a place, as so many posts would.
pub(super) struct Prior<'a> {
    pub(super) center: &'a [f64],
    pub(super) posts: f64,
}

impl Prior<'_> {
    pub(super) fn loss(&self, weights: &[f64]) -> f64 {
        let squares = weights.iter().zip(self.center).map(|(w, center)| (w - center).powi(2));
        self.posts / 2.0 * squares.sum::<f64>()
    }

    /// The prior's loss and its derivatives.
    pub(super) fn derivatives(&self, weights: &[f64]) -> Derivatives {
        let width = weights.len();
        let away = weights.iter().zip(self.center).map(|(w, center)| w - center);
        let mut curve = vec![0.0; width * width];
        (0..width).for_each(|at| curve[at * width + at] = self.posts);
        let slope = away.map(|away| away * self.posts).collect();
        Derivatives { loss: self.loss(weights), slope, curve }
    }
}

/// The loss at a point, its first derivative, and its second, row by row.
pub(super) struct Derivatives {
    pub(super) loss: f64,
    pub(super) slope: Vec<f64>,
    /// Only the lower triangle.
    pub(super) curve: Vec<f64>,
}

impl AdjustmentSamples<'_> {
    /// The cross-entropy of the gold hashtags.
    pub(super) fn loss(&self, weights: &[f64]) -> f64 {
        let mut shares = Vec::new();
        self.posts.iter().map(|post| self.shares(post, weights, &mut shares)).sum()
    }

    /// Adds the loss and its derivatives.
    pub(super) fn add_derivatives(&self, weights: &[f64], to: &mut Derivatives) {
        let width = self.width();
        let Derivatives { loss, slope, curve } = to;
        let (mut shares, mut values, mut mean) = (Vec::new(), Vec::new(), vec![0.0; width]);
        for post in &self.posts {
            *loss += self.shares(post, weights, &mut shares);
            let weight = post.weight();
            mean.fill(0.0);
            for (row, share) in post.rows.clone().zip(&shares) {
                values.clear();
                values.extend(self.row(row).iter().copied().map(f64::from));
                mean.iter_mut().zip(&values).for_each(|(mean, value)| *mean += share * value);
                if *share < LEAST_SHARE {
                    continue;
                }
                for (at, value) in values.iter().enumerate() {
                    let part = weight * share * value;
                    let line = &mut curve[at * width..=at * width + at];
                    line.iter_mut().zip(&values).for_each(|(sum, other)| *sum += part * other);
                }
            }
            for at in 0..width {
                let line = &mut curve[at * width..=at * width + at];
                line.iter_mut()
                    .zip(&mean)
                    .for_each(|(sum, other)| *sum -= weight * mean[at] * other);
                slope[at] += weight * mean[at];
            }
            let of_each = weight / post.gold.len() as f64;
            for &row in &post.gold {
                slope
                    .iter_mut()
                    .zip(self.row(row))
                    .for_each(|(sum, value)| *sum -= of_each * f64::from(*value));
            }
        }
    }

    /// Writes each candidate's share of the softmax; returns the post's loss.
    fn shares(&self, post: &Candidates, weights: &[f64], shares: &mut Vec<f64>) -> f64 {
        let sum =
            |row| self.row(row).iter().zip(weights).map(|(&a, b)| f64::from(a) * b).sum::<f64>();
        shares.clear();
        shares.extend(post.rows.clone().map(sum));
        let of_gold: f64 = post.gold.iter().map(|&row| shares[row - post.rows.start]).sum();
        let highest = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        shares.iter_mut().for_each(|share| *share = (*share - highest).exp());
        let total: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= total);
        post.weight() * (highest + total.ln() - of_gold / post.gold.len() as f64)
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width()..(row + 1) * self.width()]
    }
}

impl Candidates {
    fn weight(&self) -> f64 {
        MOST_GOLD.min(self.gold.len() as f64)
    }
}
