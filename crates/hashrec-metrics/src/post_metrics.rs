//! The metrics of one post.
//!
//! A ranking is a list of predictions, best first. *Gold* is the set of correct answers. A *hit* is
//! a prediction that is gold; ranks count from 1. The definitions are those of NIST's `trec_eval`
//! for binary relevance, with one exception: average precision at k is divided by the number of
//! hits possible within k, so that a perfect ranking scores 1 at every k. (`trec_eval`'s `map_cut`
//! divides by the size of the gold.)

use std::{collections::HashSet, hash::Hash};

/// All metrics of one post's ranking, each from 0 to 1.
///
/// A repeated prediction takes up a rank but is never a second hit. If the ranking is shorter than
/// k, the missing ranks are misses. At k = 0 every metric except [`PostMetrics::reached`] is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PostMetrics {
    /// Hits among the first k predictions, divided by k.
    pub precision: f64,
    /// Hits among the first k predictions, divided by the size of the gold.
    pub recall: f64,
    /// The sum over hits at ranks i ≤ k of (hits among the first i) / i, divided by min(gold, k),
    /// the number of hits possible within k.
    pub average_precision: f64,
    /// 1 / i, where i ≤ k is the rank of the first hit; 0 if there is no hit.
    pub reciprocal_rank: f64,
    /// The sum over hits at ranks i ≤ k of 1 / log2(i + 1), divided by its maximum: hits at the
    /// ranks 1 to min(gold, k).
    pub ndcg: f64,
    /// Hits anywhere in the ranking, divided by the size of the gold: the best recall that
    /// reordering could reach.
    pub reached: f64,
}

impl PostMetrics {
    /// Measures a ranking at depth `k`; `None` if there is no gold, since nothing can be measured
    /// then. Repeated gold counts once.
    ///
    /// ```
    /// use hashrec_metrics::PostMetrics;
    ///
    /// let metrics = PostMetrics::of(["a", "b", "c"], ["c", "a"], 2).ok_or("no gold")?;
    /// assert_eq!((metrics.precision, metrics.recall, metrics.reached), (0.5, 0.5, 1.0));
    /// # Ok::<(), &str>(())
    /// ```
    pub fn of<T: Eq + Hash>(
        predicted: impl IntoIterator<Item = T>,
        gold: impl IntoIterator<Item = T>,
        k: usize,
    ) -> Option<Self> {
        let mut open: HashSet<T> = gold.into_iter().collect();
        let size = open.len();
        if size == 0 {
            return None;
        }
        let mut metrics = Self::default();
        let (mut hits, mut hits_at_k, mut gain) = (0u32, 0u32, 0.0);
        for (rank, item) in (1usize..).zip(predicted) {
            if !open.remove(&item) {
                continue;
            }
            hits += 1;
            if rank <= k {
                hits_at_k = hits;
                gain += discount(rank);
                metrics.average_precision += f64::from(hits) / rank as f64;
                if hits == 1 {
                    metrics.reciprocal_rank = 1.0 / rank as f64;
                }
            }
            if open.is_empty() {
                break;
            }
        }
        metrics.reached = f64::from(hits) / size as f64;
        let possible = size.min(k);
        if possible > 0 {
            metrics.precision = f64::from(hits_at_k) / k as f64;
            metrics.recall = f64::from(hits_at_k) / size as f64;
            metrics.average_precision /= possible as f64;
            metrics.ndcg = gain / (1..=possible).map(discount).sum::<f64>();
        }
        Some(metrics)
    }
}

/// The discounted gain of a hit at a rank.
fn discount(rank: usize) -> f64 {
    1.0 / (rank as f64 + 1.0).log2()
}

macro_rules! measures {
    ($($(#[$doc:meta])* $name:ident => $field:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<T: Eq + Hash>(predicted: &[T], gold: &[T], k: usize) -> Option<f64> {
            PostMetrics::of(predicted, gold, k).map(|metrics| metrics.$field)
        }
    )*};
}

