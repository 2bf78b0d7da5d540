//! Training a ranker with LightGBM.

use std::ops::ControlFlow;

use crate::{
    Forest, Ranker, RankerError, RankerParams, RankingRows,
    lightgbm::{Booster, Dataset, ImportanceKind, Params, Progress, Source},
    ranker::{Importance, TrainSummary},
};

impl Ranker {
    /// Learns from the rows: drops those the parameters don't want, holds out posts to watch
    /// training where asked to, trains, and keeps the trees up to the best one.
    ///
    /// `progress` is told after each tree what the metrics on the held-out posts are, and may
    /// break to cancel. The same rows, parameters and number of threads give the same ranker.
    ///
    /// # Errors
    /// [`RankerError::Parameter`]; [`RankerError::Rows`] if nothing is left to learn from or the
    /// features' names aren't unique; [`RankerError::Cancelled`]; [`RankerError::LightGbm`].
    pub fn train(
        mut rows: RankingRows,
        params: &RankerParams,
        progress: impl FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Self, RankerError> {
        params.check()?;
        check_names(rows.feature_names())?;
        rows.select(params)?;
        let mut summary = TrainSummary {
            posts: rows.posts(),
            skipped_posts: rows.skipped(),
            rows: rows.rows(),
            positives: rows.positives(),
            ..TrainSummary::default()
        };
        let held = rows.hold_out(params.validation_share, params.seed);
        summary.held_out_posts = held.posts();
        if rows.positives() == 0 || rows.positives() == rows.rows() {
            let (positives, all) = (rows.positives(), rows.rows());
            let problem = format!(
                "{positives} of {all} rows are gold: learning needs gold candidates and others"
            );
            return Err(RankerError::Rows { post: None, problem });
        }
        let names = rows.feature_names().to_vec();
        let schema = rows.schema_version();
        let own = lightgbm_params(params);
        let train = dataset(&rows, &own, None)?;
        let validation =
            if held.posts() > 0 { Some(dataset(&held, &own, Some(&train))?) } else { None };
        // LightGBM has its own, binned copy; the table may be the largest thing in memory.
        drop((rows, held));
        let mut booster = Booster::new(train, &own)?;
        if let Some(validation) = validation {
            booster.add_validation(validation)?;
        }
        let patience = params.early_stopping.map(|trees| trees as usize);
        let training = booster.train(params.trees as usize, patience, progress)?;
        let trees = if patience.is_some() { training.best } else { training.trees };
        summary.trees = trees;
        summary.validation = trees
            .checked_sub(1)
            .and_then(|last| training.history.get(last)?.first())
            .map(|evaluation| evaluation.value);
        tracing::info!(trees, ?summary.validation, "trained the ranker");
        let forest = Forest::from_lightgbm(&booster.model_text(Some(trees))?)?;
        let gain = booster.importance(ImportanceKind::Gain, Some(trees))?;
        let splits = booster.importance(ImportanceKind::Splits, Some(trees))?;
        let importance = (names.iter().cloned())
            .zip(gain.into_iter().zip(splits))
            .map(|(feature, (gain, splits))| Importance { feature, gain, splits: splits as u64 })
            .collect();
        Self::trained(forest, names, schema, importance, summary)
    }
}

fn check_names(names: &[String]) -> Result<(), RankerError> {
    let fail = |problem| Err(RankerError::Rows { post: None, problem });
    if names.is_empty() {
        return fail("there are no features".to_owned());
    }
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => fail(format!("feature {:?} is there twice", pair[0])),
        None => Ok(()),
    }
}

fn dataset(
    rows: &RankingRows,
    params: &Params,
    reference: Option<&Dataset>,
) -> Result<Dataset, RankerError> {
    let labels: Vec<f32> = rows.labels().map(|gold| f32::from(u8::from(gold))).collect();
    let columns = rows.feature_names().len();
    let source = Source::new(rows.values(), columns, &labels);
    Dataset::new(&source.with_groups(rows.sizes()), params, reference)
}

fn lightgbm_params(params: &RankerParams) -> Params {
    Params::default()
        .with_objective(params.objective)
        .with_learning_rate(params.learning_rate)
        .with_leaves(params.leaves)
        .with_min_rows_in_leaf(params.min_rows_in_leaf)
        .with_feature_fraction(params.feature_fraction)
        .with_bagging_fraction(params.bagging_fraction)
        .with_bagging_every(params.bagging_every)
        .with_l2(params.l2)
        .with_gold_weight(params.gold_weight)
        .with_max_bin(params.max_bin)
        .with_truncation(params.truncation)
        .with_threads(params.threads)
        // `RankerParams::check` keeps it within LightGBM's range.
        .with_seed(u32::try_from(params.seed).unwrap_or(u32::MAX))
}
