//! How a static table is distilled.

use serde::{Deserialize, Serialize};

use crate::{VectorizeError, parameters::within};

/// The most dimensions of a table.
const MAX_DIM: usize = 4096;

/// How [`distill`](crate::distill) makes a static table.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `dim` | 256 | floats in a vector; the encoder's number applies if it is lower | 1 to 4096 |
/// | `rarity` | 0.001 | a token with the share p of all tokens weighs `rarity` / (`rarity` + p): the lower, the less frequent tokens weigh | above 0, at most 1 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DistillParams {
    /// Floats in a vector.
    pub dim: usize,
    /// The share of all tokens at which a token weighs one half.
    pub rarity: f64,
}

impl Default for DistillParams {
    fn default() -> Self {
        Self { dim: 256, rarity: 1e-3 }
    }
}

impl DistillParams {
    hashrec_storage::setters! {
        with_dim: dim, usize;
        with_rarity: rarity, f64;
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`] names the first parameter out of range.
    pub fn check(&self) -> Result<(), VectorizeError> {
        within("dim", self.dim, 1..=MAX_DIM, "1 to 4096")?;
        if self.rarity > 0.0 && self.rarity <= 1.0 {
            return Ok(());
        }
        let (found, expected) = (self.rarity.to_string(), "above 0, at most 1");
        Err(VectorizeError::Parameter { name: "rarity", found, expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked() {
        let fine = DistillParams::default();
        assert!(fine.check().is_ok() && fine.clone().with_rarity(1.0).check().is_ok());
        for (wrong, name) in [
            (fine.clone().with_dim(0), "dim"),
            (fine.clone().with_dim(MAX_DIM + 1), "dim"),
            (fine.clone().with_rarity(0.0), "rarity"),
            (fine.clone().with_rarity(1.1), "rarity"),
            (fine.clone().with_rarity(f64::NAN), "rarity"),
        ] {
            let error = wrong.check().unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
