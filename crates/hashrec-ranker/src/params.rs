//! How a ranker is trained.

use serde::{Deserialize, Serialize};

use crate::RankerError;

/// What the trees learn to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// To tell gold hashtags from others, each row for itself; scores are probabilities.
    Binary,
    /// To order the candidates of a post (LambdaMART with NDCG gains); scores are unbounded.
    LambdaRank,
}

/// Which of a post's wrong candidates become training rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Negatives {
    /// As many as the post has gold rows, times `per_positive`, rounded, drawn at random without
    /// replacement (all if there are fewer).
    Random {
        /// Wrong rows per gold row, above 0.
        per_positive: f64,
    },
    /// All of them.
    All,
}

/// How a ranker is trained.
///
/// | name | default | [`paper`](Self::paper) | meaning | range |
/// |---|---|---|---|---|
/// | `objective` | lambda-rank | binary | what the trees learn | |
/// | `learning_rate` | 0.04 | 0.1 | share of each tree's step that is taken | above 0, to 1 |
/// | `leaves` | 63 | 63 | leaves per tree | 2 to 131,072 |
/// | `trees` | 300 | 300 | trees, or the most there may be with early stopping | 1 to 100,000 |
/// | `min_rows_in_leaf` | 100 | 20 | training rows a leaf needs | from 1 |
/// | `feature_fraction` | 0.6 | 0.6 | share of the columns each tree may use | above 0, to 1 |
/// | `bagging_fraction` | 0.8 | 0.8 | share of the rows each tree sees | above 0, to 1 |
/// | `bagging_every` | 1 | 1 | trees between two draws of those rows; 0: all rows, always | |
/// | `l2` | 1.0 | 1.0 | L2 penalty on the leaves' outputs | from 0 |
/// | `max_bin` | 255 | 63 | steps each column is cut into | 2 to 65,535 |
/// | `truncation` | 15 | 15 | top positions whose order counts (lambda-rank) | from 1 |
/// | `negatives` | all | random, 4 per gold row | which wrong candidates are learned from | |
/// | `gold_weight` | 1 | 4 | how much a gold row counts beside another (binary) | above 0 |
/// | `validation_share` | 0 | 0 | share of the posts held out to watch training | 0 to 0.5 |
/// | `early_stopping` | none | none | trees without progress on those posts before stopping | from 1 |
/// | `threads` | 1 | 1 | threads LightGBM may use (more than one need its OpenMP build) | from 1 |
/// | `seed` | 1 | 1 | of bagging, columns, negatives and validation posts | to 2³¹ − 1 |
///
/// The defaults tie with much slower settings on the project's reference corpora; `paper` is the
/// method as published: a binary classifier with as many random negatives as positives. It draws
/// them four times over, and each gold row counts four times: both sides weigh the same, and the
/// order depends less on which negatives happened to be drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RankerParams {
    /// What the trees learn.
    pub objective: Objective,
    /// Share of each tree's step that is taken.
    pub learning_rate: f64,
    /// Leaves per tree.
    pub leaves: u32,
    /// Trees, or the most there may be with early stopping.
    pub trees: u32,
    /// Training rows a leaf needs.
    pub min_rows_in_leaf: u32,
    /// Share of the columns each tree may use.
    pub feature_fraction: f64,
    /// Share of the rows each tree sees.
    pub bagging_fraction: f64,
    /// Trees between two draws of those rows; 0 for all rows, always.
    pub bagging_every: u32,
    /// L2 penalty on the leaves' outputs.
    pub l2: f64,
    /// Steps each column is cut into.
    pub max_bin: u32,
    /// Top positions whose order counts, for [`Objective::LambdaRank`].
    pub truncation: u32,
    /// Which wrong candidates are learned from.
    pub negatives: Negatives,
    /// How much a gold row counts beside another, for [`Objective::Binary`].
    pub gold_weight: f64,
    /// Share of the posts held out to watch training.
    pub validation_share: f64,
    /// Trees without progress on the held-out posts before training stops.
    pub early_stopping: Option<u32>,
    /// Threads LightGBM may use.
    pub threads: u32,
    /// Seed of everything random.
    pub seed: u64,
}

