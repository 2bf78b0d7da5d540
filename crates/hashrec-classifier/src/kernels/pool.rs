//! One vector a post: the mean and the maximum of its tokens, side by side.

use crate::sequences::Sequences;

/// For every post and column, the token (counted in the whole batch) that held the maximum.
#[cfg_attr(not(feature = "train"), expect(dead_code, reason = "serving drops it"))]
pub(crate) struct Saved {
    winners: Vec<u32>,
}

/// `x` `[tokens, width]` → [posts, 2 · width]: means first, then maxima. Of equal maxima the first
/// token's counts.
pub(crate) fn forward(sequences: &Sequences, x: &[f32], width: usize) -> (Vec<f32>, Saved) {
    let posts = sequences.posts();
    let mut out = vec![0.0; posts * 2 * width];
    let mut winners = vec![0u32; posts * width];
    for (post, (out, winners)) in
        out.chunks_exact_mut(2 * width).zip(winners.chunks_exact_mut(width)).enumerate()
    {
        let (mean, max) = out.split_at_mut(width);
        let tokens = sequences.tokens_of(post);
        let share = 1.0 / tokens.len() as f32;
        max.fill(f32::NEG_INFINITY);
        for token in tokens {
            let row = &x[token * width..][..width];
            for j in 0..width {
                mean[j] += row[j] * share;
                if row[j] > max[j] || row[j].is_nan() {
                    max[j] = row[j];
                    winners[j] = token as u32;
                }
            }
        }
    }
    (out, Saved { winners })
}

/// The gradient of `x`, given that of the output.
#[cfg(feature = "train")]
pub(crate) fn backward(
    sequences: &Sequences,
    width: usize,
    grad: &[f32],
    saved: &Saved,
) -> Vec<f32> {
    let mut dx = vec![0.0; sequences.tokens() * width];
    for (post, (grad, winners)) in
        grad.chunks_exact(2 * width).zip(saved.winners.chunks_exact(width)).enumerate()
    {
        let (mean, max) = grad.split_at(width);
        let tokens = sequences.tokens_of(post);
        let share = 1.0 / tokens.len() as f32;
        for token in tokens {
            for (dx, mean) in dx[token * width..][..width].iter_mut().zip(mean) {
                *dx += mean * share;
            }
        }
        for (j, (&token, max)) in winners.iter().zip(max).enumerate() {
            dx[token as usize * width + j] += max;
        }
    }
    dx
}
