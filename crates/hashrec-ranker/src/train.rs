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
        let train = Dataset::new(&rows, params, None)?;
        let validation =
            if held.posts() > 0 { Some(Dataset::new(&held, params, Some(&train))?) } else { None };
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
            .map(|(feature, (gain, splits))| Importance { feature, gain, splits: splits as u64 })
            .collect();
        let training = Some(summary);
        Self::assemble(forest, Head { schema_version, feature_names, importance, training })
    }
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