impl Default for RankerParams {
    fn default() -> Self {
        Self {
            objective: Objective::LambdaRank,
            learning_rate: 0.04,
            leaves: 63,
            trees: 300,
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

macro_rules! setters {
    ($($name:ident: $type:ty, $with:ident;)*) => {$(
        #[doc = concat!("Sets `", stringify!($name), "`.")]
        #[must_use]
        pub fn $with(mut self, $name: $type) -> Self {
            self.$name = $name;
            self
        }
    )*};
}

impl RankerParams {
    /// The method as published: a binary classifier with as many random negatives as positives, by
    /// weight.
    pub fn paper() -> Self {
        Self {
            objective: Objective::Binary,
            learning_rate: 0.1,
            leaves: 63,
            trees: 300,
            min_rows_in_leaf: 20,
            max_bin: 63,
            negatives: Negatives::Random { per_positive: 4.0 },
            gold_weight: 4.0,
            ..Self::default()
        }
    }

    setters! {
        objective: Objective, with_objective;
        learning_rate: f64, with_learning_rate;
        leaves: u32, with_leaves;
        trees: u32, with_trees;
        min_rows_in_leaf: u32, with_min_rows_in_leaf;
        feature_fraction: f64, with_feature_fraction;
        bagging_fraction: f64, with_bagging_fraction;
        bagging_every: u32, with_bagging_every;
        l2: f64, with_l2;
        max_bin: u32, with_max_bin;
        truncation: u32, with_truncation;
        negatives: Negatives, with_negatives;
        gold_weight: f64, with_gold_weight;
        validation_share: f64, with_validation_share;
        early_stopping: Option<u32>, with_early_stopping;
        threads: u32, with_threads;
        seed: u64, with_seed;
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`RankerError::Parameter`], naming the first that is outside.
    pub fn check(&self) -> Result<(), RankerError> {
        let share = |v: f64| v > 0.0 && v <= 1.0;
        let int = i32::MAX as u32;
        let rules: [(bool, &'static str, String, &'static str); 15] = [
            (
                share(self.learning_rate),
                "learning_rate",
                self.learning_rate.to_string(),
                "above 0, at most 1",
            ),
            (
                (2..=131_072).contains(&self.leaves),
                "leaves",
                self.leaves.to_string(),
                "2 to 131072",
            ),
            ((1..=100_000).contains(&self.trees), "trees", self.trees.to_string(), "1 to 100000"),
            (
                (1..=int).contains(&self.min_rows_in_leaf),
                "min_rows_in_leaf",
                self.min_rows_in_leaf.to_string(),
                "1 to 2147483647",
            ),
            (
                share(self.feature_fraction),
                "feature_fraction",
                self.feature_fraction.to_string(),
                "above 0, at most 1",
            ),
            (
                share(self.bagging_fraction),
                "bagging_fraction",
                self.bagging_fraction.to_string(),
                "above 0, at most 1",
            ),
            (
                self.bagging_every <= int,
                "bagging_every",
                self.bagging_every.to_string(),
                "0 to 2147483647",
            ),
            (self.l2 >= 0.0 && self.l2.is_finite(), "l2", self.l2.to_string(), "0 or more"),
            (
                self.gold_weight > 0.0 && self.gold_weight.is_finite(),
                "gold_weight",
                self.gold_weight.to_string(),
                "above 0",
            ),
            (
                (2..=65_535).contains(&self.max_bin),
                "max_bin",
                self.max_bin.to_string(),
                "2 to 65535",
            ),
            (
                (1..=int).contains(&self.truncation),
                "truncation",
                self.truncation.to_string(),
                "1 to 2147483647",
            ),
            (
                (0.0..=0.5).contains(&self.validation_share),
                "validation_share",
                self.validation_share.to_string(),
                "0 to 0.5",
            ),
            ((1..=1024).contains(&self.threads), "threads", self.threads.to_string(), "1 to 1024"),
            (
                self.seed <= u64::from(int),
                "seed",
                self.seed.to_string(),
                "0 to 2147483647, LightGBM's range",
            ),
            (
                match self.negatives {
                    Negatives::Random { per_positive } => {
                        per_positive > 0.0 && per_positive.is_finite()
                    }
                    Negatives::All => true,
                },
                "negatives",
                format!("{:?}", self.negatives),
                "all, or random with per_positive above 0",
            ),
        ];
        for (fits, name, value, expected) in rules {
            if !fits {
                return Err(RankerError::Parameter { name, value, expected });
            }
        }
        match self.early_stopping {
            Some(0) => Err(RankerError::Parameter {
                name: "early_stopping",
                value: "0".into(),
                expected: "at least 1, or none",
            }),
            Some(trees) if self.validation_share == 0.0 => Err(RankerError::Parameter {
                name: "early_stopping",
                value: trees.to_string(),
                expected: "none, or a validation_share above 0 to watch",
            }),
            _ => Ok(()),
        }
    }
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
