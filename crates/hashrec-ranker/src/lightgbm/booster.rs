//! Training, tree by tree.

use std::ops::ControlFlow;

use super::{Dataset, Params, raw::RawBooster};
use crate::{Objective, RankerError};

/// A model in training, with its data.
pub struct Booster {
    raw: RawBooster,
    objective: Objective,
}

/// The value of a metric on a validation set.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// Which validation set, in the order added.
    pub set: usize,
    /// The metric, as LightGBM names it: `binary_logloss`, `ndcg@10`.
    pub metric: String,
    /// Its value.
    pub value: f64,
    /// Whether more is better.
    pub higher_is_better: bool,
}

/// What a callback learns after each tree.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// Trees trained so far.
    pub trees: usize,
    /// Trees asked for.
    pub of: usize,
    /// Every metric on every validation set, after this tree.
    pub evaluations: &'a [Evaluation],
}

/// How training went.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Training {
    /// Trees trained.
    pub trees: usize,
    /// Trees at which the first metric on the first validation set was best; all trees without
    /// validation sets.
    pub best: usize,
    /// After each tree, every metric on every validation set.
    pub history: Vec<Vec<Evaluation>>,
}

/// How the worth of a feature is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportanceKind {
    /// Sum of the gains of the splits on it.
    Gain,
    /// Number of splits on it.
    Splits,
}

impl Booster {
    /// Prepares training on `train`.
    ///
    /// # Errors
    /// [`RankerError::Parameter`], [`RankerError::Rows`] for ranking without groups, or
    /// [`RankerError::LightGbm`].
    pub fn new(train: Dataset, params: &Params) -> Result<Self, RankerError> {
        params.check()?;
        needs_groups(&train, params.objective)?;
        let raw = RawBooster::new(train.raw, &params.text())?;
        Ok(Self { raw, objective: params.objective })
    }

    /// Adds a validation set, which must have been made with the training set as its reference.
    ///
    /// # Errors
    /// [`RankerError::Shape`] for another number of columns, [`RankerError::Rows`] for ranking
    /// without groups, or [`RankerError::LightGbm`] if it has other bins.
    pub fn add_validation(&mut self, data: Dataset) -> Result<(), RankerError> {
        needs_groups(&data, self.objective)?;
        let (expected, found) = (self.raw.columns(), data.columns());
        if expected != found {
            return Err(RankerError::Shape { what: "columns of a data set", expected, found });
        }
        self.raw.add_validation(data.raw)
    }

    /// Adds up to `trees` trees. Stops before that when no split is worth making, or when the
    /// first metric on the first validation set has not improved for `early_stopping` trees, or
    /// when `progress` breaks.
    ///
    /// # Errors
    /// [`RankerError::Cancelled`] if `progress` broke; [`RankerError::LightGbm`].
    pub fn train(
        &mut self,
        trees: usize,
        early_stopping: Option<usize>,
        mut progress: impl FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Training, RankerError> {
        let metrics = if self.raw.validation_sets() > 0 { self.raw.metrics()? } else { Vec::new() };
        let mut training = Training { trees: 0, best: 0, history: Vec::new() };
        let mut best_value = f64::NAN;
        while training.trees < trees {
            if !self.raw.update()? {
                // The very first tree stays in the model as a constant; later ones are dropped.
                training.trees = training.trees.max(1);
                break;
            }
            training.trees += 1;
            let evaluations = self.evaluate(&metrics)?;
            if let Some(first) = evaluations.first() {
                let better = best_value.is_nan()
                    || if first.higher_is_better {
                        first.value > best_value
                    } else {
                        first.value < best_value
                    };
                if better {
                    (best_value, training.best) = (first.value, training.trees);
                }
            }
            let told = Progress { trees: training.trees, of: trees, evaluations: &evaluations };
            if progress(told).is_break() {
                return Err(RankerError::Cancelled { trees: training.trees });
            }
            if !evaluations.is_empty() {
                training.history.push(evaluations);
                if early_stopping.is_some_and(|patience| training.trees - training.best >= patience)
                {
                    break;
                }
            }
        }
        if training.best == 0 {
            training.best = training.trees;
        }
        Ok(training)
    }

    fn evaluate(&self, metrics: &[String]) -> Result<Vec<Evaluation>, RankerError> {
        let mut all = Vec::with_capacity(metrics.len() * self.raw.validation_sets());
        for set in 0..self.raw.validation_sets() {
            let values = self.raw.evaluate(set, metrics.len())?;
            all.extend(metrics.iter().zip(values).map(|(metric, value)| Evaluation {
                set,
                metric: metric.clone(),
                value,
                higher_is_better: self.objective == Objective::LambdaRank,
            }));
        }
        Ok(all)
    }

    /// The model as LightGBM's text: its first `trees` trees, or all.
    ///
    /// # Errors
    /// [`RankerError::LightGbm`].
    pub fn model_text(&self, trees: Option<usize>) -> Result<String, RankerError> {
        self.raw.model_text(trees.unwrap_or(0))
    }

    /// What each column was worth in the first `trees` trees, or all.
    ///
    /// # Errors
    /// [`RankerError::LightGbm`].
    pub fn importance(
        &self,
        kind: ImportanceKind,
        trees: Option<usize>,
    ) -> Result<Vec<f64>, RankerError> {
        self.raw.importance(kind == ImportanceKind::Gain, trees.unwrap_or(0))
    }

    /// LightGBM's own raw scores (sums of leaves) of `out.len()` rows, row by row.
    ///
    /// # Errors
    /// [`RankerError::Shape`] or [`RankerError::LightGbm`].
    pub fn predict_raw(&self, rows: &[f32], out: &mut [f64]) -> Result<(), RankerError> {
        self.raw.predict(rows, true, 0, out)
    }

    /// LightGBM's own predictions of `out.len()` rows: probabilities for binary, else raw scores.
    ///
    /// # Errors
    /// [`RankerError::Shape`] or [`RankerError::LightGbm`].
    pub fn predict(&self, rows: &[f32], out: &mut [f64]) -> Result<(), RankerError> {
        self.raw.predict(rows, false, 0, out)
    }
}

fn needs_groups(data: &Dataset, objective: Objective) -> Result<(), RankerError> {
    if objective == Objective::LambdaRank && !data.grouped {
        let problem = "ranking needs groups, the data set has none".to_owned();
        return Err(RankerError::Rows { post: None, problem });
    }
    Ok(())
}
