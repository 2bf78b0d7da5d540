//! How a static table is distilled.

use serde::{Deserialize, Serialize};

use crate::{VectorizeError, parameters::within};

/// The most dimensions of a table.
const MAX_DIM: usize = 4096;
/// The most posts that rows are fitted to.
const MAX_FIT_POSTS: usize = 1_000_000;
/// The most tokens of a text that rows are fitted to.
const MAX_FIT_TOKENS: usize = 8192;

/// How [`distill`](crate::distill()) makes a static table.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `dim` | 256 | floats in a vector; the encoder's number applies if it is lower | 1 to 4096 |
/// | `rarity` | 0.001 | a token with the share p of all tokens weighs `rarity` / (`rarity` + p): the lower, the less frequent tokens weigh | above 0, at most 1 |
/// | `fit_posts` | 20,000 | rows are fitted to at most so many posts, taken evenly; 0: to none | at most 1,000,000 |
/// | `fit_tokens` | 96 | rows are fitted to the first tokens of each post; let the encoder read about as many | 1 to 8192 |
/// | `fit_penalty` | 0.03 | the higher, the closer fitted rows keep to distilled ones | 1e-6 to 1e6 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DistillParams {
    /// Floats in a vector.
    pub dim: usize,
    /// The share of all tokens at which a token weighs one half.
    pub rarity: f64,
    /// Posts that rows are fitted to; 0: rows stay as they are distilled.
    pub fit_posts: usize,
    /// Tokens of each post that rows are fitted to.
    pub fit_tokens: usize,
    /// How much a fitted row keeps to the distilled one.
    pub fit_penalty: f64,
}

impl Default for DistillParams {
    fn default() -> Self {
        Self { dim: 256, rarity: 1e-3, fit_posts: 20_000, fit_tokens: 96, fit_penalty: 0.03 }
    }
}

impl DistillParams {
    hashrec_storage::setters! {
        with_dim: dim, usize;
        with_rarity: rarity, f64;
        with_fit_posts: fit_posts, usize;
        with_fit_tokens: fit_tokens, usize;
        with_fit_penalty: fit_penalty, f64;
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`] names the first parameter out of range.
    pub fn check(&self) -> Result<(), VectorizeError> {
        within("dim", self.dim, 1..=MAX_DIM, "1 to 4096")?;
        within("fit_posts", self.fit_posts, 0..=MAX_FIT_POSTS, "at most 1000000")?;
        within("fit_tokens", self.fit_tokens, 1..=MAX_FIT_TOKENS, "1 to 8192")?;
        let wrong = |name, found: f64, expected| {
            Err(VectorizeError::Parameter { name, found: found.to_string(), expected })
        };
        if !(self.rarity > 0.0 && self.rarity <= 1.0) {
            return wrong("rarity", self.rarity, "above 0, at most 1");
        }
        if !(1e-6..=1e6).contains(&self.fit_penalty) {
            return wrong("fit_penalty", self.fit_penalty, "1e-6 to 1e6");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked() {
        let fine = DistillParams::default();
        assert!(fine.check().is_ok() && fine.clone().with_rarity(1.0).check().is_ok());
        assert!(fine.clone().with_fit_posts(0).with_fit_penalty(1e6).check().is_ok());
        for (wrong, name) in [
            (fine.clone().with_dim(0), "dim"),
            (fine.clone().with_dim(MAX_DIM + 1), "dim"),
            (fine.clone().with_rarity(0.0), "rarity"),
            (fine.clone().with_rarity(1.1), "rarity"),
            (fine.clone().with_rarity(f64::NAN), "rarity"),
            (fine.clone().with_fit_posts(MAX_FIT_POSTS + 1), "fit_posts"),
            (fine.clone().with_fit_tokens(0), "fit_tokens"),
            (fine.clone().with_fit_tokens(MAX_FIT_TOKENS + 1), "fit_tokens"),
            (fine.clone().with_fit_penalty(0.0), "fit_penalty"),
            (fine.clone().with_fit_penalty(f64::INFINITY), "fit_penalty"),
            (fine.clone().with_fit_penalty(f64::NAN), "fit_penalty"),
        ] {
            let error = wrong.check().unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
