//! What the caller is told while training runs.

use std::time::Duration;

/// How far training has come.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Tokens learned from so far, over all epochs; words that are too rare don't count.
    pub tokens: u64,
    /// Tokens of the whole training: those of the text times the epochs.
    pub total: u64,
    /// The pass being made, from 1.
    pub epoch: u32,
    /// The passes to make.
    pub epochs: u32,
    /// The learning rate now.
    pub learning_rate: f32,
    /// Mean loss of a neighbour and its negatives, in nats, since the last report.
    pub loss: f64,
    /// Time since the first token.
    pub elapsed: Duration,
}

impl Progress {
    /// Tokens a second so far.
    pub fn tokens_per_second(&self) -> f64 {
        self.tokens as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// The time that is left if training goes on at the same pace.
    pub fn remaining(&self) -> Duration {
        let left = self.total.saturating_sub(self.tokens) as f64;
        Duration::try_from_secs_f64(left / self.tokens_per_second().max(1e-9)).unwrap_or_default()
    }
}
