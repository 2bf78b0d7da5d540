//! Which sentences are learned from when, and by which thread.

use std::{ops::Range, thread, time::Instant};

use super::{
    progress::Progress,
    step::{Learner, Loss, Task},
    vocabulary::Text,
    weights::Weights,
};
use crate::{FloretError, FloretParams};

/// Tokens a thread learns from between two merges: small against the text, so that the copies
/// stay close; large against the table, so that merging is cheap.
const ROUND: usize = 20_000;

/// Goes through the text, epoch by epoch, in rounds.
pub(super) struct Schedule<'t> {
    text: &'t Text,
    params: &'t FloretParams,
    /// The first sentence of the next round.
    sentence: usize,
    epoch: u32,
    tokens: u64,
    rounds: u64,
    start: Instant,
}

/// What each thread learns from until the next merge.
pub(super) struct Round {
    shares: Vec<Share>,
}

/// One thread's part of a round.
pub(super) struct Share {
    /// The sentences.
    pub(super) sentences: Range<usize>,
    /// Tokens of the training before this round.
    pub(super) before: u64,
    /// A number no other share of the training has: its random stream.
    pub(super) stream: u64,
}

impl<'t> Schedule<'t> {
    pub(super) fn new(text: &'t Text, params: &'t FloretParams) -> Self {
        let start = Instant::now();
        Self { text, params, sentence: 0, epoch: 0, tokens: 0, rounds: 0, start }
    }

    /// The next round, or `None` after the last epoch.
    pub(super) fn next_round(&mut self) -> Option<Round> {
        let ends = &self.text.ends;
        if self.sentence == ends.len() {
            self.sentence = 0;
            self.epoch += 1;
        }
        if self.epoch == self.params.epochs {
            return None;
        }
        let (before, threads) = (self.tokens, self.params.threads);
        let start = self.sentence.checked_sub(1).map_or(0, |i| ends[i]);
        let each = (self.text.tokens.len() - start).div_ceil(threads).min(ROUND);
        let mut shares = Vec::with_capacity(threads);
        for thread in 0..threads {
            // Cut at whole sentences, as near as possible to equal shares.
            let goal = start + each * (thread + 1);
            let first = self.sentence;
            self.sentence += ends[first..].partition_point(|&end| end < goal);
            self.sentence = (self.sentence + 1).min(ends.len());
            let stream = 1 + self.rounds * threads as u64 + thread as u64;
            shares.push(Share { sentences: first..self.sentence, before, stream });
        }
        self.rounds += 1;
        let end = self.sentence.checked_sub(1).map_or(0, |i| ends[i]);
        self.tokens += (end - start) as u64;
        Some(Round { shares })
    }

    /// Where training stands after the last round.
    pub(super) fn progress(&self, loss: Loss) -> Progress {
        let total = self.text.tokens.len() as u64 * u64::from(self.params.epochs);
        let left = 1.0 - self.tokens as f64 / total as f64;
        Progress {
            tokens: self.tokens,
            total,
            epoch: (self.epoch + 1).min(self.params.epochs),
            epochs: self.params.epochs,
            learning_rate: (f64::from(self.params.learning_rate) * left) as f32,
            loss: loss.mean(),
            elapsed: self.start.elapsed(),
        }
    }
}

impl Round {
    /// Lets each share be learned from into its own copy of the weights; returns the loss.
    pub(super) fn run(self, task: &Task<'_>, copies: &mut [Weights]) -> Result<Loss, FloretError> {
        if let ([share], [weights]) = (&self.shares[..], &mut *copies) {
            return Ok(Learner::new(task, weights, share).run(share));
        }
        thread::scope(|scope| {
            let threads: Vec<_> = self
                .shares
                .iter()
                .zip(copies)
                .map(|(share, weights)| {
                    scope.spawn(move || Learner::new(task, weights, share).run(share))
                })
                .collect();
            threads.into_iter().try_fold(Loss::default(), |sum, thread| {
                thread.join().map(|loss| sum + loss).map_err(|_| FloretError::Thread)
            })
        })
    }
}
