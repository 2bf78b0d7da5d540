//! The net without training: from words to text vectors, from text vectors to scores.

use crate::{
    kernels::{simd, text},
    sequences::Sequences,
    weights::{COMMUNITIES, HEAD_BIASES, HEADS, Layers, Spaces, WORDS, Weights},
};

/// A net ready to be asked; borrows its numbers.
#[derive(Clone, Copy)]
pub(crate) struct Encoder<'a> {
    pub(crate) layers: Layers,
    pub(crate) weights: &'a Weights,
    pub(crate) spaces: &'a Spaces,
}

impl Encoder<'_> {
    /// The text vectors of a batch, `[posts, 2 · token]`, in the batch's order.
    pub(crate) fn texts(&self, sequences: &Sequences) -> Vec<f32> {
        let dim = self.layers.dim;
        let mut x = Vec::with_capacity(sequences.words().len() * dim);
        for &word in sequences.words() {
            x.extend_from_slice(&self.weights[WORDS][word as usize * dim..][..dim]);
        }
        let [_, _, _, _, shared @ ..] = self.weights;
        text::forward(self.layers, sequences, &x, shared.each_ref().map(|table| &table[..])).0
    }

    /// Calls `each` with the position and the text vector of every post, given as word numbers. As
    /// many posts as `together` says, of similar length, are encoded at a time.
    pub(crate) fn each_text(
        &self,
        posts: &[&[u32]],
        together: usize,
        mut each: impl FnMut(usize, &[f32]),
    ) {
        let mut by_length: Vec<usize> = (0..posts.len()).collect();
        by_length.sort_by_key(|&post| posts[post].len());
        for chunk in by_length.chunks(together) {
            let sequences =
                Sequences::pack(&chunk.iter().map(|&post| posts[post]).collect::<Vec<_>>());
            let texts = self.texts(&sequences);
            let rows = texts.chunks_exact(2 * self.layers.token()).zip(sequences.origin());
            rows.for_each(|(text, &origin)| each(chunk[origin], text));
        }
    }

    /// The scores (logits) of every hashtag of one community for one text vector; `None` if there
    /// is no such community. Reads no other community's output layer.
    pub(crate) fn logits(&self, community: usize, text: &[f32]) -> Option<Vec<f32>> {
        let rows = self.spaces.rows(community)?;
        let (joint, width) = (self.layers.joint(), self.layers.community_dim);
        let (for_text, for_community) = (text.len(), &self.weights[COMMUNITIES]);
        let vector = &for_community[community * width..][..width];
        let heads = &self.weights[HEADS][rows.start * joint..rows.end * joint];
        let biases = &self.weights[HEAD_BIASES][rows];
        Some(simd::vectorized(|| {
            let scored = heads.chunks_exact(joint).zip(biases).map(|(head, bias)| {
                let (head_text, head_community) = head.split_at(for_text);
                simd::dot(head_text, text) + simd::dot(head_community, vector) + bias
            });
            scored.collect()
        }))
    }
}
