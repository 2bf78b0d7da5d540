//! The schedule: which thread trains on which sentences, and when.

use std::{thread, time::Instant};

use rand_pcg::{
    Pcg64Mcg,
    rand_core::{Rng, SeedableRng},
};

use super::{
    progress::FloretProgress,
    step::{Learner, Loss, Share, Task},
    vocabulary::Text,
    weights::Weights,
};
use crate::{FloretError, FloretParams};

/// The most tokens that all threads together process between two merges. Threads don't see each
/// other's updates within a round, so this bounds what they miss, however many threads there are.
const ROUND: u64 = 40_000;

/// The fewest rounds for a small text, so that little is missed in each.
const ROUNDS: u64 = 128;

/// The fewest tokens of a round: below this, merging costs more than training.
const SHORTEST_ROUND: u64 = 2_000;

/// Divides the epochs into rounds. Every epoch shuffles the sentences anew: texts are often sorted by
/// author or topic, and the last part of the text would otherwise have the most weight.
pub(super) struct Schedule<'t> {
    text: &'t Text,
    params: &'t FloretParams,
    rng: Pcg64Mcg,
    /// The sentences in the order of this epoch.
    order: Vec<u32>,
    /// Number of those that have been handed out.
    next: usize,
    epoch: u32,
    tokens: u64,
    rounds: u64,
    /// Tokens that all threads together process in a round.
    round: u64,
    start: Instant,
}

/// What each thread trains on until the next merge.
pub(super) struct Round<'s> {
    shares: Vec<Share<'s>>,
}

impl<'t> Schedule<'t> {
    pub(super) fn new(text: &'t Text, params: &'t FloretParams) -> Self {
        let order: Vec<u32> = (0..text.ends.len() as u32).collect();
        Self {
            text,
            params,
            // Not the stream of any share, nor that of the first weights.
            rng: Pcg64Mcg::seed_from_u64(!params.seed),
            next: order.len(),
            order,
            epoch: 0,
            tokens: 0,
            rounds: 0,
            round: (total(text, params) / ROUNDS).clamp(SHORTEST_ROUND, ROUND),
            start: Instant::now(),
        }
    }

    /// The next round, or `None` after the last epoch.
    pub(super) fn next_round(&mut self) -> Option<Round<'_>> {
        if self.next == self.order.len() {
            if self.epoch == self.params.epochs {
                return None;
            }
            self.epoch += 1;
            self.next = 0;
            self.shuffle();
        }
        let (before, threads) = (self.tokens, self.params.threads as u64);
        let epoch_end = self.text.tokens.len() as u64 * u64::from(self.epoch);
        let each = (epoch_end - before).min(self.round).div_ceil(threads);
        let mut shares = Vec::with_capacity(self.params.threads);
        for thread in 0..threads {
            let (first, goal) = (self.next, before + each * (thread + 1));
            while self.tokens < goal && self.next < self.order.len() {
                self.tokens += self.text.sentence(self.order[self.next] as usize).len() as u64;
                self.next += 1;
            }
            let stream = 1 + self.rounds * threads + thread;
            shares.push(Share { sentences: &self.order[first..self.next], before, stream });
        }
        self.rounds += 1;
        Some(Round { shares })
    }

    /// Shuffles the sentences (Fisher–Yates).
    fn shuffle(&mut self) {
        for last in (1..self.order.len()).rev() {
            let random = u64::from(self.rng.next_u32()) * (last as u64 + 1);
            self.order.swap(last, (random >> 32) as usize);
        }
    }

    /// The report after the last round.
    pub(super) fn progress(&self, loss: Loss) -> FloretProgress {
        let total = total(self.text, self.params);
        let left = 1.0 - self.tokens as f64 / total as f64;
        FloretProgress {
            tokens: self.tokens,
            total,
            epoch: self.epoch,
            epochs: self.params.epochs,
            learning_rate: (f64::from(self.params.learning_rate) * left) as f32,
            loss: loss.mean(),
            elapsed: self.start.elapsed(),
        }
    }
}

/// The most threads that the text is worth, at least one: each needs [`ROUNDS`] rounds of
/// [`SHORTEST_ROUND`] tokens.
pub(super) fn most_threads(text: &Text, params: &FloretParams) -> usize {
    let most = total(text, params) / (ROUNDS * SHORTEST_ROUND);
    usize::try_from(most).unwrap_or(usize::MAX).max(1)
}

/// Tokens over all epochs.
fn total(text: &Text, params: &FloretParams) -> u64 {
    text.tokens.len() as u64 * u64::from(params.epochs)
}

impl Round<'_> {
    /// Trains each share on its own copy of the weights; returns the loss.
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
