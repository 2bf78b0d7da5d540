//! Streams worked on by all threads, a chunk at a time.

use rayon::prelude::*;

/// Items that are worked on together: enough to keep the threads busy, few enough to hold.
pub(crate) const CHUNK: usize = 256;

/// Applies `work` to every item on all threads, in order, holding one chunk of results.
pub(crate) fn in_chunks<'a, T: Sync, R: Send + 'a>(
    items: &'a [T],
    work: impl Fn(&T) -> R + Sync + 'a,
) -> impl Iterator<Item = R> + 'a {
    items.chunks(CHUNK).flat_map(move |chunk| chunk.par_iter().map(&work).collect::<Vec<R>>())
}
