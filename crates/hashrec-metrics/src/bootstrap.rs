//! Confidence intervals and comparisons by resampling.
//!
//! This is the percentile bootstrap (Efron and Tibshirani, *An Introduction to the Bootstrap*,
//! 1993, chapter 13): draw as many posts as there are, with replacement, and take their mean;
//! repeat. The interval lies between two percentiles of those means.

use rand_pcg::{
    Pcg64Mcg,
    rand_core::{Rng, SeedableRng},
};
use serde::{Deserialize, Serialize};

use crate::MetricsError;

/// Settings of the bootstrap. The same settings and values always give the same result.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `resamples` | 1000 | number of resampled means | 1 to 1,000,000 |
/// | `level` | 0.95 | confidence level: the share of the means inside the interval | above 0, below 1 |
/// | `seed` | 1 | seed of the random numbers | any |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)] // the table above
pub struct Bootstrap {
    pub resamples: u32,
    pub level: f64,
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 1000, level: 0.95, seed: 1 }
    }
}

impl Bootstrap {
    /// Sets the number of resampled means.
    #[must_use]
    pub fn with_resamples(mut self, resamples: u32) -> Self {
        self.resamples = resamples;
        self
    }

    /// Sets the confidence level.
    #[must_use]
    pub fn with_level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks that every setting is in range.
    ///
    /// # Errors
    /// [`MetricsError::Parameter`].
    pub fn check(&self) -> Result<(), MetricsError> {
        let fail = |name, value, expected| Err(MetricsError::Parameter { name, value, expected });
        if !(1..=1_000_000).contains(&self.resamples) {
            return fail("resamples", self.resamples.into(), "1 to 1000000");
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return fail("level", self.level, "above 0, below 1");
        }
        Ok(())
    }

    /// The resampled means over groups of each group's mean, in ascending order. No group may be
    /// empty.
    pub(crate) fn means(&self, groups: &[Vec<f64>]) -> Vec<f64> {
        let mut rng = Pcg64Mcg::seed_from_u64(self.seed);
        let mut draw = |values: &Vec<f64>| {
            let picked = (0..values.len()).map(|_| values[below(&mut rng, values.len())]);
            picked.sum::<f64>() / values.len() as f64
        };
        let mut means: Vec<f64> = (0..self.resamples)
            .map(|_| groups.iter().map(&mut draw).sum::<f64>() / groups.len() as f64)
            .collect();
        means.sort_by(f64::total_cmp);
        means
    }

    /// The bounds of the interval, given at least one mean, in ascending order.
    pub(crate) fn bounds(&self, means: &[f64]) -> [f64; 2] {
        let tail = (1.0 - self.level) / 2.0;
        [quantile(means, tail), quantile(means, 1.0 - tail)]
    }
}

/// A random number below `limit`, which must not be 0: Canon's method, as `rand` uses it. A limit
/// above 2³² − 1 counts as that.
fn below(rng: &mut Pcg64Mcg, limit: usize) -> usize {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let mut scaled = || u64::from(rng.next_u32()) * u64::from(limit);
    let first = scaled();
    let (high, low) = ((first >> 32) as usize, first as u32);
    // A second draw, where the first fell short of a whole step, removes most of the bias.
    let carries = low > limit.wrapping_neg() && low.overflowing_add((scaled() >> 32) as u32).1;
    high + usize::from(carries)
}

/// The quantile at `share` of ascending values, interpolated between neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

/// The confidence interval of the mean of `values`, as lower and upper bound; `None` if there are
/// no values.
///
/// # Errors
/// [`MetricsError::Parameter`].
pub fn mean_interval(
    values: &[f64],
    bootstrap: &Bootstrap,
) -> Result<Option<[f64; 2]>, MetricsError> {
    bootstrap.check()?;
    if values.is_empty() {
        return Ok(None);
    }
    Ok(Some(bootstrap.bounds(&bootstrap.means(&[values.to_vec()]))))
}

/// The difference between two systems on the same posts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Mean of the first system minus mean of the second.
    pub difference: f64,
    /// Confidence interval of the difference.
    pub interval: [f64; 2],
    /// Two-sided p-value: twice the smaller share of the resampled differences on one side of 0,
    /// at most 1. One extra difference is counted on each side, so it is never 0.
    pub p_value: f64,
}

