//! What the caller hears while training runs.

use std::time::{Duration, Instant};

/// How far training has come. One event follows every step, and one every epoch's validation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClassifierProgress {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Epochs at most; early stopping may end training before.
    pub epochs: usize,
    /// Finished steps of this epoch.
    pub step: usize,
    /// Steps of an epoch.
    pub steps: usize,
    /// Mean loss per post of this epoch so far.
    pub loss: f64,
    /// Whether the epoch, validation included, is over.
    pub epoch_done: bool,
    /// NDCG@10 on the held-out posts, once the epoch is over and if posts were held out.
    pub validation: Option<f64>,
    /// Posts trained on per second since this session started.
    pub posts_per_second: f64,
    /// Time since this session started.
    pub elapsed: Duration,
    /// Time left if no epoch is saved by early stopping.
    pub remaining: Duration,
}

/// Measures a session's speed.
#[derive(Debug)]
pub(super) struct Pace {
    start: Instant,
    posts: usize,
    steps: usize,
}

impl Pace {
    pub(super) fn start() -> Self {
        Self { start: Instant::now(), posts: 0, steps: 0 }
    }

    /// Counts one step over `posts` posts.
    pub(super) fn step(&mut self, posts: usize) {
        self.posts += posts;
        self.steps += 1;
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) fn posts_per_second(&self) -> f64 {
        self.posts as f64 / self.elapsed().as_secs_f64().max(1e-9)
    }

    /// The time that many more steps take at the pace so far.
    pub(super) fn for_steps(&self, steps: usize) -> Duration {
        let each = self.elapsed().as_secs_f64() / self.steps.max(1) as f64;
        Duration::try_from_secs_f64(each * steps as f64).unwrap_or(Duration::MAX)
    }
}
