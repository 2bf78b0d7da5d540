//! What rankers are worth on posts that they were not trained on.

use std::{collections::HashSet, ops::ControlFlow};

use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

use crate::{Ranker, RankerError, RankerParams, RankingRows, TreeProgress};

/// The parts that the posts are divided into. Each is held out in turn, until enough posts were.
const FOLDS: usize = 4;

/// So many held-out posts are enough.
const ENOUGH: usize = 500;

/// How many times as fast trial rankers learn, with as many times fewer trees.
const FASTER: u32 = 3;

/// The stream of random numbers that divides the posts.
const DIVIDE: u64 = 0x636f_6d70;

/// The positions that count.
const K: usize = 10;

/// NDCG@10 of several rankers on held-out posts, over the candidates in the table.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The posts that were held out.
    pub posts: usize,
    /// Of the given ranker.
    pub given: f64,
    /// Of rankers trained on the other posts alone.
    pub own: f64,
    /// Of rankers that go on from the given one.
    pub further: f64,
    /// The standard error of the difference between the own and the given one.
    pub own_error: f64,
    /// The standard error of the difference between the one that goes on and the given one.
    pub further_error: f64,
}

impl RankingRows {
    /// Compares a given ranker with rankers trained on these rows, alone and going on from it, on
    /// posts that were held out from the training: 500, or all in turn. Of a post that was pushed
    /// several times, only the first training sample counts. The trained ones have a third of the
    /// trees, with a learning rate three times as high: that is enough to compare them.
    ///
    /// # Errors
    /// Those of [`Ranker::train_further`].
    pub fn compare(
        &self,
        given: &Ranker,
        params: &RankerParams,
        mut progress: impl FnMut(TreeProgress) -> ControlFlow<()>,
    ) -> Result<Comparison, RankerError> {
        let params = params
            .clone()
            .with_trees(params.trees.div_ceil(FASTER))
            .with_learning_rate((params.learning_rate * f64::from(FASTER)).min(1.0))
            .with_validation_share(0.0)
            .with_early_stopping(None);
        let samples = self.first_samples();
        let fold_of = samples.divide(params.seed);
        let folds = FOLDS.min(ENOUGH.div_ceil((samples.posts() / FOLDS).max(1)));
        let mut results: [Vec<f64>; 3] = Default::default();
        for fold in 0..folds {
            let held = samples.only(|sample| fold_of[sample] == fold);
            let rest = || samples.only(|sample| fold_of[sample] != fold);
            if held.posts() == 0 || rest().posts() == 0 {
                continue;
            }
            let own = Ranker::train(rest(), &params, &mut progress)?;
            let further = given.train_further(rest(), &params, &mut progress)?;
            for (ranker, results) in [given, &own, &further].into_iter().zip(&mut results) {
                results.extend(held.ndcg(ranker)?);
            }
        }
        let [given, own, further] = &results;
        Ok(Comparison {
            posts: given.len(),
            given: mean(given.iter().copied()),
            own: mean(own.iter().copied()),
            further: mean(further.iter().copied()),
            own_error: error_of_difference(own, given),
            further_error: error_of_difference(further, given),
        })
    }

    /// The fold of each training sample.
    fn divide(&self, seed: u64) -> Vec<usize> {
        let mut folds: Vec<usize> = (0..self.posts()).map(|at| at % FOLDS).collect();
        folds.shuffle(&mut Pcg64Mcg::seed_from_u64(seed ^ DIVIDE));
        folds
    }

    /// The first training sample of each post.
    fn first_samples(&self) -> Self {
        let mut seen = HashSet::new();
        let first: Vec<bool> = self.origins.iter().map(|&post| seen.insert(post)).collect();
        self.only(|sample| first[sample])
    }

    /// NDCG@10 of each training sample that has a gold candidate.
    fn ndcg(&self, ranker: &Ranker) -> Result<Vec<f64>, RankerError> {
        let mut scores = Vec::new();
        ranker.score(self.matrix(), &mut scores)?;
        let mut from = 0;
        let of = |&size: &u32| {
            let rows = from..from + size as usize;
            from = rows.end;
            ndcg(&scores[rows.clone()], &self.labels[rows])
        };
        Ok(self.sizes.iter().filter_map(of).collect())
    }
}

