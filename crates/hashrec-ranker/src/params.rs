//! Parameters of training.

use serde::{Deserialize, Serialize};

use crate::RankerError;

/// The training objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// Binary classification: gold or not, each row by itself. Scores are probabilities.
    Binary,
    /// Learning to rank the candidates of a post (LambdaMART, NDCG gains). Scores are unbounded.
    LambdaRank,
}

/// Which of a post's negatives (candidates that aren't gold) become training rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Negatives {
    /// A random sample without replacement: the post's number of gold rows times `per_positive`,
    /// rounded, or all negatives if there are fewer.
    Random {
        /// Negatives per gold row, above 0.
        per_positive: f64,
    },
    /// All of them.
    All,
}

/// Parameters of training.
///
/// | name | default | [`paper`](Self::paper) | meaning | range |
/// |---|---|---|---|---|
/// | `objective` | lambda-rank | binary | training objective | |
/// | `learning_rate` | 0.06 | 0.1 | shrinkage of each tree | above 0, at most 1 |
/// | `leaves` | 63 | 63 | maximum number of leaves per tree | 2 to 131,072 |
/// | `trees` | 200 | 300 | number of trees, the maximum with early stopping | 1 to 100,000 |
/// | `min_rows_in_leaf` | 100 | 20 | minimum number of training rows per leaf | from 1 |
/// | `feature_fraction` | 0.6 | 0.6 | share of the features available to each tree | above 0, at most 1 |
/// | `bagging_fraction` | 0.8 | 0.8 | share of the rows each tree sees | above 0, at most 1 |
/// | `bagging_every` | 1 | 1 | number of trees per bagging sample; 0 turns bagging off | |
/// | `l2` | 1.0 | 1.0 | L2 regularisation of leaf outputs | from 0 |
/// | `max_bin` | 255 | 63 | maximum number of histogram bins per feature | 2 to 65,535 |
/// | `truncation` | 15 | 15 | top positions that count (lambda-rank) | from 1 |
/// | `negatives` | all | random, 4 per gold row | which negatives become training rows | |
/// | `gold_weight` | 1 | 4 | weight of a gold row relative to a negative (binary) | above 0 |
/// | `validation_share` | 0 | 0 | share of the posts held out for validation | 0 to 0.5 |
/// | `early_stopping` | none | none | trees without improvement on those posts before stopping | from 1 |
/// | `threads` | 1 | 1 | LightGBM's threads; more than one need feature `openmp` | 1 to 1,024 |
/// | `seed` | 1 | 1 | random seed | to 2³¹ − 1 |
///
/// The defaults score as well as much slower settings on the project's reference corpora. `paper`
/// is the method as published: a binary classifier with as many random negatives as positives. It
/// samples four times as many negatives and gives gold rows four times the weight, so both classes
/// weigh the same while the ranking depends less on which negatives were sampled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)] // the table above
pub struct RankerParams {
    pub objective: Objective,
    pub learning_rate: f64,
    pub leaves: u32,
    pub trees: u32,
    pub min_rows_in_leaf: u32,
    pub feature_fraction: f64,
    pub bagging_fraction: f64,
    pub bagging_every: u32,
    pub l2: f64,
    pub max_bin: u32,
    pub truncation: u32,
    pub negatives: Negatives,
    pub gold_weight: f64,
    pub validation_share: f64,
    pub early_stopping: Option<u32>,
    pub threads: u32,
    pub seed: u64,
}

impl Default for RankerParams {
    fn default() -> Self {
        Self {
            objective: Objective::LambdaRank,
            learning_rate: 0.06,
            leaves: 63,
            trees: 200,
            min_rows_in_leaf: 100,
            feature_fraction: 0.6,
            bagging_fraction: 0.8,
            bagging_every: 1,
            l2: 1.0,
            max_bin: 255,
            truncation: 15,
            negatives: Negatives::All,
            gold_weight: 1.0,
            validation_share: 0.0,
            early_stopping: None,
            threads: 1,
            seed: 1,
        }
    }
}

impl RankerParams {
    /// The method as published: a binary classifier with random negatives that weigh as much as the
    /// positives.
    pub fn paper() -> Self {
        Self {
            objective: Objective::Binary,
            learning_rate: 0.1,
            trees: 300,
            min_rows_in_leaf: 20,
            max_bin: 63,
            negatives: Negatives::Random { per_positive: 4.0 },
            gold_weight: 4.0,
            ..Self::default()
        }
    }

