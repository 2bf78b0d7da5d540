//! Scoring with a fitted classifier.

use crate::bf16;

/// A fitted classifier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinearView<'a> {
    /// The posts that have weights; empty if all have.
    pub(crate) support: &'a [u32],
    /// One weight per hashtag for each of these posts.
    pub(crate) weights: &'a [u16],
    /// One number per hashtag.
    pub(crate) bias: &'a [f32],
}

impl LinearView<'_> {
    /// Writes the score of each hashtag, given the similarities to all posts.
    pub(crate) fn score(&self, similarities: &[f32], out: &mut [f32]) {
        self.begin(out);
        self.add(similarities, out);
    }

    /// Writes the scores of a post that is similar to no other.
    pub(crate) fn begin(&self, out: &mut [f32]) {
        out.iter_mut().zip(self.bias).for_each(|(o, &b)| *o = b);
    }

    /// Adds what follows from similarities to all posts.
    pub(crate) fn add(&self, similarities: &[f32], out: &mut [f32]) {
        if out.is_empty() {
            return;
        }
        let rows = self.weights.chunks_exact(out.len());
        if self.support.is_empty() {
            bf16::add_rows(similarities.iter().copied().zip(rows), out);
        } else {
            let similarity = |&post: &u32| similarities.get(post as usize).copied();
            let similarities = self.support.iter().map(|post| similarity(post).unwrap_or(0.0));
            bf16::add_rows(similarities.zip(rows), out);
        }
    }
}
