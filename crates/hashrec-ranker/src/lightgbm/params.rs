//! Parameters in LightGBM's spelling.

use crate::{Objective, RankerParams};

/// The parameters as LightGBM's `key=value` list, the same for data sets and boosters.
pub(super) fn parameter_text(params: &RankerParams) -> String {
    let RankerParams {
        objective: _,
        learning_rate,
        leaves,
        trees: _,
        min_rows_in_leaf,
        feature_fraction,
        bagging_fraction,
        bagging_every,
        l2,
        max_bin,
        truncation,
        negatives: _,
        gold_weight,
        validation_share: _,
        early_stopping: _,
        threads,
        seed,
    } = params;
    let objective = match params.objective {
        Objective::Binary => {
            format!("objective=binary metric=binary_logloss scale_pos_weight={gold_weight}")
        }
        Objective::LambdaRank => "objective=lambdarank metric=ndcg eval_at=10".to_owned(),
    };
    // Pre-filtering would drop columns of a data set by a leaf size that another booster of it may
    // not share.
    format!(
        "deterministic=true force_row_wise=true verbosity=-1 feature_pre_filter=false {objective} \
         learning_rate={learning_rate} num_leaves={leaves} min_data_in_leaf={min_rows_in_leaf} \
         feature_fraction={feature_fraction} bagging_fraction={bagging_fraction} \
         bagging_freq={bagging_every} lambda_l2={l2} max_bin={max_bin} \
         lambdarank_truncation_level={truncation} num_threads={threads} seed={seed}"
    )
}
