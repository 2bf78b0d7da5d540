//! From word vectors to text vectors: the whole encoder, forward and backward.

use super::{attention, linear, lstm, norm, pool};
use crate::{
    sequences::Sequences,
    weights::{Layers, SHARED_TABLES},
};

/// What the backward pass needs again: the layers' outputs and what they saved.
#[cfg_attr(not(feature = "train"), expect(dead_code, reason = "serving drops it"))]
pub(crate) struct Saved {
    hidden: Vec<f32>,
    lstm: lstm::Saved,
    qkv: Vec<f32>,
    attention: attention::Saved,
    attended: Vec<f32>,
    norm: norm::Saved,
    pool: pool::Saved,
}

/// `x` `[distinct words, dim]`, the shared tables in the order of their [names](crate::weights::TABLES) → [posts, 2 · token]:
/// LSTM, self-attention added to its input, layer normalisation, mean and maximum.
pub(crate) fn forward(
    layers: Layers,
    sequences: &Sequences,
    x: &[f32],
    shared: [&[f32]; SHARED_TABLES],
) -> (Vec<f32>, Saved) {
    let d = layers.token();
    let [lstm, lstm_bias, qkv, qkv_bias, out, out_bias, scale, shift] = shared;
    let (hidden, saved_lstm) = layers.lstm().forward(sequences, x, lstm, lstm_bias);
    let qkv = linear::forward(&hidden, qkv, qkv_bias, d);
    let (attended, saved_attention) = attention::forward(sequences, &qkv, d, layers.heads);
    let mut sum = linear::forward(&attended, out, out_bias, d);
    sum.iter_mut().zip(&hidden).for_each(|(sum, hidden)| *sum += hidden);
    let (normed, saved_norm) = norm::forward(&sum, scale, shift);
    let (texts, saved_pool) = pool::forward(sequences, &normed, d);
    let saved = Saved {
        hidden,
        lstm: saved_lstm,
        qkv,
        attention: saved_attention,
        attended,
        norm: saved_norm,
        pool: saved_pool,
    };
    (texts, saved)
}

/// The gradients of `x` and of the shared tables, in that order, given that of the output.
#[cfg(feature = "train")]
pub(crate) fn backward(
    layers: Layers,
    sequences: &Sequences,
    x: &[f32],
    shared: [&[f32]; SHARED_TABLES],
    grad: &[f32],
    saved: &Saved,
) -> [Vec<f32>; 1 + SHARED_TABLES] {
    let d = layers.token();
    let [lstm, _, qkv, _, out, _, scale, _] = shared;
    let dnormed = pool::backward(sequences, d, grad, &saved.pool);
    let [dsum, dscale, dshift] = norm::backward(scale, &dnormed, &saved.norm);
    let [dattended, dout, dout_bias] = linear::backward(&saved.attended, out, d, d, &dsum);
    let dqkv =
        attention::backward(sequences, &saved.qkv, d, layers.heads, &dattended, &saved.attention);
    let [mut dhidden, dqkv, dqkv_bias] = linear::backward(&saved.hidden, qkv, 3 * d, d, &dqkv);
    dhidden.iter_mut().zip(&dsum).for_each(|(dhidden, dsum)| *dhidden += dsum);
    let [dx, dlstm, dlstm_bias] =
        layers.lstm().backward(sequences, x, lstm, &saved.hidden, &dhidden, &saved.lstm);
    [dx, dlstm, dlstm_bias, dqkv, dqkv_bias, dout, dout_bias, dscale, dshift]
}
