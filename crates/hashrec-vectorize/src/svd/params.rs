//! Parameters of the latent space.

use serde::{Deserialize, Serialize};

#[cfg(feature = "train")]
use crate::TfIdfParams;
use crate::{VectorizeError, parameters::within};

/// The most dimensions of a space.
pub(super) const MAX_DIM: usize = 4096;

/// How a [`TfIdfSvd`](crate::TfIdfSvd) is fitted.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `dim` | 300 | floats in a vector | 1 to 4096 |
/// | `min_df` | 2 | posts a word must occur in, if there are at least 50 posts | |
/// | `max_features` | 100,000 | the most words; the most frequent ones are used | at least 1 |
/// | `iterations` | 5 | power iterations; more of them separate close singular values better | at most 100 |
/// | `oversampling` | 10 | extra directions during the search | at most 1000 |
/// | `seed` | 0 | seed of the initial directions | |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TfIdfSvdParams {
    /// Floats in a vector.
    pub dim: usize,
    /// Posts a word must occur in; collections with fewer than 50 posts use every word.
    pub min_df: u32,
    /// The most words; the most frequent ones are used.
    pub max_features: usize,
    /// Power iterations.
    pub iterations: usize,
    /// Extra directions during the search.
    pub oversampling: usize,
    /// Seed of the initial directions.
    pub seed: u64,
}

impl Default for TfIdfSvdParams {
    fn default() -> Self {
        Self {
            dim: 300,
            min_df: 2,
            max_features: 100_000,
            iterations: 5,
            oversampling: 10,
            seed: 0,
        }
    }
}

impl TfIdfSvdParams {
    hashrec_storage::setters! {
        with_dim: dim, usize;
        with_min_df: min_df, u32;
        with_max_features: max_features, usize;
        with_iterations: iterations, usize;
        with_oversampling: oversampling, usize;
        with_seed: seed, u64;
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`] names the first parameter out of range.
    pub fn check(&self) -> Result<(), VectorizeError> {
        within("dim", self.dim, 1..=MAX_DIM, "1 to 4096")?;
        within("max_features", self.max_features, 1..=usize::MAX, "at least 1")?;
        within("iterations", self.iterations, 0..=100, "at most 100")?;
        within("oversampling", self.oversampling, 0..=1000, "at most 1000")
    }

    /// The parameters of the vocabulary.
    #[cfg(feature = "train")]
    pub(super) fn tfidf(&self) -> TfIdfParams {
        TfIdfParams {
            min_df: self.min_df,
            max_features: Some(self.max_features),
            ..TfIdfParams::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked() {
        let fine = TfIdfSvdParams::default();
        assert!(fine.check().is_ok());
        for wrong in [
            fine.clone().with_dim(0),
            fine.clone().with_dim(MAX_DIM + 1),
            fine.clone().with_max_features(0),
            fine.clone().with_iterations(101),
            fine.clone().with_oversampling(1001),
        ] {
            let error = wrong.check().unwrap_err();
            assert!(matches!(error, VectorizeError::Parameter { .. }), "{error}");
        }
    }
}