/// Compares two systems by their values for the same posts in the same order; `None` if there are
/// no posts. Posts are drawn in pairs, so a post that is hard for both systems doesn't blur the
/// difference.
///
/// # Errors
/// [`MetricsError::Posts`] if the numbers of values differ; [`MetricsError::Parameter`].
///
/// ```
/// use hashrec_metrics::{Bootstrap, paired};
///
/// let (first, second) = ([0.9, 0.5, 0.7, 0.8], [0.8, 0.4, 0.7, 0.6]);
/// let comparison = paired(&first, &second, &Bootstrap::default())?.ok_or("no posts")?;
/// assert!((comparison.difference - 0.1).abs() < 1e-12);
/// assert!(comparison.interval[0] >= 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn paired(
    first: &[f64],
    second: &[f64],
    bootstrap: &Bootstrap,
) -> Result<Option<Comparison>, MetricsError> {
    bootstrap.check()?;
    let (left, right) = (first.len(), second.len());
    if left != right {
        return Err(MetricsError::Posts { community: None, left, right });
    }
    if first.is_empty() {
        return Ok(None);
    }
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let difference = differences.iter().sum::<f64>() / left as f64;
    let means = bootstrap.means(&[differences]);
    let share = |count: usize| (count + 1) as f64 / (means.len() + 1) as f64;
    let below = share(means.iter().filter(|&&mean| mean <= 0.0).count());
    let above = share(means.iter().filter(|&&mean| mean >= 0.0).count());
    let p_value = (2.0 * below.min(above)).min(1.0);
    Ok(Some(Comparison { difference, interval: bootstrap.bounds(&means), p_value }))
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    /// Values spread evenly from 0 to 1.
    fn even(n: usize) -> Vec<f64> {
        (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect()
    }

    #[test]
    fn the_interval_is_as_wide_as_theory_says() {
        let [low, high] = mean_interval(&even(400), &Bootstrap::default()).unwrap().unwrap();
        // The standard error of the mean of 400 uniform values is sqrt(1/12/400) = 0.01443.
        assert!((low - (0.5 - 1.96 * 0.01443)).abs() < 0.004, "{low}");
        assert!((high - (0.5 + 1.96 * 0.01443)).abs() < 0.004, "{high}");
    }

    #[test]
    fn draws_are_those_of_rand() {
        for limit in [1, 2, 7, 1000, 1 << 20, (1 << 31) + 1, u32::MAX as usize] {
            let (mut ours, mut theirs) =
                (Pcg64Mcg::seed_from_u64(limit as u64), Pcg64Mcg::seed_from_u64(limit as u64));
            for _ in 0..2000 {
                assert_eq!(below(&mut ours, limit), theirs.random_range(0..limit), "{limit}");
            }
        }
    }

    #[test]
    fn another_seed_draws_other_posts_for_nearly_the_same_interval() {
        let interval = |seed| {
            mean_interval(&even(50), &Bootstrap::default().with_seed(seed)).unwrap().unwrap()
        };
        let [first, second] = [interval(3), interval(4)];
        assert_eq!(first, interval(3));
        for (a, b) in first.into_iter().zip(second) {
            // The standard error of the mean is 0.0408, that of a bound about a tenth of it.
            assert!(a != b && (a - b).abs() < 0.02, "{a} {b}");
        }
    }

    #[test]
    fn constant_values_leave_no_doubt() {
        assert_eq!(mean_interval(&[0.5; 9], &Bootstrap::default()).unwrap(), Some([0.5; 2]));
        assert_eq!(mean_interval(&[], &Bootstrap::default()).unwrap(), None);
    }

    #[test]
    fn a_clear_difference_is_told_from_none() {
        let better: Vec<f64> = even(200).iter().map(|v| v + 0.05).collect();
        let clear = paired(&better, &even(200), &Bootstrap::default()).unwrap().unwrap();
        assert!(clear.p_value < 0.01 && clear.interval[0] > 0.0, "{clear:?}");
        let none = paired(&even(200), &even(200), &Bootstrap::default()).unwrap().unwrap();
        assert_eq!((none.p_value, none.difference), (1.0, 0.0));
        let swapped = paired(&even(200), &better, &Bootstrap::default()).unwrap().unwrap();
        assert!((swapped.difference + clear.difference).abs() < 1e-12);
    }

    #[test]
    fn bad_input_is_named() {
        let default = Bootstrap::default;
        assert!(matches!(
            paired(&[1.0], &[], &default()),
            Err(MetricsError::Posts { left: 1, right: 0, .. })
        ));
        for bad in [
            default().with_resamples(0),
            default().with_resamples(u32::MAX),
            default().with_level(1.0),
            default().with_level(f64::NAN),
        ] {
            assert!(matches!(mean_interval(&[1.0], &bad), Err(MetricsError::Parameter { .. })));
        }
    }
}
