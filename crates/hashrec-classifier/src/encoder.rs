//! The net without training: from words to text vectors, from text vectors to scores.

use crate::{
    kernels::{attention, linear, norm, pool, simd},
    sequences::Sequences,
    weights::{Layers, Spaces, Weights},
};

/// A net ready to be asked; borrows its numbers.
#[derive(Clone, Copy)]
pub(crate) struct Encoder<'a> {
    pub(crate) layers: Layers,
    pub(crate) weights: &'a Weights,
    pub(crate) spaces: &'a Spaces,
}

impl Encoder<'_> {
    /// The text vectors of a batch, [posts, 2 · token], in the batch's order.
    pub(crate) fn texts(&self, sequences: &Sequences) -> Vec<f32> {
        let (dim, d) = (self.layers.dim, self.layers.token());
        let [lstm, lstm_bias, qkv, qkv_bias, out, out_bias, scale, shift] = &self.weights.shared;
        let mut x = Vec::with_capacity(sequences.words().len() * dim);
        for &word in sequences.words() {
            x.extend_from_slice(&self.weights.words[word as usize * dim..][..dim]);
        }
        let (hidden, _) = self.layers.lstm().forward(sequences, &x, lstm, lstm_bias);
        let qkv = linear::forward(&hidden, qkv, qkv_bias, d);
        let (attended, _) = attention::forward(sequences, &qkv, d, self.layers.heads);
        let mut sum = linear::forward(&attended, out, out_bias, d);
        sum.iter_mut().zip(&hidden).for_each(|(sum, hidden)| *sum += hidden);
        let (normed, _) = norm::forward(&sum, scale, shift);
        pool::forward(sequences, &normed, d).0
    }

    /// The scores (logits) of every hashtag of one community for one text vector; `None` if there
    /// is no such community. Reads no other community's output layer.
    pub(crate) fn logits(&self, community: usize, text: &[f32]) -> Option<Vec<f32>> {
        let rows = self.spaces.rows(community)?;
        let (joint, width) = (self.layers.joint(), self.layers.community_dim);
        let (for_text, for_community) = (text.len(), &self.weights.communities);
        let vector = &for_community[community * width..][..width];
        let heads = &self.weights.heads[rows.start * joint..rows.end * joint];
        let biases = &self.weights.head_biases[rows];
        Some(simd::vectorized(|| {
            let scored = heads.chunks_exact(joint).zip(biases).map(|(head, bias)| {
                let (head_text, head_community) = head.split_at(for_text);
                simd::dot(head_text, text) + simd::dot(head_community, vector) + bias
            });
            scored.collect()
        }))
    }
}