    hashrec_storage::setters! {
        with_objective: objective, Objective;
        with_learning_rate: learning_rate, f64;
        with_leaves: leaves, u32;
        with_trees: trees, u32;
        with_min_rows_in_leaf: min_rows_in_leaf, u32;
        with_feature_fraction: feature_fraction, f64;
        with_bagging_fraction: bagging_fraction, f64;
        with_bagging_every: bagging_every, u32;
        with_l2: l2, f64;
        with_max_bin: max_bin, u32;
        with_truncation: truncation, u32;
        with_negatives: negatives, Negatives;
        with_gold_weight: gold_weight, f64;
        with_validation_share: validation_share, f64;
        with_early_stopping: early_stopping, Option<u32>;
        with_threads: threads, u32;
        with_seed: seed, u64;
    }

    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// [`RankerError::Parameter`] for the first that is out of range.
    pub fn check(&self) -> Result<(), RankerError> {
        const SHARE: &str = "above 0, at most 1";
        const COUNT: &str = "1 to 2147483647";
        let share = |value: f64| value > 0.0 && value <= 1.0;
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let count = |value: u32| (1..=i32::MAX as u32).contains(&value);
        rule(share(self.learning_rate), "learning_rate", &self.learning_rate, SHARE)?;
        rule((2..=131_072).contains(&self.leaves), "leaves", &self.leaves, "2 to 131072")?;
        rule((1..=100_000).contains(&self.trees), "trees", &self.trees, "1 to 100000")?;
        rule(count(self.min_rows_in_leaf), "min_rows_in_leaf", &self.min_rows_in_leaf, COUNT)?;
        rule(share(self.feature_fraction), "feature_fraction", &self.feature_fraction, SHARE)?;
        rule(share(self.bagging_fraction), "bagging_fraction", &self.bagging_fraction, SHARE)?;
        let every = self.bagging_every;
        rule(every == 0 || count(every), "bagging_every", &every, "0 to 2147483647")?;
        rule(self.l2 == 0.0 || positive(self.l2), "l2", &self.l2, "0 or more")?;
        rule((2..=65_535).contains(&self.max_bin), "max_bin", &self.max_bin, "2 to 65535")?;
        rule(count(self.truncation), "truncation", &self.truncation, COUNT)?;
        rule(positive(self.gold_weight), "gold_weight", &self.gold_weight, "above 0")?;
        rule((1..=1024).contains(&self.threads), "threads", &self.threads, "1 to 1024")?;
        rule(self.seed <= i32::MAX as u64, "seed", &self.seed, "0 to 2147483647")?;
        if let Negatives::Random { per_positive } = self.negatives {
            rule(positive(per_positive), "negatives", &per_positive, "per_positive above 0")?;
        }
        let held_out = self.validation_share;
        rule((0.0..=0.5).contains(&held_out), "validation_share", &held_out, "0 to 0.5")?;
        if let Some(trees) = self.early_stopping {
            rule(trees > 0, "early_stopping", &trees, "at least 1, or none")?;
            rule(
                held_out > 0.0,
                "early_stopping",
                &trees,
                "none unless validation_share is above 0",
            )?;
        }
        Ok(())
    }
}

/// [`RankerError::Parameter`] unless `holds`.
fn rule(
    holds: bool,
    name: &'static str,
    value: &dyn ToString,
    expected: &'static str,
) -> Result<(), RankerError> {
    if holds {
        return Ok(());
    }
    Err(RankerError::Parameter { name, value: value.to_string(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_the_paper_settings_are_in_range() {
        RankerParams::default().check().unwrap();
        RankerParams::paper().check().unwrap();
    }

    #[test]
    fn every_value_out_of_range_is_named() {
        let base = RankerParams::default;
        let wrong = [
            ("learning_rate", base().with_learning_rate(f64::NAN)),
            ("leaves", base().with_leaves(1)),
            ("trees", base().with_trees(0)),
            ("min_rows_in_leaf", base().with_min_rows_in_leaf(0)),
            ("feature_fraction", base().with_feature_fraction(0.0)),
            ("bagging_fraction", base().with_bagging_fraction(1.1)),
            ("bagging_every", base().with_bagging_every(u32::MAX)),
            ("l2", base().with_l2(-1.0)),
            ("gold_weight", base().with_gold_weight(0.0)),
            ("max_bin", base().with_max_bin(1)),
            ("truncation", base().with_truncation(0)),
            ("negatives", base().with_negatives(Negatives::Random { per_positive: 0.0 })),
            ("validation_share", base().with_validation_share(0.6)),
            ("early_stopping", base().with_early_stopping(Some(0))),
            ("early_stopping", base().with_early_stopping(Some(3))),
            ("threads", base().with_threads(0)),
            ("seed", base().with_seed(u64::MAX)),
        ];
        for (name, params) in wrong {
            match params.check() {
                Err(RankerError::Parameter { name: found, .. }) => assert_eq!(found, name),
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    #[test]
    fn missing_fields_take_their_defaults_and_unknown_ones_are_refused() {
        let params: RankerParams =
            serde_json::from_str(r#"{"trees": 7, "negatives": {"random": {"per_positive": 2.0}}}"#)
                .unwrap();
        let expected = RankerParams::default()
            .with_trees(7)
            .with_negatives(Negatives::Random { per_positive: 2.0 });
        assert_eq!(params, expected);
        assert!(serde_json::from_str::<RankerParams>(r#"{"tree": 7}"#).is_err());
    }
}
