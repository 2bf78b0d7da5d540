//! The settings of the net and of its training.

use serde::{Deserialize, Serialize};

use crate::{ClassifierError, Loss, TrainingDevice};

/// Settings of a [`Classifier`](crate::Classifier) and its training.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `embedding_dim` | 300 | width of a word vector, where no initial vectors are given (else theirs counts) | 1–4096 |
/// | `embedding_scale` | 0.3 | standard deviation of all initial word vectors' values together | > 0 |
/// | `hidden` | 64 | width of the LSTM per direction | 1–1024 |
/// | `heads` | 4 | attention heads; divides 2 · `hidden` | 1–64 |
/// | `community_dim` | 32 | width of a community's vector | 1–1024 |
/// | `max_words` | 64 | words of a post that are read, from its start | 1–4096 |
/// | `min_count` | 2 | posts a word must occur in to get a vector of its own | ≥ 1 |
/// | `max_vocabulary` | 60,000 | words with a vector, those in most posts first | 1–10,000,000 |
/// | `batch` | 32 | posts per step | 1–4096 |
/// | `epochs` | 14 | passes over the posts, at most | 1–10,000 |
/// | `patience` | 2 | stop after so many epochs without a better validation NDCG@10 | ≥ 1 |
/// | `validation` | 0.05 | share of the posts held out to choose the best epoch; 0 = none | 0–0.5 |
/// | `learning_rate` | 0.003 | AdamW's step size after the warm-up | > 0 |
/// | `warmup` | 100 | steps over which the learning rate rises linearly | any |
/// | `decay` | 0.85 | factor on the learning rate for every epoch after `decay_after` | 0 < d ≤ 1 |
/// | `decay_after` | 4 | epochs after the first before the learning rate falls | any |
/// | `dropout` | 0.2 | share of word-vector and text-vector values zeroed while training | 0 ≤ d < 1 |
/// | `weight_decay` | 0 | decoupled weight decay of matrices and heads | ≥ 0 |
/// | `clip_norm` | 5 | longest allowed gradient (Euclidean norm over all parameters) | > 0 |
/// | `device` | cpu | what computes the net while training | see [`TrainingDevice`] |
/// | `threads` | 1 | threads that share a batch; part of what makes a run reproducible | 1–256 |
/// | `seed` | 1 | source of all random choices | any |
/// | `oversampling` | 0 | e: in an epoch a post of a community with n posts is seen (m / n)^e times where n is less than the mean m | 0–1 |
/// | `loss` | plain | what training minimises | see [`Loss`] |
///
/// ```
/// use hashrec_classifier::ClassifierParams;
///
/// let params = ClassifierParams::default().with_epochs(3).with_seed(7);
/// assert!(params.check().is_ok());
/// assert!(params.with_heads(3).check().is_err()); // 3 doesn't divide 128
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassifierParams {
    /// Width of a word vector, where no initial vectors are given.
    pub embedding_dim: usize,
    /// Standard deviation of the initial word vectors' values.
    pub embedding_scale: f32,
    /// Width of the LSTM per direction.
    pub hidden: usize,
    /// Attention heads.
    pub heads: usize,
    /// Width of a community's vector.
    pub community_dim: usize,
    /// Words of a post that are read.
    pub max_words: usize,
    /// Posts a word must occur in to get a vector of its own.
    pub min_count: usize,
    /// Words with a vector of their own, at most.
    pub max_vocabulary: usize,
    /// Posts per step.
    pub batch: usize,
    /// Passes over the posts, at most.
    pub epochs: usize,
    /// Epochs without improvement before training stops.
    pub patience: usize,
    /// Share of the posts held out for validation.
    pub validation: f32,
    /// AdamW's step size.
    pub learning_rate: f32,
    /// Steps of linear warm-up.
    pub warmup: usize,
    /// Factor on the learning rate per epoch.
    pub decay: f32,
    /// Epochs before the learning rate falls.
    pub decay_after: usize,
    /// Share of values zeroed while training.
    pub dropout: f32,
    /// Decoupled weight decay.
    pub weight_decay: f32,
    /// Longest allowed gradient.
    pub clip_norm: f32,
    /// What computes the net while training.
    pub device: TrainingDevice,
    /// Threads that share a batch.
    pub threads: usize,
    /// Source of all random choices.
    pub seed: u64,
    /// How much more often posts of small communities are seen.
    pub oversampling: f32,
    /// What training minimises.
    pub loss: Loss,
}

impl Default for ClassifierParams {
    fn default() -> Self {
        Self {
            embedding_dim: 300,
            embedding_scale: 0.3,
            hidden: 64,
            heads: 4,
            community_dim: 32,
            max_words: 64,
            min_count: 2,
            max_vocabulary: 60_000,
            batch: 32,
            epochs: 14,
            patience: 2,
            validation: 0.05,
            learning_rate: 3e-3,
            warmup: 100,
            decay: 0.85,
            decay_after: 4,
            dropout: 0.2,
            weight_decay: 0.0,
            clip_norm: 5.0,
            device: TrainingDevice::Cpu,
            threads: 1,
            seed: 1,
            oversampling: 0.0,
            loss: Loss::Plain,
        }
    }
}

