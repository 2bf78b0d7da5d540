//! Passes progress on to the caller, and the caller's wish to stop back.

use std::{
    ops::ControlFlow,
    sync::{Mutex, PoisonError},
};

use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};

#[cfg(feature = "trainer")]
use crate::error::TrainError;
use crate::progress::{Detail, OnProgress, Progress, Stage};

/// Reports to a callback.
#[derive(Clone, Copy)]
pub(crate) struct Reporter<'a>(pub(crate) &'a (dyn Fn(&Progress) -> ControlFlow<()> + Sync + 'a));

impl Reporter<'_> {
    /// Reports; breaks if the training is to stop.
    pub(crate) fn report(
        self,
        stage: Stage,
        done: usize,
        total: usize,
        detail: Detail,
    ) -> ControlFlow<()> {
        self.0(&Progress { stage, done: done as u64, total: total as u64, detail })
    }

    /// Reports; an error if the training is to stop.
    #[cfg(feature = "trainer")]
    pub(crate) fn step(self, stage: Stage, done: usize, total: usize) -> Result<(), TrainError> {
        match self.report(stage, done, total, Detail::None) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(TrainError::Cancelled { stage }),
        }
    }
}

/// Does work on so many threads, which reports to a callback.
pub(crate) fn on_threads<T: Send>(
    threads: usize,
    progress: Option<Box<OnProgress<'_>>>,
    work: impl FnOnce(Reporter<'_>) -> T + Send,
) -> Result<T, ThreadPoolBuildError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
    let callback = progress.map(Mutex::new);
    let hear = |progress: &Progress| match &callback {
        Some(callback) => callback.lock().unwrap_or_else(PoisonError::into_inner)(progress),
        None => ControlFlow::Continue(()),
    };
    Ok(pool.install(|| work(Reporter(&hear))))
}
