//! How sure a mean is: intervals and comparisons by resampling.
//!
//! The percentile bootstrap (Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993,
//! chapter 13): draw as many posts as there are, with replacement, take the mean, repeat; the
//! interval runs between the percentiles of those means.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use crate::MetricsError;

/// How resampling is done. The same parameters and values give the same result.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `resamples` | 1000 | how many means are drawn | 1 to 1,000,000 |
/// | `level` | 0.95 | the share of them the interval holds | more than 0, less than 1 |
/// | `seed` | 1 | where the random numbers begin | |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Bootstrap {
    /// How many means are drawn.
    pub resamples: u32,
    /// The share of them the interval holds.
    pub level: f64,
    /// Where the random numbers begin.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 1000, level: 0.95, seed: 1 }
    }
}

impl Bootstrap {
    /// Sets how many means are drawn.
    pub fn with_resamples(mut self, resamples: u32) -> Self {
        self.resamples = resamples;
        self
    }

    /// Sets the share of them the interval holds.
    pub fn with_level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets where the random numbers begin.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`MetricsError::Parameter`].
    pub fn check(&self) -> Result<(), MetricsError> {
        if !(1..=1_000_000).contains(&self.resamples) {
            let problem = format!("is {}, expected 1 to 1000000", self.resamples);
            return Err(MetricsError::Parameter { name: "resamples", problem });
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            let problem = format!("is {}, expected more than 0 and less than 1", self.level);
            return Err(MetricsError::Parameter { name: "level", problem });
        }
        Ok(())
    }

    /// The mean over groups of their mean, drawn anew each time, in rising order. Every group must
    /// have a value.
    pub(crate) fn means(&self, groups: &[Vec<f64>]) -> Vec<f64> {
        let mut rng = Pcg64Mcg::seed_from_u64(self.seed);
        let mut draw = |values: &Vec<f64>| {
            let picked = (0..values.len()).map(|_| values[rng.random_range(0..values.len())]);
            picked.sum::<f64>() / values.len() as f64
        };
        let mut means: Vec<f64> = (0..self.resamples)
            .map(|_| groups.iter().map(&mut draw).sum::<f64>() / groups.len() as f64)
            .collect();
        means.sort_by(f64::total_cmp);
        means
    }

    /// The bounds of the interval among sorted means, of which there must be one.
    pub(crate) fn bounds(&self, means: &[f64]) -> [f64; 2] {
        let tail = (1.0 - self.level) / 2.0;
        [quantile(means, tail), quantile(means, 1.0 - tail)]
    }
}

/// The value that a share of the sorted values lies below, interpolated between neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

/// The interval of the mean of `values`, as lower and upper bound; `None` if there are none.
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
    /// The mean of the first less the mean of the second.
    pub difference: f64,
    /// The interval of the difference.
    pub interval: [f64; 2],
    /// How likely a difference at least as far from 0 is where there is none, on both sides: twice
    /// the smaller share of the resampled differences on one side of 0, counting one more on each
    /// side than were drawn, at most 1.
    pub p_value: f64,
}

/// Compares two systems by the values of the same posts in the same order; `None` if there are
/// none. Posts are drawn in pairs, so what makes a post hard for both doesn't blur the difference.
///
/// # Errors
/// [`MetricsError::Posts`] if there are not as many values; [`MetricsError::Parameter`].
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
        return Err(MetricsError::Posts { what: "posts".into(), left, right });
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
    use super::*;

    /// Values that spread evenly over 0 to 1.
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
    fn the_seed_decides() {
        let interval = |seed| {
            mean_interval(&even(50), &Bootstrap::default().with_seed(seed)).unwrap().unwrap()
        };
        assert_eq!(interval(3), interval(3));
        assert_ne!(interval(3), interval(4));
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
