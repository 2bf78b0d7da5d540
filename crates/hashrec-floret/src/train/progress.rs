//! Progress reports of training.

use std::time::Duration;

/// How far training has got.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FloretProgress {
    /// Tokens processed so far, over all epochs. Words below `min_count` don't count.
    pub tokens: u64,
    /// Tokens to process in all: tokens of the text times epochs.
    pub total: u64,
    /// The current epoch, from 1.
    pub epoch: u32,
    /// Number of epochs.
    pub epochs: u32,
    /// The current learning rate.
    pub learning_rate: f32,
    /// Mean loss per positive example and its negatives since the last report, in nats.
    pub loss: f64,
    /// Time since training started.
    pub elapsed: Duration,
}

impl FloretProgress {
    /// Average tokens per second so far.
    pub fn tokens_per_second(&self) -> f64 {
        self.tokens as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Estimated time left at the average pace so far.
    pub fn remaining(&self) -> Duration {
        let left = self.total.saturating_sub(self.tokens) as f64;
        Duration::try_from_secs_f64(left / self.tokens_per_second().max(1e-9)).unwrap_or_default()
    }
}
