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
