//! Passes progress on to the caller, and the caller's wish to stop back.

use std::ops::ControlFlow;

use crate::{
    error::TrainError,
    progress::{Detail, OnProgress, Progress, Stage},
};

/// Reports to the caller's callback, if there is one.
pub(crate) struct Reporter<'a> {
    callback: Option<Box<OnProgress<'a>>>,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(callback: Option<Box<OnProgress<'a>>>) -> Self {
        Self { callback }
    }

    /// Reports; breaks if the training is to stop.
    pub(crate) fn report(
        &mut self,
        stage: Stage,
        done: usize,
        total: usize,
        detail: Detail,
    ) -> ControlFlow<()> {
        let Some(callback) = &mut self.callback else { return ControlFlow::Continue(()) };
        callback(&Progress { stage, done: done as u64, total: total as u64, detail })
    }

    /// Reports; an error if the training is to stop.
    pub(crate) fn step(
        &mut self,
        stage: Stage,
        done: usize,
        total: usize,
    ) -> Result<(), TrainError> {
        match self.report(stage, done, total, Detail::None) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(TrainError::Cancelled { stage }),
        }
    }
}
