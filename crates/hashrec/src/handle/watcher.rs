//! Looking for a newer version from time to time.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{current::RecommenderHandle, error::ReloadError, versions::Reloaded};

/// A thread that looks into a folder of versions from time to time. It stops when this is dropped.
#[derive(Debug)]
pub struct Watcher {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RecommenderHandle {
    /// Starts a thread that calls [`reload_newest`](Self::reload_newest) every `interval`, the first
    /// time after one. `report` gets every result, also if nothing has changed.
    ///
    /// # Errors
    /// The operating system's, if it can't start a thread.
    pub fn watch(
        self: &Arc<Self>,
        folder: impl Into<PathBuf>,
        interval: Duration,
        mut report: impl FnMut(Result<Reloaded, ReloadError>) + Send + 'static,
    ) -> io::Result<Watcher> {
        let (handle, folder) = (Arc::clone(self), folder.into());
        let (stop, stopped) = channel();
        let work = move || {
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                report(handle.reload_newest(&folder));
            }
        };
        let thread = thread::Builder::new().name("hashrec-watcher".into()).spawn(work)?;
        Ok(Watcher { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watcher {
    /// Waits until the thread has ended.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
