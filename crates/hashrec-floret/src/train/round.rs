//! Which sentences are learned from when, and by which thread.

use std::{thread, time::Instant};

use rand_pcg::{
    Pcg64Mcg,
    rand_core::{Rng, SeedableRng},
};

use super::{
    progress::Progress,
    step::{Learner, Loss, Task},
    vocabulary::Text,
    weights::Weights,
};
use crate::{FloretError, FloretParams};

/// Most tokens all threads together learn from between two merges. The threads don't see what the
/// others learn in a round, so this bounds what each misses, however many there are.
const ROUND: u64 = 20_000;

/// Fewest rounds of a training on a small text: what is missed in one must be little of the whole.
const ROUNDS: u64 = 256;

/// A round is never shorter for that: below this, merging costs more than learning.
const SHORTEST_ROUND: u64 = 2_000;

/// Goes through the text, epoch by epoch, in rounds. Every epoch takes the sentences in another
/// random order: texts often come sorted by author or topic, and what is learned last would
/// otherwise weigh most.
pub(super) struct Schedule<'t> {
    text: &'t Text,
    params: &'t FloretParams,
    rng: Pcg64Mcg,
    /// The sentences in the order of this epoch.
    order: Vec<u32>,
    /// How many of them have been learned from.
    next: usize,
    epoch: u32,
    tokens: u64,
    rounds: u64,
    /// Tokens all threads together learn from in a round.
    round: u64,
    start: Instant,
}

/// What each thread learns from until the next merge.
pub(super) struct Round<'s> {
    shares: Vec<Share<'s>>,
}

/// One thread's part of a round.
pub(super) struct Share<'s> {
    /// The sentences.
    pub(super) sentences: &'s [u32],
    /// Tokens of the training before this round.
    pub(super) before: u64,
    /// A number no other share of the training has: its random stream.
    pub(super) stream: u64,
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

    /// Puts the sentences in random order (Fisher and Yates).
    fn shuffle(&mut self) {
        for last in (1..self.order.len()).rev() {
            let random = u64::from(self.rng.next_u32()) * (last as u64 + 1);
            self.order.swap(last, (random >> 32) as usize);
        }
    }

    /// Where training stands after the last round.
    pub(super) fn progress(&self, loss: Loss) -> Progress {
        let total = total(self.text, self.params);
        let left = 1.0 - self.tokens as f64 / total as f64;
        Progress {
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

/// Threads that may share a training, at least one: each of them is to make `ROUNDS` rounds of at
/// least `SHORTEST_ROUND` tokens worth of the text.
pub(super) fn most_threads(text: &Text, params: &FloretParams) -> usize {
    let most = total(text, params) / (ROUNDS * SHORTEST_ROUND);
    usize::try_from(most).unwrap_or(usize::MAX).max(1)
}

/// Tokens of a whole training.
fn total(text: &Text, params: &FloretParams) -> u64 {
    text.tokens.len() as u64 * u64::from(params.epochs)
}

impl Round<'_> {
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
