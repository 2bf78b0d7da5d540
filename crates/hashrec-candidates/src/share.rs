//! Sharing work among threads.

use std::sync::{Mutex, PoisonError};

/// Calls `work` once for each item, on `threads` threads with their own state. Any thread may take any
/// item, so the result of `work` must not depend on other items.
pub(crate) fn share_out<I: Send, S>(
    items: impl Iterator<Item = I> + Send,
    threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, I) + Sync,
) {
    let items = Mutex::new(items);
    let run = || {
        let mut state = state();
        loop {
            let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(item) = next else { break };
            work(&mut state, item);
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| {
            scope.spawn(run);
        });
        run();
    });
}
