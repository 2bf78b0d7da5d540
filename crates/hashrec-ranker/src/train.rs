//! Training a ranker with LightGBM.

use std::ops::ControlFlow;

use crate::{
    Forest, Objective, Ranker, RankerError, RankerParams, RankingRows,
    error::expect_equal,
    lightgbm::{Booster, Dataset, ImportanceKind, TreeProgress},
    ranker::{Head, Importance, RankerSummary},
};

impl Ranker {
    /// Trains on a table that was built for the same parameters. Holds out a share of the posts for
    /// validation if requested, and keeps the best number of trees with early stopping.
    ///
    /// Where all rows are gold, or none is, there is nothing to tell apart: the ranker then gives
    /// every row the same score.
    ///
    /// `progress` is called after each tree and can cancel training by breaking. The same rows and
    /// parameters, number of threads included, give the same ranker.
    ///
    /// # Errors
    /// [`RankerError::Parameter`]; [`RankerError::OtherParameters`]; [`RankerError::NoRows`],
    /// [`RankerError::TooMany`], [`RankerError::RepeatedFeature`] or [`RankerError::Shape`] if the
    /// rows can't be trained on; [`RankerError::Cancelled`]; [`RankerError::LightGbm`].
    pub fn train(
        rows: RankingRows,
        params: &RankerParams,
        progress: impl FnMut(TreeProgress) -> ControlFlow<()>,
    ) -> Result<Self, RankerError> {
        Self::train_from(None, rows, params, progress)
    }

    /// A ranker that goes on from this one: its trees are this ranker's, and more that mend what they
    /// get wrong in these rows.
    ///
    /// # Errors
    /// Those of [`train`](Self::train); [`RankerError::Features`] or [`RankerError::Parameter`] if
    /// this ranker has other features or another objective.
    pub fn train_further(
        &self,
        rows: RankingRows,
        params: &RankerParams,
        progress: impl FnMut(TreeProgress) -> ControlFlow<()>,
    ) -> Result<Self, RankerError> {
        let names: Vec<&str> = rows.feature_names().iter().map(String::as_str).collect();
        self.expect_features(&names)?;
        if params.objective != Objective::LambdaRank || !self.forest().adds_up() {
            let value = format!("{:?}", params.objective);
            let expected = "lambda-rank, for this ranker and for the trees that are added";
            return Err(RankerError::Parameter { name: "objective", value, expected });
        }
        Self::train_from(Some(self), rows, params, progress)
    }

    fn train_from(
        base: Option<&Self>,
        mut rows: RankingRows,
        params: &RankerParams,
        progress: impl FnMut(TreeProgress) -> ControlFlow<()>,
    ) -> Result<Self, RankerError> {
        params.check()?;
        check_names(rows.feature_names())?;
        if !rows.is_for(params) {
            return Err(RankerError::OtherParameters);
        }
        let mut summary = RankerSummary {
            posts: rows.posts(),
            skipped_posts: rows.skipped(),
            rows: rows.rows(),
            positives: rows.positives(),
            ..RankerSummary::default()
        };
        let held = rows.hold_out(params.validation_share, params.seed);
        summary.held_out_posts = held.posts();
        let (positives, count) = (rows.positives(), rows.rows());
        let (feature_names, schema_version) = (rows.feature_names().to_vec(), rows.schema);
        if count == 0 {
            return Err(RankerError::NoRows);
        }
        if positives == 0 || positives == count {
            tracing::warn!(positives, rows = count, "nothing to learn for the ranker");
            if let Some(base) = base {
                return Ok(base.clone());
            }
            let binary = params.objective == Objective::Binary;
            let odds = (positives + 1) as f64 / (count - positives + 1) as f64;
            let value = if binary { odds.ln() } else { 0.0 };
            let forest = Forest::constant(feature_names.len(), binary, value);
            let training = Some(RankerSummary { trees: forest.trees(), ..summary });
            let importance = Vec::new();
            return Self::assemble(
                forest,
                Head { schema_version, feature_names, importance, training },
            );
        }
        let mut train = Dataset::new(&rows, params, None)?;
        let mut validation =
            if held.posts() > 0 { Some(Dataset::new(&held, params, Some(&train))?) } else { None };
        if let Some(base) = base {
            train.start_from(&rows, base.forest())?;
            validation.as_mut().map_or(Ok(()), |set| set.start_from(&held, base.forest()))?;
        }
        // LightGBM has its own, binned copy. The table may be the largest thing in memory.
        drop((rows, held));
        let mut booster = Booster::new(train, validation, params)?;
        let training = booster.train(progress)?;
        let stops = params.early_stopping.is_some();
        let trees = if stops { training.best } else { training.trees };
        summary.trees = trees;
        summary.validation =
            trees.checked_sub(1).and_then(|at| training.validation.get(at).copied());
        tracing::info!(trees, ?summary.validation, "trained the ranker");
        let forest = Forest::from_lightgbm(&booster.raw.model_text(trees)?)?;
        let gain = booster.raw.importance(ImportanceKind::Gain, trees)?;
        let splits = booster.raw.importance(ImportanceKind::Splits, trees)?;
        let importance = (feature_names.iter().cloned())
            .zip(gain.into_iter().zip(splits))
            .map(|(feature, (gain, splits))| Importance { feature, gain, splits: splits as u64 });
        let importance = with_importance_of(base, importance);
        let ranker = |forest: Forest, summary| {
            let head = Head { schema_version, feature_names, importance, training: Some(summary) };
            Self::assemble(forest, head)
        };
        match base {
            None => ranker(forest, summary),
            Some(base) => {
                let forest = base.forest().with(&forest);
                let trees = forest.trees();
                ranker(forest, RankerSummary { trees, ..summary })
            }
        }
    }
}

/// The importance of features, and that in the trees of the ranker that training went on from.
fn with_importance_of(
    base: Option<&Ranker>,
    importance: impl Iterator<Item = Importance>,
) -> Vec<Importance> {
    let before = base.map(Ranker::importance).unwrap_or_default();
    let mut importance: Vec<Importance> = importance.collect();
    for (of, before) in importance.iter_mut().zip(before) {
        of.gain += before.gain;
        of.splits += before.splits;
    }
    importance
}

/// Checks that there are features and that their names differ.
fn check_names(names: &[String]) -> Result<(), RankerError> {
    expect_equal("features", names.len().max(1), names.len())?;
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(RankerError::RepeatedFeature { name: pair[0].clone() }),
        None => Ok(()),
    }
}
