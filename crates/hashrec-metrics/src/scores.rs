//! The measures for one post.
//!
//! A ranking is a list of predictions, best first; *gold* is the set of right answers; a *hit* is a
//! prediction that is in it, at rank i from 1. The definitions are those of NIST's `trec_eval` for
//! binary relevance, except that average precision cut at k is divided by the hits that are
//! possible within k (`trec_eval`'s `map_cut` divides by all of the gold), so that a perfect
//! ranking has 1 at every k.

use std::{collections::HashSet, hash::Hash};

/// All measures of one post's ranking, each from 0 to 1.
///
/// A prediction that stands in the ranking again keeps its rank but is never a second hit. If the
/// ranking is shorter than k, the missing ranks are no hits. At k = 0 every measure but
/// [`Scores::reached`] is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Scores {
    /// Hits among the first k, divided by k.
    pub precision: f64,
    /// Hits among the first k, divided by the size of the gold.
    pub recall: f64,
    /// The mean of the precision at each of the hits possible within k: the sum over hits at
    /// ranks i ≤ k of (hits among the first i) / i, divided by min(gold, k).
    pub average_precision: f64,
    /// 1 / i for the first hit's rank i ≤ k; 0 without a hit.
    pub reciprocal_rank: f64,
    /// The sum over hits at ranks i ≤ k of 1 / log2(i + 1), divided by its largest possible value,
    /// that of hits at the ranks 1 to min(gold, k).
    pub ndcg: f64,
    /// Hits anywhere in the ranking, divided by the size of the gold: what reordering could reach.
    pub reached: f64,
}

impl Scores {
    /// Measures a ranking at depth `k`; `None` if there is no gold, for such a post can't be
    /// measured. Gold given twice counts once.
    ///
    /// ```
    /// use hashrec_metrics::Scores;
    ///
    /// let scores = Scores::of(["a", "b", "c"], ["c", "a"], 2).ok_or("no gold")?;
    /// assert_eq!((scores.precision, scores.recall, scores.reached), (0.5, 0.5, 1.0));
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
        let mut scores = Self::default();
        let (mut hits, mut hits_at_k, mut gain) = (0u32, 0u32, 0.0);
        for (rank, item) in (1usize..).zip(predicted) {
            if !open.remove(&item) {
                continue;
            }
            hits += 1;
            if rank <= k {
                hits_at_k = hits;
                gain += discount(rank);
                scores.average_precision += f64::from(hits) / rank as f64;
                if hits == 1 {
                    scores.reciprocal_rank = 1.0 / rank as f64;
                }
            }
            if open.is_empty() {
                break;
            }
        }
        scores.reached = f64::from(hits) / size as f64;
        let possible = size.min(k);
        if possible > 0 {
            scores.precision = f64::from(hits_at_k) / k as f64;
            scores.recall = f64::from(hits_at_k) / size as f64;
            scores.average_precision /= possible as f64;
            scores.ndcg = gain / (1..=possible).map(discount).sum::<f64>();
        }
        Some(scores)
    }
}

/// What a hit at a rank counts in the discounted cumulative gain.
fn discount(rank: usize) -> f64 {
    1.0 / (rank as f64 + 1.0).log2()
}

macro_rules! measures {
    ($($(#[$doc:meta])* $name:ident => $field:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<T: Eq + Hash>(predicted: &[T], gold: &[T], k: usize) -> Option<f64> {
            Scores::of(predicted, gold, k).map(|scores| scores.$field)
        }
    )*};
}

measures! {
    /// [`Scores::precision`] alone; `None` if there is no gold.
    precision => precision;
    /// [`Scores::recall`] alone; `None` if there is no gold.
    recall => recall;
    /// [`Scores::average_precision`] alone; `None` if there is no gold.
    average_precision => average_precision;
    /// [`Scores::reciprocal_rank`] alone; `None` if there is no gold.
    reciprocal_rank => reciprocal_rank;
    /// [`Scores::ndcg`] alone; `None` if there is no gold.
    ndcg => ndcg;
}

/// [`Scores::reached`] alone, the recall of the whole ranking; `None` if there is no gold.
pub fn gold_reached<T: Eq + Hash>(predicted: &[T], gold: &[T]) -> Option<f64> {
    Scores::of(predicted, gold, 0).map(|scores| scores.reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_by_hand() {
        let scores = Scores::of(["x", "a", "y", "b", "c"], ["a", "b", "c"], 4).unwrap();
        assert_eq!(scores.precision, 0.5);
        assert_eq!(scores.recall, 2.0 / 3.0);
        assert_eq!(scores.average_precision, (1.0 / 2.0 + 2.0 / 4.0) / 3.0);
        assert_eq!(scores.reciprocal_rank, 0.5);
        let log = f64::log2;
        let ideal = 1.0 + 1.0 / log(3.0) + 1.0 / log(4.0);
        assert!((scores.ndcg - (1.0 / log(3.0) + 1.0 / log(5.0)) / ideal).abs() < 1e-15);
        assert_eq!(scores.reached, 1.0);
    }

    #[test]
    fn a_perfect_ranking_has_one_even_where_gold_exceeds_k() {
        let scores = Scores::of(0..10, 0..20, 10).unwrap();
        let measured = [scores.precision, scores.average_precision, scores.ndcg];
        assert_eq!(measured, [1.0; 3]);
        assert_eq!(scores.recall, 0.5);
    }

    #[test]
    fn a_repeated_prediction_is_one_hit_and_keeps_its_rank() {
        let repeated = Scores::of(["a", "a", "b"], ["a", "b"], 3).unwrap();
        let wrong = Scores::of(["a", "x", "b"], ["a", "b"], 3).unwrap();
        assert_eq!(repeated, wrong);
        assert_eq!(Scores::of(["a"], ["a", "a"], 1).unwrap().recall, 1.0);
    }

    #[test]
    fn without_gold_nothing_is_measured_and_without_depth_nothing_is_found() {
        assert_eq!(Scores::of(["a"], [], 3), None);
        assert_eq!(ndcg::<u32>(&[], &[], 3), None);
        let at_zero = Scores::of(["a"], ["a"], 0).unwrap();
        assert_eq!(at_zero, Scores { reached: 1.0, ..Scores::default() });
        assert_eq!(Scores::of([], ["a"], usize::MAX).unwrap(), Scores::default());
    }

    #[test]
    fn the_measures_alone_are_the_same() {
        let (predicted, gold) = ([3, 1, 2], [2, 3]);
        let scores = Scores::of(&predicted, &gold, 2).unwrap();
        assert_eq!(precision(&predicted, &gold, 2), Some(scores.precision));
        assert_eq!(recall(&predicted, &gold, 2), Some(scores.recall));
        assert_eq!(average_precision(&predicted, &gold, 2), Some(scores.average_precision));
        assert_eq!(reciprocal_rank(&predicted, &gold, 2), Some(scores.reciprocal_rank));
        assert_eq!(ndcg(&predicted, &gold, 2), Some(scores.ndcg));
        assert_eq!(gold_reached(&predicted, &gold), Some(1.0));
    }
}
