//! Parameters of a data set and of training, as LightGBM spells them.

use std::fmt::Write;

use crate::{Objective, RankerError};

/// What LightGBM is told about data and training; the same for both, as LightGBM asks.
///
/// | name | default | LightGBM's name |
/// |---|---|---|
/// | `objective` | binary | `objective` (and `metric`: `binary_logloss`, or `ndcg` at 10) |
/// | `learning_rate` | 0.1 | `learning_rate`, above 0 |
/// | `leaves` | 31 | `num_leaves`, 2 to 131,072 |
/// | `min_rows_in_leaf` | 20 | `min_data_in_leaf` |
/// | `feature_fraction` | 1 | `feature_fraction`, above 0, to 1 |
/// | `bagging_fraction` | 1 | `bagging_fraction`, above 0, to 1 |
/// | `bagging_every` | 0 | `bagging_freq` |
/// | `l2` | 0 | `lambda_l2`, from 0 |
/// | `gold_weight` | 1 | `scale_pos_weight` (binary), above 0 |
/// | `max_bin` | 255 | `max_bin`, 2 to 65,535 |
/// | `truncation` | 30 | `lambdarank_truncation_level`, from 1 |
/// | `categorical` | none | `categorical_feature`, by position |
/// | `zero_as_missing` | false | `zero_as_missing` |
/// | `use_missing` | true | `use_missing` |
/// | `by_columns` | false | `force_col_wise`, else `force_row_wise` |
/// | `threads` | 1 | `num_threads`, from 1 |
/// | `seed` | 1 | `seed` |
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Params {
    /// What the trees learn.
    pub objective: Objective,
    /// Share of each tree's step that is taken.
    pub learning_rate: f64,
    /// Leaves per tree.
    pub leaves: u32,
    /// Rows a leaf needs.
    pub min_rows_in_leaf: u32,
    /// Share of the columns a tree may use.
    pub feature_fraction: f64,
    /// Share of the rows a tree sees.
    pub bagging_fraction: f64,
    /// Trees between two draws of those rows; 0 for all rows.
    pub bagging_every: u32,
    /// L2 penalty on leaf outputs.
    pub l2: f64,
    /// How much a gold row counts beside another, in binary training.
    pub gold_weight: f64,
    /// Steps a column is cut into.
    pub max_bin: u32,
    /// Top positions whose order counts in ranking.
    pub truncation: u32,
    /// Columns that hold categories: whole numbers from 0, or NaN.
    pub categorical: Vec<u32>,
    /// Zero counts as missing.
    pub zero_as_missing: bool,
    /// NaN is told apart from zero.
    pub use_missing: bool,
    /// Histograms column by column (less memory) instead of row by row.
    pub by_columns: bool,
    /// Threads LightGBM may use; more than one need a build with OpenMP.
    pub threads: u32,
    /// Seed of everything random.
    pub seed: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            objective: Objective::Binary,
            learning_rate: 0.1,
            leaves: 31,
            min_rows_in_leaf: 20,
            feature_fraction: 1.0,
            bagging_fraction: 1.0,
            bagging_every: 0,
            l2: 0.0,
            gold_weight: 1.0,
            max_bin: 255,
            truncation: 30,
            categorical: Vec::new(),
            zero_as_missing: false,
            use_missing: true,
            by_columns: false,
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

impl Params {
    setters! {
        objective: Objective, with_objective;
        learning_rate: f64, with_learning_rate;
        leaves: u32, with_leaves;
        min_rows_in_leaf: u32, with_min_rows_in_leaf;
        feature_fraction: f64, with_feature_fraction;
        bagging_fraction: f64, with_bagging_fraction;
        bagging_every: u32, with_bagging_every;
        l2: f64, with_l2;
        gold_weight: f64, with_gold_weight;
        max_bin: u32, with_max_bin;
        truncation: u32, with_truncation;
        categorical: Vec<u32>, with_categorical;
        zero_as_missing: bool, with_zero_as_missing;
        use_missing: bool, with_use_missing;
        by_columns: bool, with_by_columns;
        threads: u32, with_threads;
        seed: u32, with_seed;
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`RankerError::Parameter`], naming the first that is outside.
    pub fn check(&self) -> Result<(), RankerError> {
        let share = |v: f64| v > 0.0 && v <= 1.0;
        let int = 0..=i32::MAX as u32;
        let fail = |name, value: &dyn ToString, expected| {
            Err(RankerError::Parameter { name, value: value.to_string(), expected })
        };
        for (name, value) in [
            ("learning_rate", self.learning_rate),
            ("feature_fraction", self.feature_fraction),
            ("bagging_fraction", self.bagging_fraction),
        ] {
            if !share(value) {
                return fail(name, &value, "above 0, at most 1");
            }
        }
        if !(self.l2.is_finite() && self.l2 >= 0.0) {
            return fail("l2", &self.l2, "0 or more");
        }
        if !(self.gold_weight.is_finite() && self.gold_weight > 0.0) {
            return fail("gold_weight", &self.gold_weight, "above 0");
        }
        for (name, value, least, most, expected) in [
            ("leaves", self.leaves, 2, 131_072, "2 to 131072"),
            ("max_bin", self.max_bin, 2, 65_535, "2 to 65535"),
            ("threads", self.threads, 1, 1024, "1 to 1024"),
        ] {
            if !(least..=most).contains(&value) {
                return fail(name, &value, expected);
            }
        }
        for (name, value) in [
            ("min_rows_in_leaf", self.min_rows_in_leaf),
            ("bagging_every", self.bagging_every),
            ("seed", self.seed),
        ] {
            if !int.contains(&value) {
                return fail(name, &value, "0 to 2147483647");
            }
        }
        if self.truncation == 0 || !int.contains(&self.truncation) {
            return fail("truncation", &self.truncation, "1 to 2147483647");
        }
        Ok(())
    }

    /// The parameters as LightGBM's `key=value` list.
    pub(super) fn text(&self) -> String {
        let (objective, metric) = match self.objective {
            Objective::Binary => ("binary", "binary_logloss"),
            Objective::LambdaRank => ("lambdarank", "ndcg eval_at=10"),
        };
        let layout = if self.by_columns { "force_col_wise" } else { "force_row_wise" };
        // A data set must not drop columns by a leaf size that another booster may not share.
        let mut text = format!(
            "deterministic=true {layout}=true verbosity=-1 feature_pre_filter=false \
             objective={objective} metric={metric} learning_rate={} num_leaves={} \
             min_data_in_leaf={} feature_fraction={} bagging_fraction={} bagging_freq={} \
             lambda_l2={} max_bin={} lambdarank_truncation_level={} zero_as_missing={} \
             use_missing={} num_threads={} seed={}",
            self.learning_rate,
            self.leaves,
            self.min_rows_in_leaf,
            self.feature_fraction,
            self.bagging_fraction,
            self.bagging_every,
            self.l2,
            self.max_bin,
            self.truncation,
            self.zero_as_missing,
            self.use_missing,
            self.threads,
            self.seed,
        );
        for (i, column) in self.categorical.iter().enumerate() {
            let lead = if i == 0 { " categorical_feature=" } else { "," };
            // Writing to a String can't fail.
            let _ = write!(text, "{lead}{column}");
        }
        if self.objective == Objective::Binary {
            let _ = write!(text, " scale_pos_weight={}", self.gold_weight);
        }
        text
    }
}
