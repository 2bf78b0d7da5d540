//! How much a post of each community weighs.

use super::posts::Posts;
use crate::weights::Spaces;

/// Posts of all communities together that stand beside each community's own when its quotient is
/// taken: with the one or two posts that a small community can spare, the quotient is mostly chance.
const BORROWED: f64 = 5.0;

/// The posts to train on of every community.
#[derive(Clone, Debug)]
pub(super) struct Counts(Vec<usize>);

impl Counts {
    pub(super) fn of(posts: &Posts, train: &[u32], spaces: &Spaces) -> Self {
        let mut counts = vec![0; spaces.communities()];
        train.iter().for_each(|&post| counts[posts.community(post as usize)] += 1);
        Self(counts)
    }

    /// The weights scaled so that the mean over posts is 1.
    fn scaled(&self, weights: impl Iterator<Item = f64> + Clone) -> Vec<f32> {
        let mean = self.mean(weights.clone());
        weights.map(|weight| (weight / mean) as f32).collect()
    }

    /// The mean over posts of a value of their communities.
    fn mean(&self, values: impl Iterator<Item = f64>) -> f64 {
        let sum: f64 = self.0.iter().zip(values).map(|(&n, value)| n as f64 * value).sum();
        sum / self.0.iter().sum::<usize>().max(1) as f64
    }
}

/// (1 − β) / (1 − βⁿ), scaled; a community without posts weighs like one with one post.
pub(super) fn effective_number(counts: &Counts, beta: f64) -> Vec<f32> {
    counts.scaled(counts.0.iter().map(|&n| (1.0 - beta) / (1.0 - beta.powf(n.max(1) as f64))))
}

/// Validation losses of one community's posts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct CommunityLoss {
    pub(super) sum: f64,
    pub(super) posts: usize,
}

impl CommunityLoss {
    fn mean(self) -> f64 {
        self.sum / self.posts.max(1) as f64
    }
}

/// The course of every community's validation loss.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Course {
    /// The mean loss before the first step; 0 without held-out posts.
    pub(super) initial: Vec<f64>,
    /// Moving average of the quotients of later losses and the initial one.
    pub(super) quotients: Vec<f64>,
}

impl Course {
    /// The course at its start.
    pub(super) fn new(losses: &[CommunityLoss]) -> Self {
        let initial: Vec<f64> = losses.iter().map(|loss| loss.mean()).collect();
        Self { quotients: vec![1.0; initial.len()], initial }
    }

    /// Follows the losses after an epoch.
    pub(super) fn follow(&mut self, losses: &[CommunityLoss], smoothing: f64) {
        let now: f64 = losses.iter().map(|loss| loss.sum).sum();
        let posts = losses.iter().map(|loss| loss.posts as f64);
        let then: f64 = posts.zip(&self.initial).map(|(posts, initial)| posts * initial).sum();
        if then <= 0.0 {
            return;
        }
        let all = now / then;
        for ((quotient, loss), &initial) in self.quotients.iter_mut().zip(losses).zip(&self.initial)
        {
            let posts = if initial > 0.0 { loss.posts as f64 } else { 0.0 };
            let own = if posts > 0.0 { loss.mean() / initial } else { all };
            let drawn = (posts * own + BORROWED * all) / (posts + BORROWED);
            *quotient = smoothing * *quotient + (1.0 - smoothing) * drawn;
        }
    }

    /// The weights that follow from the course so far.
    pub(super) fn weights(&self, counts: &Counts, strength: f64, limit: f64) -> Vec<f32> {
        let mean = counts.mean(self.quotients.iter().copied()).max(f64::MIN_POSITIVE);
        let weight = |quotient: &f64| (quotient / mean).powf(strength).clamp(1.0 / limit, limit);
        counts.scaled(self.quotients.iter().map(weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn losses(all: &[(f64, usize)]) -> Vec<CommunityLoss> {
        all.iter().map(|&(mean, posts)| CommunityLoss { sum: mean * posts as f64, posts }).collect()
    }

    #[test]
    fn effective_numbers_lie_between_posts_and_communities() {
        let counts = Counts(vec![1000, 10, 0]);
        assert_eq!(effective_number(&counts, 0.0), [1.0; 3]);
        let weights = effective_number(&counts, 0.99);
        let wanted = (1.0 - 0.99f64.powi(1000)) / (1.0 - 0.99f64.powi(10));
        assert!((f64::from(weights[1] / weights[0]) - wanted).abs() < 1e-3, "{weights:?}");
        assert!((1000.0 * weights[0] + 10.0 * weights[1] - 1010.0).abs() < 1e-2);
        let alike = effective_number(&counts, 1.0 - 1e-9);
        assert!((alike[1] / alike[0] - 100.0).abs() < 0.1, "{alike:?}");
    }

    #[test]
    fn a_community_that_lags_weighs_more() {
        let mut course = Course::new(&losses(&[(4.0, 50), (8.0, 50), (0.0, 0)]));
        let counts = Counts(vec![100, 100, 10]);
        assert_eq!(course.weights(&counts, 1.0, 4.0), [1.0; 3]);
        course.follow(&losses(&[(1.0, 50), (8.0, 50), (0.0, 0)]), 0.0);
        let weights = course.weights(&counts, 1.0, 4.0);
        assert!(weights[0] < weights[2] && weights[2] < weights[1], "{weights:?}");
        // 0.75 of all losses is left; 5 posts of that are borrowed.
        let of = |own: f64| (50.0 * own + 5.0 * 0.75) / 55.0;
        let ratio = f64::from(weights[1] / weights[0]);
        assert!((ratio - of(1.0) / of(0.25)).abs() < 1e-5, "{weights:?}");
        assert!((100.0 * (weights[0] + weights[1]) + 10.0 * weights[2] - 210.0).abs() < 1e-3);
        let held = course.weights(&counts, 10.0, 2.0);
        assert!((held[1] / held[0] - 4.0).abs() < 1e-5, "{held:?}");
        assert_eq!(course.weights(&counts, 0.0, 4.0), [1.0; 3]);
    }

    #[test]
    fn the_course_is_smooth_and_one_post_moves_it_little() {
        let start = losses(&[(4.0, 100), (4.0, 1)]);
        let mut course = Course::new(&start);
        course.follow(&losses(&[(2.0, 100), (40.0, 1)]), 0.5);
        assert!(course.quotients[0] > 0.7 && course.quotients[0] < 0.8, "{course:?}");
        assert!(course.quotients[1] < 2.0, "{course:?}");
    }

    #[test]
    fn without_held_out_posts_all_communities_weigh_alike() {
        let none = losses(&[(0.0, 0), (0.0, 0)]);
        let mut course = Course::new(&none);
        course.follow(&none, 0.5);
        assert_eq!(course.weights(&Counts(vec![5, 50]), 1.0, 4.0), [1.0; 2]);
    }
}
