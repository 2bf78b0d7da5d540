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
            add(similarities.iter().copied().zip(rows), out);
        } else {
            let similarity = |&post: &u32| similarities.get(post as usize).copied();
            let similarities = self.support.iter().map(|post| similarity(post).unwrap_or(0.0));
            add(similarities.zip(rows), out);
        }
    }
}

/// Adds the rows of weights of similar posts, four at a time: the scores are loaded and stored once
/// for all four. They are added in order, so the result is the same as one by one.
fn add<'a>(terms: impl Iterator<Item = (f32, &'a [u16])>, out: &mut [f32]) {
    let mut terms = terms.filter(|&(similarity, _)| similarity != 0.0);
    while let Some(first) = terms.next() {
        match (terms.next(), terms.next(), terms.next()) {
            (Some(second), Some(third), Some(fourth)) => {
                bf16::add_four([first, second, third, fourth], out);
            }
            (second, third, _) => {
                let rest = [Some(first), second, third].into_iter().flatten();
                rest.for_each(|(similarity, row)| bf16::add_scaled(similarity, row, out));
            }
        }
    }
}
