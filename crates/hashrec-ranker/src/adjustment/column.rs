//! The features that are weighed, brought to one scale.

use serde::{Deserialize, Serialize};

/// The furthest that a value on its scale is from 0.
const FURTHEST: f64 = 3.0;

/// The rank of a hashtag without one.
const NO_RANK: f64 = 64.0;

/// A feature that an [`Adjustment`](crate::Adjustment) weighs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentColumn {
    feature: String,
    scale: AdjustmentScale,
}

/// What becomes of a feature's value before it is weighed, so that one prior holds all weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AdjustmentScale {
    /// The value times a factor, between −3 and 3; 0 if it is missing.
    Times(f32),
    /// −ln(1 + rank) / 2: how many hashtags stand before it, at most 64, and 64 if it is missing.
    Rank,
}

impl AdjustmentColumn {
    /// A feature on a scale.
    pub fn new(feature: impl Into<String>, scale: AdjustmentScale) -> Self {
        Self { feature: feature.into(), scale }
    }

    /// The name of the feature.
    pub fn feature(&self) -> &str {
        &self.feature
    }

    /// A value of the feature, on the scale; always finite.
    pub(super) fn value(&self, value: f32) -> f64 {
        let value = f64::from(value);
        match self.scale {
            AdjustmentScale::Times(factor) => {
                let scaled = value * f64::from(factor);
                if scaled.is_nan() { 0.0 } else { scaled.clamp(-FURTHEST, FURTHEST) }
            }
            AdjustmentScale::Rank => {
                let rank = if value.is_nan() { NO_RANK } else { value.clamp(0.0, NO_RANK) };
                -rank.ln_1p() / 2.0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(scale: AdjustmentScale, value: f32) -> f64 {
        AdjustmentColumn::new("a", scale).value(value)
    }

    #[test]
    fn values_are_scaled_and_bounded() {
        let half = AdjustmentScale::Times(0.5);
        assert_eq!(value(half, 3.0), 1.5);
        assert_eq!(value(half, 1e30), 3.0);
        assert_eq!(value(half, f32::NEG_INFINITY), -3.0);
        assert_eq!(value(half, f32::NAN), 0.0);
        assert_eq!(value(AdjustmentScale::Times(f32::INFINITY), 0.0), 0.0);
    }

    #[test]
    fn the_first_rank_is_best_and_a_missing_one_is_last() {
        let rank = |of: f32| value(AdjustmentScale::Rank, of);
        assert_eq!(rank(0.0), 0.0);
        assert!(rank(0.0) > rank(1.0) && rank(1.0) > rank(64.0));
        assert_eq!(rank(f32::NAN), rank(64.0));
        assert_eq!(rank(f32::INFINITY), rank(64.0));
        assert_eq!(rank(-5.0), 0.0);
    }
}