impl ClassifierParams {
    hashrec_storage::setters! {
        with_embedding_dim: embedding_dim, usize;
        with_embedding_scale: embedding_scale, f32;
        with_hidden: hidden, usize;
        with_heads: heads, usize;
        with_community_dim: community_dim, usize;
        with_max_words: max_words, usize;
        with_min_count: min_count, usize;
        with_max_vocabulary: max_vocabulary, usize;
        with_batch: batch, usize;
        with_epochs: epochs, usize;
        with_patience: patience, usize;
        with_validation: validation, f32;
        with_learning_rate: learning_rate, f32;
        with_warmup: warmup, usize;
        with_decay: decay, f32;
        with_decay_after: decay_after, usize;
        with_dropout: dropout, f32;
        with_weight_decay: weight_decay, f32;
        with_clip_norm: clip_norm, f32;
        with_device: device, TrainingDevice;
        with_threads: threads, usize;
        with_seed: seed, u64;
        with_oversampling: oversampling, f32;
        with_loss: loss, Loss;
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`ClassifierError::Parameter`] for the first value out of range.
    pub fn check(&self) -> Result<(), ClassifierError> {
        let require = |name, value: &dyn ToString, ok: bool, expected| match ok {
            true => Ok(()),
            false => Err(ClassifierError::Parameter { name, value: value.to_string(), expected }),
        };
        let within = |name, value: usize, high: usize, expected| {
            require(name, &value, (1..=high).contains(&value), expected)
        };
        let real = |name, value: f32, ok: bool, expected| {
            require(name, &value, ok && value.is_finite(), expected)
        };
        within("embedding_dim", self.embedding_dim, 4096, "1 to 4096")?;
        within("hidden", self.hidden, 1024, "1 to 1024")?;
        within("heads", self.heads, 64, "1 to 64")?;
        let divides = (2 * self.hidden).is_multiple_of(self.heads);
        require("heads", &self.heads, divides, "a divisor of 2 * hidden")?;
        within("community_dim", self.community_dim, 1024, "1 to 1024")?;
        within("max_words", self.max_words, 4096, "1 to 4096")?;
        within("min_count", self.min_count, usize::MAX, "at least 1")?;
        within("max_vocabulary", self.max_vocabulary, 10_000_000, "1 to 10,000,000")?;
        within("batch", self.batch, 4096, "1 to 4096")?;
        within("epochs", self.epochs, 10_000, "1 to 10,000")?;
        within("patience", self.patience, usize::MAX, "at least 1")?;
        within("threads", self.threads, 256, "1 to 256")?;
        let share = (0.0..=0.5).contains(&self.validation);
        real("validation", self.validation, share, "0 to 0.5")?;
        real("dropout", self.dropout, (0.0..1.0).contains(&self.dropout), "0 to less than 1")?;
        let decay = self.decay > 0.0 && self.decay <= 1.0;
        real("decay", self.decay, decay, "more than 0, at most 1")?;
        real("weight_decay", self.weight_decay, self.weight_decay >= 0.0, "0 or more")?;
        for (name, value) in [
            ("embedding_scale", self.embedding_scale),
            ("learning_rate", self.learning_rate),
            ("clip_norm", self.clip_norm),
        ] {
            real(name, value, value > 0.0, "more than 0")?;
        }
        let exponent = (0.0..=1.0).contains(&self.oversampling);
        real("oversampling", self.oversampling, exponent, "0 to 1")?;
        self.loss.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_in_range_and_bad_values_are_named() {
        let good = ClassifierParams::default();
        good.check().unwrap();
        for (bad, name) in [
            (good.clone().with_hidden(0), "hidden"),
            (good.clone().with_heads(5), "heads"),
            (good.clone().with_batch(0), "batch"),
            (good.clone().with_dropout(1.0), "dropout"),
            (good.clone().with_learning_rate(f32::NAN), "learning_rate"),
            (good.clone().with_learning_rate(f32::INFINITY), "learning_rate"),
            (good.clone().with_validation(0.6), "validation"),
            (good.clone().with_decay(0.0), "decay"),
            (good.clone().with_threads(0), "threads"),
            (good.clone().with_clip_norm(-1.0), "clip_norm"),
            (good.clone().with_oversampling(1.5), "oversampling"),
            (good.clone().with_loss(Loss::CommunityBalanced { beta: 1.0 }), "loss.beta"),
        ] {
            let error = bad.check().unwrap_err();
            assert!(
                matches!(error, ClassifierError::Parameter { name: n, .. } if n == name),
                "{error}"
            );
        }
    }
}
