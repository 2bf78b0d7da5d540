//! Parameters of training.

use serde::{Deserialize, Serialize};

use crate::{
    FloretError,
    error::parameter,
    subwords::{HASH_SEED, Subwords},
    table::size,
};

/// The training objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Model {
    /// Each word predicts the words around it. Better for rare words; the default, as in floret.
    #[default]
    SkipGram,
    /// The words around a word together predict it. Faster.
    Cbow,
}

/// Parameters of training.
///
/// | name | default | meaning | range |
/// |---|--:|---|---|
/// | `model` | skip-gram | training objective | |
/// | `dim` | 300 | length of a vector | 1 to 16,384 |
/// | `hash_count` | 2 | rows per word and n-gram (Bloom hashing) | 1 to 4 |
/// | `bucket` | 50,000 | rows of the table | 1 to 2²⁸ |
/// | `min_n` | 3 | length of the shortest n-grams, in characters including boundary marks | 1 to `max_n` |
/// | `max_n` | 6 | length of the longest n-grams; 0 hashes whole words only | 0 to 64 |
/// | `min_count` | 2 | words that occur less often are ignored in training | at least 1 |
/// | `epochs` | 5 | passes over the text | at least 1 |
/// | `learning_rate` | 0.05 | initial step size; decays linearly to 0 | above 0, at most 10 |
/// | `window` | 5 | largest context on each side; drawn from 1 to this for each word | 1 to 1,000 |
/// | `negatives` | 5 | negative samples per positive example | 1 to 1,000 |
/// | `subsample` | 1e-4 | frequency above which words are subsampled; 0 keeps all | 0 to 1 |
/// | `update_rate` | 100 | tokens between two updates of the learning rate | at least 1 |
/// | `threads` | 1 | training threads, each with a copy of the weights | 1 to 256 |
/// | `seed` | 0 | random seed | any |
///
/// Japanese words are short. With its boundary marks, a word of two characters has only three
/// n-grams of 3 to 4 characters (`<新機`, `新機>`, `<新機>`). `min_n = 2` adds pairs of characters and
/// `min_n = 1` single characters, whose meaning words share (機能, 機械), at the cost of more rows per
/// word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)] // the table above
pub struct FloretParams {
    pub model: Model,
    pub dim: usize,
    pub hash_count: u32,
    pub bucket: u32,
    pub min_n: u32,
    pub max_n: u32,
    pub min_count: u32,
    pub epochs: u32,
    pub learning_rate: f32,
    pub window: usize,
    pub negatives: usize,
    pub subsample: f64,
    pub update_rate: u32,
    pub threads: usize,
    pub seed: u64,
}

impl Default for FloretParams {
    fn default() -> Self {
        Self {
            model: Model::SkipGram,
            dim: 300,
            hash_count: 2,
            bucket: 50_000,
            min_n: 3,
            max_n: 6,
            min_count: 2,
            epochs: 5,
            learning_rate: 0.05,
            window: 5,
            negatives: 5,
            subsample: 1e-4,
            update_rate: 100,
            threads: 1,
            seed: 0,
        }
    }
}

impl FloretParams {
    hashrec_storage::setters! {
        with_model: model, Model;
        with_dim: dim, usize;
        with_hash_count: hash_count, u32;
        with_bucket: bucket, u32;
        with_min_n: min_n, u32;
        with_max_n: max_n, u32;
        with_min_count: min_count, u32;
        with_epochs: epochs, u32;
        with_learning_rate: learning_rate, f32;
        with_window: window, usize;
        with_negatives: negatives, usize;
        with_subsample: subsample, f64;
        with_update_rate: update_rate, u32;
        with_threads: threads, usize;
        with_seed: seed, u64;
    }

    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// [`FloretError::Parameter`] for the first that is out of range.
    pub fn check(&self) -> Result<(), FloretError> {
        self.subwords().check()?;
        size(self.bucket, self.dim)?;
        let at_least_1 = || "at least 1".to_owned();
        parameter(self.min_count > 0, "min_count", self.min_count, at_least_1)?;
        parameter(self.epochs > 0, "epochs", self.epochs, at_least_1)?;
        parameter(self.update_rate > 0, "update_rate", self.update_rate, at_least_1)?;
        let rate = self.learning_rate;
        parameter(rate > 0.0 && rate <= 10.0, "learning_rate", rate, || {
            "above 0, at most 10".into()
        })?;
        let up_to = |limit: usize| move || format!("1 to {limit}");
        parameter((1..=1000).contains(&self.window), "window", self.window, up_to(1000))?;
        parameter((1..=1000).contains(&self.negatives), "negatives", self.negatives, up_to(1000))?;
        parameter((1..=256).contains(&self.threads), "threads", self.threads, up_to(256))?;
        parameter((0.0..=1.0).contains(&self.subsample), "subsample", self.subsample, || {
            "0 to 1".into()
        })
    }

    /// How words are split and hashed.
    pub(crate) fn subwords(&self) -> Subwords {
        Subwords {
            bucket: self.bucket,
            min_n: self.min_n,
            max_n: self.max_n,
            hash_count: self.hash_count,
            hash_seed: HASH_SEED,
            bow: "<".into(),
            eow: ">".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_pass_and_each_range_is_checked() {
        let good = FloretParams::default;
        assert!(good().check().is_ok());
        for (bad, name) in [
            (good().with_dim(0), "dim"),
            (good().with_bucket(0), "bucket"),
            (good().with_hash_count(5), "hash_count"),
            (good().with_min_n(7), "min_n"),
            (good().with_max_n(100), "max_n"),
            (good().with_min_count(0), "min_count"),
            (good().with_epochs(0), "epochs"),
            (good().with_learning_rate(f32::NAN), "learning_rate"),
            (good().with_window(0), "window"),
            (good().with_negatives(0), "negatives"),
            (good().with_subsample(-1.0), "subsample"),
            (good().with_update_rate(0), "update_rate"),
            (good().with_threads(0), "threads"),
        ] {
            let message = bad.check().unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn unknown_fields_are_refused_and_missing_ones_default() {
        let params: FloretParams =
            serde_json::from_str(r#"{"dim": 100, "model": "cbow"}"#).unwrap();
        assert_eq!(params, FloretParams::default().with_dim(100).with_model(Model::Cbow));
        assert!(serde_json::from_str::<FloretParams>(r#"{"dims": 100}"#).is_err());
    }
}
