//! What a fit takes and returns.

use crate::{bf16, gold::Gold, share::share_out};

/// The support that is turned around at a time, so that both sides stay in the processor's cache.
const BLOCK: usize = 64;

/// The similarities of posts to columns, which are all posts or some of them.
pub(crate) trait Kernel: Sync {
    /// The buffers of one thread.
    type Worker;

    /// Fresh buffers.
    fn worker(&self) -> Self::Worker;

    /// Writes the similarities of `post` to the columns `from`, `from + 1`, … to `out`, which is as
    /// long as there are columns from there on.
    fn row(&self, worker: &mut Self::Worker, post: usize, from: usize, out: &mut [f32]);
}

/// The similarities of all posts to one another.
pub(crate) trait Gram: Sync {
    /// The buffers of one thread.
    type Worker;

    /// Fresh buffers.
    fn worker(&self) -> Self::Worker;

    /// Writes the similarities of `post` to itself and to the posts after it to `out`. A worker is
    /// asked for rising posts.
    fn column(&self, worker: &mut Self::Worker, post: usize, out: &mut [f32]);
}

/// Turns a column of a [`Gram`] into that of another kernel.
pub(crate) trait Reweigh: Sync {
    /// Replaces the similarities of `post` to itself and to the posts after it.
    fn reweigh(&self, post: usize, column: &mut [f32]);
}

/// What to fit on beside the similarities.
#[derive(Clone, Copy)]
pub(crate) struct RidgeInput<'a> {
    /// The posts' hashtags.
    pub(crate) gold: Gold<'a>,
    /// The posts that need leave-one-out scores, rising.
    pub(crate) asked: &'a [u32],
    /// The ridge penalty λ.
    pub(crate) penalty: f32,
    pub(crate) threads: usize,
}

/// A fitted classifier, in full precision.
pub(crate) struct Ridge {
    /// Hashtags × support: the weights of one hashtag stand together.
    pub(crate) weights: Vec<f32>,
    /// Hashtags.
    pub(crate) bias: Vec<f32>,
    /// Asked posts × hashtags: the scores that a classifier fitted without the post gives it.
    pub(crate) leave_one_out: Vec<f32>,
}

impl Ridge {
    /// The weights as they are served: support × hashtags.
    pub(crate) fn narrow(&self, threads: usize) -> Vec<u16> {
        let hashtags = self.bias.len();
        let mut narrow = vec![0; self.weights.len()];
        if hashtags == 0 {
            return narrow;
        }
        let support = self.weights.len() / hashtags;
        share_out(
            narrow.chunks_mut(BLOCK * hashtags).enumerate(),
            threads,
            || (),
            |(), (block, rows)| {
                for (hashtag, weights) in self.weights.chunks_exact(support.max(1)).enumerate() {
                    let weights = weights.iter().skip(block * BLOCK);
                    for (row, &weight) in rows.chunks_exact_mut(hashtags).zip(weights) {
                        row[hashtag] = bf16::narrow(weight);
                    }
                }
            },
        );
        narrow
    }
}
