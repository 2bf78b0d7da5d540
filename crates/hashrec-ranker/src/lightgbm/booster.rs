//! Training, tree by tree.

use std::ops::ControlFlow;

use super::{dataset::Dataset, params::parameter_text, raw::RawBooster};
use crate::{Objective, RankerError, RankerParams};

/// A model in training, with its data.
pub(crate) struct Booster<'a> {
    pub(crate) raw: RawBooster,
    params: &'a RankerParams,
}

/// What the progress callback receives after each tree.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TreeProgress {
    /// Number of trees trained so far.
    pub trees: usize,
    /// Number of trees requested.
    pub of: usize,
    /// Metric on the held-out posts after this tree, if there are any: log loss for
    /// [`Objective::Binary`], NDCG@10 for [`Objective::LambdaRank`].
    pub validation: Option<f64>,
}

/// The course of a training.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct BoosterTraining {
    /// Number of trees trained.
    pub(crate) trees: usize,
    /// Number of trees at the best value of the metric; all trees without a validation set.
    pub(crate) best: usize,
    /// The metric after each tree; empty without a validation set.
    pub(crate) validation: Vec<f64>,
}

impl<'a> Booster<'a> {
    /// Prepares training on `train`. The validation set must have `train` as its reference.
    ///
    /// # Errors
    /// [`RankerError::LightGbm`].
    pub(crate) fn new(
        train: Dataset,
        validation: Option<Dataset>,
        params: &'a RankerParams,
    ) -> Result<Self, RankerError> {
        let mut raw = RawBooster::new(train.raw, &parameter_text(params))?;
        if let Some(validation) = validation {
            raw.add_validation(validation.raw)?;
        }
        Ok(Self { raw, params })
    }

    /// Adds the trees. Stops early when no split is worth making, when the metric hasn't improved
    /// for `early_stopping` trees, or when `progress` breaks.
    ///
    /// # Errors
    /// [`RankerError::Cancelled`] if `progress` broke; [`RankerError::LightGbm`].
    pub(crate) fn train(
        &mut self,
        mut progress: impl FnMut(TreeProgress) -> ControlFlow<()>,
    ) -> Result<BoosterTraining, RankerError> {
        let of = self.params.trees as usize;
        let patience = self.params.early_stopping.map_or(usize::MAX, |trees| trees as usize);
        let mut training = BoosterTraining::default();
        let mut best = f64::NAN;
        while training.trees < of {
            if !self.raw.update()? {
                // The very first tree stays in the model as a constant; later ones are dropped.
                training.trees = training.trees.max(1);
                break;
            }
            training.trees += 1;
            let validation = self.raw.evaluate()?;
            if let Some(value) = validation {
                if self.improves(value, best) {
                    (best, training.best) = (value, training.trees);
                }
                training.validation.push(value);
            }
            let told = TreeProgress { trees: training.trees, of, validation };
            if progress(told).is_break() {
                return Err(RankerError::Cancelled { trees: training.trees });
            }
            if validation.is_some() && training.trees - training.best >= patience {
                break;
            }
        }
        if training.best == 0 {
            training.best = training.trees;
        }
        Ok(training)
    }

    /// Whether a value of the metric is better than the best so far, which is NaN at first.
    fn improves(&self, value: f64, best: f64) -> bool {
        best.is_nan()
            || match self.params.objective {
                Objective::Binary => value < best,
                Objective::LambdaRank => value > best,
            }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ArrayView2};
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::{super::raw::ImportanceKind, *};
    use crate::{Forest, RankingRows};

    const COLUMNS: usize = 4;

