//! The loss of weights and how it changes with them.

use super::samples::{AdjustmentSamples, Candidates};

/// No post counts more than so many, however many gold hashtags it has.
const MOST_GOLD: f64 = 3.0;

/// A candidate with a smaller share of the softmax is left out of the second derivative, which only
/// decides how fast a fit ends.
const LEAST_SHARE: f64 = 1e-6;

/// No score is further ahead of the best of the others, so that its exponential is finite.
const FURTHEST_AHEAD: f64 = 500.0;

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

/// The candidates of one post as each of its gold hashtags is told apart from those that aren't gold:
/// a softmax over that one and all of these. Gold hashtags don't compete with one another.
#[derive(Default)]
struct Contest {
    /// The sum of the softmaxes' shares of each candidate.
    shares: Vec<f64>,
    /// The gold candidates.
    gold: Vec<Gold>,
    loss: f64,
}

struct Gold {
    row: usize,
    /// Its share of its softmax.
    own: f64,
    /// What the shares of the others in all softmaxes are multiplied by to give those in this one.
    others: f64,
}

impl AdjustmentSamples<'_> {
    /// The cross-entropy of the gold hashtags.
    pub(super) fn loss(&self, weights: &[f64]) -> f64 {
        let mut contest = Contest::default();
        let each = self.posts.iter().map(|post| {
            self.judge(post, weights, &mut contest);
            post.weight() * contest.loss
        });
        each.sum()
    }

    /// Adds the loss and its derivatives.
    pub(super) fn add_derivatives(&self, weights: &[f64], to: &mut Derivatives) {
        let width = self.width();
        let Derivatives { loss, slope, curve } = to;
        let (mut contest, mut values) = (Contest::default(), Vec::new());
        let (mut others, mut mean) = (vec![0.0; width], vec![0.0; width]);
        for post in &self.posts {
            self.judge(post, weights, &mut contest);
            let weight = post.weight();
            *loss += weight * contest.loss;
            others.fill(0.0);
            for (row, share) in post.rows.clone().zip(&contest.shares) {
                values.clear();
                values.extend(self.row(row).iter().copied().map(f64::from));
                if post.gold.binary_search(&row).is_err() {
                    others.iter_mut().zip(&values).for_each(|(sum, value)| *sum += share * value);
                }
                if *share < LEAST_SHARE {
                    continue;
                }
                for (at, value) in values.iter().enumerate() {
                    let part = weight * share * value;
                    let line = &mut curve[at * width..=at * width + at];
                    line.iter_mut().zip(&values).for_each(|(sum, other)| *sum += part * other);
                }
            }
            for gold in &contest.gold {
                let of_gold = self.row(gold.row).iter().copied().map(f64::from);
                for (((mean, other), value), slope) in
                    mean.iter_mut().zip(&others).zip(of_gold).zip(slope.iter_mut())
                {
                    *mean = gold.others * other + gold.own * value;
                    *slope += weight * (*mean - value);
                }
                for at in 0..width {
                    let line = &mut curve[at * width..=at * width + at];
                    let part = weight * mean[at];
                    line.iter_mut().zip(&mean).for_each(|(sum, other)| *sum -= part * other);
                }
            }
        }
    }

    /// Fills in the contest of one post under these weights.
    fn judge(&self, post: &Candidates, weights: &[f64], contest: &mut Contest) {
        let Contest { shares, gold, loss } = contest;
        let score =
            |row| self.row(row).iter().zip(weights).map(|(&a, b)| f64::from(a) * b).sum::<f64>();
        shares.clear();
        shares.extend(post.rows.clone().map(score));
        gold.clear();
        // Gold rows get their turn below; here they are out of the way.
        gold.extend(post.gold.iter().map(|&row| {
            let own = std::mem::replace(&mut shares[row - post.rows.start], f64::NEG_INFINITY);
            Gold { row, own, others: 0.0 }
        }));
        let highest = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        shares.iter_mut().for_each(|share| *share = (*share - highest).exp());
        let total: f64 = shares.iter().sum();
        *loss = 0.0;
        let mut all = 0.0;
        for Gold { own, others, .. } in gold.iter_mut() {
            let ahead = (*own - highest).min(FURTHEST_AHEAD);
            let sum = total + ahead.exp();
            *loss += sum.ln() - ahead;
            *own = ahead.exp() / sum;
            *others = sum.recip();
            all += *others;
        }
        shares.iter_mut().for_each(|share| *share *= all);
        for Gold { row, own, others } in gold.iter_mut() {
            shares[*row - post.rows.start] = *own;
            *others /= all;
        }
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width()..(row + 1) * self.width()]
    }
}

impl Candidates {
    /// What each of its gold hashtags counts.
    fn weight(&self) -> f64 {
        let gold = self.gold.len() as f64;
        MOST_GOLD.min(gold) / gold
    }
}
