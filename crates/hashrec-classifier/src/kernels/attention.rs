//! Multi-head self-attention inside every post: softmax(Q · Kᵀ / √width) · V, head by head.

use super::{
    product::{Write, mat, mat_mut, multiply},
    simd::{exp, vectorized},
};
use crate::sequences::Sequences;

/// The attention weights of every post and head, one after the other: `[length, length]` each.
#[cfg_attr(not(feature = "train"), expect(dead_code, reason = "serving drops it"))]
pub(crate) struct Saved {
    weights: Vec<f32>,
}

/// Where a head's queries, keys and values start in a row of `qkv`.
fn columns(head: usize, head_width: usize, width: usize) -> [usize; 3] {
    [0, width, 2 * width].map(|base| base + head * head_width)
}

/// `qkv` `[tokens, 3 · width]` (queries, keys, values side by side, each split into `heads` heads) →
/// `[tokens, width]`. A token sees the tokens of its own post only.
pub(crate) fn forward(
    sequences: &Sequences,
    qkv: &[f32],
    width: usize,
    heads: usize,
) -> (Vec<f32>, Saved) {
    let (head_width, stride) = (width / heads, 3 * width);
    let mut out = vec![0.0; sequences.tokens() * width];
    let mut weights = vec![0.0; heads * sequences.token_pairs()];
    let mut rest = weights.as_mut_slice();
    let scale = 1.0 / (head_width as f32).sqrt();
    for post in 0..sequences.posts() {
        let tokens = sequences.tokens_of(post);
        let length = tokens.len();
        for head in 0..heads {
            let [q, k, v] = columns(head, head_width, width)
                .map(|at| mat(&qkv[tokens.start * stride + at..], length, head_width, stride));
            let (weights, tail) = rest.split_at_mut(length * length);
            rest = tail;
            multiply(
                mat_mut(weights, length, length, length),
                Write::Replace,
                q,
                k.reversed_axes(),
            );
            vectorized(|| weights.chunks_exact_mut(length).for_each(|row| softmax(row, scale)));
            multiply(
                mat_mut(
                    &mut out[tokens.start * width + head * head_width..],
                    length,
                    head_width,
                    width,
                ),
                Write::Replace,
                mat(weights, length, length, length),
                v,
            );
        }
    }
    (out, Saved { weights })
}

/// softmax(scale · row), in place.
#[inline(always)]
fn softmax(row: &mut [f32], scale: f32) {
    let max = row.iter().copied().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    for value in row.iter_mut() {
        *value = exp((*value - max) * scale);
    }
    let inverse = 1.0 / row.iter().sum::<f32>();
    for value in row.iter_mut() {
        *value *= inverse;
    }
}

/// The gradient of `qkv`, given that of the output.
#[cfg(feature = "train")]
pub(crate) fn backward(
    sequences: &Sequences,
    qkv: &[f32],
    width: usize,
    heads: usize,
    grad: &[f32],
    saved: &Saved,
) -> Vec<f32> {
    let (head_width, stride) = (width / heads, 3 * width);
    let mut dqkv = vec![0.0; qkv.len()];
    let mut dweights = Vec::new();
    let mut rest = saved.weights.as_slice();
    let scale = 1.0 / (head_width as f32).sqrt();
    for post in 0..sequences.posts() {
        let tokens = sequences.tokens_of(post);
        let length = tokens.len();
        dweights.resize(length * length, 0.0);
        for head in 0..heads {
            let at = columns(head, head_width, width).map(|at| tokens.start * stride + at);
            let [q, k, v] = at.map(|at| mat(&qkv[at..], length, head_width, stride));
            let (weights, tail) = rest.split_at(length * length);
            rest = tail;
            let mut product = |at: usize, a, b| {
                let dst = mat_mut(&mut dqkv[at..], length, head_width, stride);
                multiply(dst, Write::Replace, a, b);
            };
            let grad =
                mat(&grad[tokens.start * width + head * head_width..], length, head_width, width);
            product(at[2], mat(weights, length, length, length).reversed_axes(), grad);
            multiply(
                mat_mut(&mut dweights, length, length, length),
                Write::Replace,
                grad,
                v.reversed_axes(),
            );
            vectorized(|| {
                let rows = dweights.chunks_exact_mut(length).zip(weights.chunks_exact(length));
                rows.for_each(|(grad, weights)| softmax_backward(grad, weights, scale));
            });
            product(at[0], mat(&dweights, length, length, length), k);
            product(at[1], mat(&dweights, length, length, length).reversed_axes(), q);
        }
    }
    dqkv
}

/// Turns the gradient of softmax(scale · row) into that of the row, in place.
#[cfg(feature = "train")]
#[inline(always)]
fn softmax_backward(grad: &mut [f32], weights: &[f32], scale: f32) {
    let mean = super::simd::dot(grad, weights);
    for (grad, weight) in grad.iter_mut().zip(weights) {
        *grad = weight * (*grad - mean) * scale;
    }
}