    fn go_on(_: TreeProgress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Posts of ten candidates. With `signal`, the first feature hints at the gold ones.
    fn table(seed: u64, params: &RankerParams, posts: usize, signal: f32) -> RankingRows {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let names = (0..COLUMNS).map(|column| format!("f{column}")).collect();
        let mut table = RankingRows::new(names, params);
        for _ in 0..posts {
            let gold: Vec<bool> = (0..10).map(|_| rng.random()).collect();
            let rows = Array2::from_shape_fn((gold.len(), COLUMNS), |(row, column)| {
                match rng.random_range(0..10) {
                    0 => f32::NAN,
                    1 => 0.0,
                    _ if column == 0 && gold[row] => rng.random::<f32>() + signal,
                    _ => rng.random(),
                }
            });
            table.push_post(rows.view(), &gold).unwrap();
        }
        table
    }

    fn booster<'a>(rows: &RankingRows, params: &'a RankerParams) -> Booster<'a> {
        Booster::new(Dataset::new(rows, params, None).unwrap(), None, params).unwrap()
    }

    #[test]
    fn the_forest_of_a_trained_model_scores_like_lightgbm() {
        for seed in 0..12 {
            let objective = if seed % 2 == 0 { Objective::Binary } else { Objective::LambdaRank };
            let params = RankerParams::default()
                .with_objective(objective)
                .with_trees(30)
                .with_leaves(2 + 3 * seed as u32)
                // From trees with leaves of single rows to trees that can't split at all.
                .with_min_rows_in_leaf([1, 5, 20, 190, 300][seed as usize % 5])
                .with_seed(seed);
            let table = table(seed, &params, 40, 0.5);
            let mut booster = booster(&table, &params);
            let trees = booster.train(go_on).unwrap().trees;
            let text = booster.raw.model_text(trees).unwrap();
            let forest = Forest::from_lightgbm(&text).unwrap();
            let theirs = lightgbm3::Booster::from_string(&text).unwrap();
            let theirs = theirs.raw_scores(&table.values, COLUMNS as i32, true).unwrap();
            let rows = ArrayView2::from_shape((theirs.len(), COLUMNS), &table.values).unwrap();
            let mut ours = vec![0.0; theirs.len()];
            forest.predict(rows, &mut ours).unwrap();
            for (row, (a, b)) in ours.iter().zip(&theirs).enumerate() {
                assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{seed}, {row}: {a} for {b}");
            }
        }
    }

    #[test]
    fn early_stopping_finds_the_best_number_of_trees() {
        // Labels are pure noise, so the metric soon gets worse.
        let params = RankerParams::default()
            .with_objective(Objective::Binary)
            .with_trees(500)
            .with_min_rows_in_leaf(2)
            .with_learning_rate(0.3)
            .with_validation_share(0.5)
            .with_early_stopping(Some(10));
        let train = Dataset::new(&table(1, &params, 30, 0.0), &params, None).unwrap();
        let held = Dataset::new(&table(2, &params, 30, 0.0), &params, Some(&train)).unwrap();
        let mut booster = Booster::new(train, Some(held), &params).unwrap();
        let training = booster.train(go_on).unwrap();
        assert_eq!(training.trees, training.best + 10);
        assert_eq!(training.validation.len(), training.trees);
        let best = training.validation[training.best - 1];
        assert!(training.validation.iter().all(|&value| value >= best));
        let forest =
            Forest::from_lightgbm(&booster.raw.model_text(training.best).unwrap()).unwrap();
        assert_eq!(forest.trees(), training.best);
        let splits = booster.raw.importance(ImportanceKind::Splits, training.best).unwrap();
        assert_eq!(splits.iter().sum::<f64>() as usize, forest.leaves() - forest.trees());
    }

    #[test]
    fn posts_with_too_many_candidates_are_refused() {
        let params = RankerParams::default();
        let mut table = RankingRows::new(vec!["a".to_owned()], &params);
        let mut gold = vec![false; 10_001];
        gold[0] = true;
        table.push_post(Array2::zeros((gold.len(), 1)).view(), &gold).unwrap();
        assert!(matches!(
            Dataset::new(&table, &params, None),
            Err(RankerError::TooMany { found: 10_001, maximum: 10_000, .. })
        ));
    }

    #[test]
    fn a_validation_set_of_other_columns_is_refused() {
        let params = RankerParams::default();
        let train = Dataset::new(&table(1, &params, 30, 0.5), &params, None).unwrap();
        let mut other = RankingRows::new(vec!["a".to_owned()], &params);
        other.push_post(Array2::zeros((2, 1)).view(), &[true, false]).unwrap();
        assert!(matches!(
            Dataset::new(&other, &params, Some(&train)),
            Err(RankerError::Shape { expected: COLUMNS, found: 1, .. })
        ));
    }
}
