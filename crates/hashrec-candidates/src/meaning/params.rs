//! Parameters of the candidates by meaning.

use serde::{Deserialize, Serialize};

use crate::{CandidatesError, params::positive};

/// Parameters of the candidates by meaning.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `penalty` | 1 | the ridge penalty λ | above 0 |
/// | `neighbors` | 30 | how many posts vote | at least 1 |
/// | `sharpness` | 8 | how fast the weight exp(`sharpness` · (cosine − 1)) of a post falls with its distance | above 0 |
/// | `centroid_smoothing` | 0.5 | posts of weight 0 added to the mean weight of a hashtag's posts | above 0 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeaningParams {
    /// The ridge penalty λ.
    pub penalty: f32,
    /// How many posts vote.
    pub neighbors: usize,
    /// How fast the weight of a post falls with its distance.
    pub sharpness: f32,
    /// How many posts of weight 0 are added to the mean weight of a hashtag's posts, so that one close
    /// post does not decide for a hashtag with few posts.
    pub centroid_smoothing: f32,
}

impl Default for MeaningParams {
    fn default() -> Self {
        Self { penalty: 1.0, neighbors: 30, sharpness: 8.0, centroid_smoothing: 0.5 }
    }
}

impl MeaningParams {
    hashrec_storage::setters! {
        with_penalty: penalty, f32;
        with_neighbors: neighbors, usize;
        with_sharpness: sharpness, f32;
        with_centroid_smoothing: centroid_smoothing, f32;
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] for the first parameter that is not.
    pub fn check(&self) -> Result<(), CandidatesError> {
        positive(self.penalty, "meaning.penalty")?;
        let (name, found) = ("meaning.neighbors", self.neighbors);
        if found == 0 {
            let found = found.to_string();
            return Err(CandidatesError::Parameter { name, found, expected: "at least 1" });
        }
        positive(self.sharpness, "meaning.sharpness")?;
        positive(self.centroid_smoothing, "meaning.centroid_smoothing")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_named() {
        let base = MeaningParams::default;
        base().check().unwrap();
        for (params, name) in [
            (base().with_penalty(0.0), "penalty"),
            (base().with_neighbors(0), "neighbors"),
            (base().with_sharpness(f32::NAN), "sharpness"),
            (base().with_centroid_smoothing(-1.0), "centroid_smoothing"),
        ] {
            let message = params.check().unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
    }
}
