//! The linear classifier of one community: ridge regression on the posts' similarity, one output
//! per hashtag.
//!
//! With K the similarities of the n posts and Y their hashtags (n × hashtags, 1 or 0), the dual
//! weights are α = (K + 1 + λI)⁻¹ Y, where adding 1 to the kernel gives each hashtag a bias. A
//! post x scores Σ α_i (k(x, i) + 1).

#[cfg(feature = "train")]
mod dense;
#[cfg(feature = "train")]
mod exact;
#[cfg(feature = "train")]
mod landmarks;
#[cfg(all(test, feature = "train"))]
mod tests;

use crate::bf16;

/// A fitted classifier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinearView<'a> {
    /// The posts that carry weights; empty: all of them.
    pub(crate) support: &'a [u32],
    /// For each of them one weight per hashtag.
    pub(crate) weights: &'a [u16],
    /// One number per hashtag.
    pub(crate) bias: &'a [f32],
}

impl LinearView<'_> {
    /// Writes each hashtag's score, given the similarities to all posts.
    pub(crate) fn score(&self, similarities: &[f32], out: &mut [f32]) {
        out.iter_mut().zip(self.bias).for_each(|(o, &b)| *o = b);
        if out.is_empty() {
            return;
        }
        let rows = self.weights.chunks_exact(out.len());
        if self.support.is_empty() {
            for (row, &similarity) in rows.zip(similarities) {
                if similarity != 0.0 {
                    bf16::add_scaled(similarity, row, out);
                }
            }
        } else {
            for (row, &post) in rows.zip(self.support) {
                match similarities.get(post as usize) {
                    Some(&similarity) if similarity != 0.0 => {
                        bf16::add_scaled(similarity, row, out);
                    }
                    _ => {}
                }
            }
        }
    }
}

#[cfg(all(test, feature = "train"))]
use train::Ridge;
#[cfg(feature = "train")]
pub(crate) use train::{Kernel, fit};

#[cfg(feature = "train")]
mod train {
    use super::{exact, landmarks};
    use crate::{CandidatesError, LinearParams, nearest::Gold};

    /// Similarities of posts to columns: all posts, or some of them.
    pub(crate) trait Kernel: Sync {
        /// The buffers of one thread.
        type Worker;

        /// Fresh buffers.
        fn worker(&self) -> Self::Worker;

        /// Writes the similarities of `post` to the columns `from`, `from + 1`, … to `out`, which
        /// is as long as there are columns from there on.
        fn row(&self, worker: &mut Self::Worker, post: usize, from: usize, out: &mut [f32]);
    }

    /// A fitted classifier, in full precision.
    pub(crate) struct Ridge {
        /// Support × hashtags.
        pub(crate) weights: Vec<f32>,
        /// Hashtags.
        pub(crate) bias: Vec<f32>,
        /// Asked posts × hashtags: what a classifier fitted without the post says of it.
        pub(crate) leave_one_out: Vec<f32>,
    }

    /// How the fit is done: exactly, or through landmarks (`kernel` then has a column for each).
    /// Leave-one-out scores are made of the posts `asked` for.
    pub(crate) fn fit<K: Kernel>(
        kernel: &K,
        gold: Gold<'_>,
        landmarks: Option<&[u32]>,
        asked: &[u32],
        params: &LinearParams,
        threads: usize,
    ) -> Result<Ridge, CandidatesError> {
        match landmarks {
            None => exact::fit(kernel, gold, asked, params.penalty, threads),
            Some(landmarks) => {
                landmarks::fit(kernel, gold, landmarks, asked, params.penalty, threads)
            }
        }
    }
}