/// NDCG@10 of candidates; `None` without a gold one. Equal scores keep their order.
fn ndcg(scores: &[f64], gold: &[bool]) -> Option<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let discount = |at: usize| 1.0 / (at as f64 + 2.0).log2();
    let found = order.iter().take(K).enumerate().filter(|&(_, &row)| gold[row]);
    let gain: f64 = found.map(|(at, _)| discount(at)).sum();
    let best: f64 = (0..gold.iter().filter(|&&gold| gold).count().min(K)).map(discount).sum();
    (best > 0.0).then(|| gain / best)
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

/// The standard error of the mean difference of pairs.
fn error_of_difference(one: &[f64], other: &[f64]) -> f64 {
    let differences = || one.iter().zip(other).map(|(one, other)| one - other);
    let middle = mean(differences());
    let spread = differences().map(|difference| (difference - middle).powi(2)).sum::<f64>();
    (spread / (one.len().saturating_sub(1).max(1) as f64) / one.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// Posts whose gold candidate the first feature names with a sign that depends on `flipped`.
    fn rows(posts: u32, flipped: bool, params: &RankerParams) -> RankingRows {
        let mut rows = RankingRows::new(vec!["a".into(), "b".into()], params);
        for post in 0..posts {
            let best = (post % 5) as usize;
            let features = Array2::from_shape_fn((5, 2), |(row, column)| {
                let noise = ((post as usize * 13 + row * 7 + column * 3) % 17) as f32 / 17.0;
                if column == 0 && (row == best) != flipped { 1.0 + noise } else { noise }
            });
            let gold: Vec<bool> = (0..5).map(|row| row == best).collect();
            rows.push_sample(post, features.view(), &gold).unwrap();
            // A second sample of the same post must stay with the first.
            rows.push_sample(post, features.view(), &gold).unwrap();
        }
        rows
    }

    fn params() -> RankerParams {
        RankerParams::default().with_trees(30).with_min_rows_in_leaf(5)
    }

    fn go_on(_: TreeProgress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn a_ranker_of_other_posts_loses_where_they_are_different() {
        let params = params();
        let given = Ranker::train(rows(200, true, &params), &params, go_on).unwrap();
        let compared = rows(200, false, &params).compare(&given, &params, go_on).unwrap();
        assert_eq!(compared.posts, 200);
        assert!(compared.own > compared.given + 3.0 * compared.own_error, "{compared:?}");
        assert!(compared.further > compared.given, "{compared:?}");
        let same = rows(200, true, &params).compare(&given, &params, go_on).unwrap();
        assert!(same.given >= same.own - 0.05, "{same:?}");
    }

    #[test]
    fn few_posts_teach_nothing_and_lose_nothing() {
        let params = RankerParams::default();
        let small = params.clone().with_min_rows_in_leaf(5);
        let given = Ranker::train(rows(200, false, &small), &small, go_on).unwrap();
        let compared = rows(12, false, &params).compare(&given, &params, go_on).unwrap();
        assert_eq!(compared.posts, 12);
        assert!(compared.given > compared.own, "{compared:?}");
        let none = RankingRows::new(vec!["a".into(), "b".into()], &params);
        assert_eq!(none.compare(&given, &params, go_on).unwrap(), Comparison::default());
    }

    #[test]
    fn a_further_trained_ranker_keeps_its_trees() {
        let params = params();
        let given = Ranker::train(rows(100, true, &params), &params, go_on).unwrap();
        let further = given.train_further(rows(100, false, &params), &params, go_on).unwrap();
        assert_eq!(further.forest().trees(), 60);
        let other = RankingRows::new(vec!["a".into()], &params);
        assert!(matches!(
            given.train_further(other, &params, go_on),
            Err(RankerError::Features { .. })
        ));
    }

    #[test]
    fn ndcg_rewards_what_stands_first() {
        assert_eq!(ndcg(&[3.0, 2.0, 1.0], &[true, false, false]), Some(1.0));
        assert!((ndcg(&[2.0, 3.0], &[true, false]).unwrap() - 1.0 / 3f64.log2()).abs() < 1e-12);
        assert_eq!(ndcg(&[1.0], &[false]), None);
    }
}
