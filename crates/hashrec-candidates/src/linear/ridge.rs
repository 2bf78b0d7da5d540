//! What a fit takes and returns.

use crate::nearest::Gold;

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

/// What to fit on beside the similarities.
#[derive(Clone, Copy)]
pub(crate) struct RidgeInput<'a> {
    /// The posts' hashtags.
    pub(crate) gold: Gold<'a>,
    /// The posts that stand for all, rising; the kernel then has one column for each. `None` for
    /// the exact fit.
    pub(crate) landmarks: Option<&'a [u32]>,
    /// The posts that need leave-one-out scores, rising.
    pub(crate) asked: &'a [u32],
    /// The ridge penalty λ.
    pub(crate) penalty: f32,
    pub(crate) threads: usize,
}

/// A fitted classifier, in full precision.
pub(crate) struct Ridge {
    /// Support × hashtags.
    pub(crate) weights: Vec<f32>,
    /// Hashtags.
    pub(crate) bias: Vec<f32>,
    /// Asked posts × hashtags: the scores that a classifier fitted without the post gives it.
    pub(crate) leave_one_out: Vec<f32>,
}