measures! {
    /// [`PostMetrics::precision`] alone; `None` if there is no gold.
    precision => precision;
    /// [`PostMetrics::recall`] alone; `None` if there is no gold.
    recall => recall;
    /// [`PostMetrics::average_precision`] alone; `None` if there is no gold.
    average_precision => average_precision;
    /// [`PostMetrics::reciprocal_rank`] alone; `None` if there is no gold.
    reciprocal_rank => reciprocal_rank;
    /// [`PostMetrics::ndcg`] alone; `None` if there is no gold.
    ndcg => ndcg;
}

/// [`PostMetrics::reached`] alone, the recall of the whole ranking; `None` if there is no gold.
pub fn gold_reached<T: Eq + Hash>(predicted: &[T], gold: &[T]) -> Option<f64> {
    PostMetrics::of(predicted, gold, 0).map(|metrics| metrics.reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_by_hand() {
        let metrics = PostMetrics::of(["x", "a", "y", "b", "c"], ["a", "b", "c"], 4).unwrap();
        assert_eq!(metrics.precision, 0.5);
        assert_eq!(metrics.recall, 2.0 / 3.0);
        assert_eq!(metrics.average_precision, (1.0 / 2.0 + 2.0 / 4.0) / 3.0);
        assert_eq!(metrics.reciprocal_rank, 0.5);
        let log = f64::log2;
        let ideal = 1.0 + 1.0 / log(3.0) + 1.0 / log(4.0);
        assert!((metrics.ndcg - (1.0 / log(3.0) + 1.0 / log(5.0)) / ideal).abs() < 1e-15);
        assert_eq!(metrics.reached, 1.0);
    }

    #[test]
    fn a_perfect_ranking_has_one_even_where_gold_exceeds_k() {
        let metrics = PostMetrics::of(0..10, 0..20, 10).unwrap();
        let measured = [metrics.precision, metrics.average_precision, metrics.ndcg];
        assert_eq!(measured, [1.0; 3]);
        assert_eq!(metrics.recall, 0.5);
    }

    #[test]
    fn a_repeated_prediction_is_one_hit_and_keeps_its_rank() {
        let repeated = PostMetrics::of(["a", "a", "b"], ["a", "b"], 3).unwrap();
        let wrong = PostMetrics::of(["a", "x", "b"], ["a", "b"], 3).unwrap();
        assert_eq!(repeated, wrong);
        assert_eq!(PostMetrics::of(["a"], ["a", "a"], 1).unwrap().recall, 1.0);
    }

    #[test]
    fn without_gold_nothing_is_measured_and_without_depth_nothing_is_found() {
        assert_eq!(PostMetrics::of(["a"], [], 3), None);
        assert_eq!(ndcg::<u32>(&[], &[], 3), None);
        let at_zero = PostMetrics::of(["a"], ["a"], 0).unwrap();
        assert_eq!(at_zero, PostMetrics { reached: 1.0, ..PostMetrics::default() });
        assert_eq!(PostMetrics::of([], ["a"], usize::MAX).unwrap(), PostMetrics::default());
    }

    #[test]
    fn the_measures_alone_are_the_same() {
        let (predicted, gold) = ([3, 1, 2], [2, 3]);
        let metrics = PostMetrics::of(&predicted, &gold, 2).unwrap();
        assert_eq!(precision(&predicted, &gold, 2), Some(metrics.precision));
        assert_eq!(recall(&predicted, &gold, 2), Some(metrics.recall));
        assert_eq!(average_precision(&predicted, &gold, 2), Some(metrics.average_precision));
        assert_eq!(reciprocal_rank(&predicted, &gold, 2), Some(metrics.reciprocal_rank));
        assert_eq!(ndcg(&predicted, &gold, 2), Some(metrics.ndcg));
        assert_eq!(gold_reached(&predicted, &gold), Some(1.0));
    }
}
