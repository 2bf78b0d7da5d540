//! The loss of weights and how it changes with them.

use super::samples::{AdjustmentSamples, Candidates};

/// How strongly the weights are held near the ranker's score alone: as by so many posts.
const PRIOR: f64 = 40.0;

/// No post counts more than so many, however many gold hashtags it has.
const MOST_GOLD: f64 = 3.0;

/// The loss at a point, its first derivative, and its second, row by row.
pub(super) struct Derivatives {
    pub(super) loss: f64,
    pub(super) slope: Vec<f64>,
    pub(super) curve: Vec<f64>,
}

impl AdjustmentSamples<'_> {
    /// The cross-entropy of the gold hashtags, and the prior's part.
    pub(super) fn loss(&self, weights: &[f64], begin: &[f64]) -> f64 {
        let mut shares = Vec::new();
        let posts: f64 =
            self.posts.iter().map(|post| self.shares(post, weights, &mut shares)).sum();
        posts + held(weights, begin)
    }

    /// The loss and its derivatives.
    pub(super) fn derivatives(&self, weights: &[f64], begin: &[f64]) -> Derivatives {
        let width = self.width();
        let (mut slope, mut curve) = (vec![0.0; width], vec![0.0; width * width]);
        let (mut shares, mut mean) = (Vec::new(), vec![0.0; width]);
        let mut loss = held(weights, begin);
        for post in &self.posts {
            loss += self.shares(post, weights, &mut shares);
            let weight = post.weight();
            mean.fill(0.0);
            for (row, share) in post.rows.clone().zip(&shares) {
                let values = self.row(row);
                mean.iter_mut().zip(values).for_each(|(mean, value)| *mean += share * value);
                for (at, value) in values.iter().enumerate() {
                    let part = weight * share * value;
                    let line = &mut curve[at * width..=at * width + at];
                    line.iter_mut().zip(values).for_each(|(sum, other)| *sum += part * other);
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
                    .for_each(|(sum, value)| *sum -= of_each * value);
            }
        }
        for at in 0..width {
            slope[at] += PRIOR * (weights[at] - begin[at]);
            curve[at * width + at] += PRIOR;
        }
        Derivatives { loss, slope, curve }
    }

    /// Writes each candidate's share of the softmax; returns the post's loss.
    fn shares(&self, post: &Candidates, weights: &[f64], shares: &mut Vec<f64>) -> f64 {
        let sum = |row| self.row(row).iter().zip(weights).map(|(a, b)| a * b).sum::<f64>();
        shares.clear();
        shares.extend(post.rows.clone().map(sum));
        let of_gold: f64 = post.gold.iter().map(|&row| shares[row - post.rows.start]).sum();
        let highest = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        shares.iter_mut().for_each(|share| *share = (*share - highest).exp());
        let total: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= total);
        post.weight() * (highest + total.ln() - of_gold / post.gold.len() as f64)
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width()..(row + 1) * self.width()]
    }
}

impl Candidates {
    fn weight(&self) -> f64 {
        MOST_GOLD.min(self.gold.len() as f64)
    }
}

fn held(weights: &[f64], begin: &[f64]) -> f64 {
    let squares = weights.iter().zip(begin).map(|(weight, begin)| (weight - begin).powi(2));
    PRIOR / 2.0 * squares.sum::<f64>()
}
