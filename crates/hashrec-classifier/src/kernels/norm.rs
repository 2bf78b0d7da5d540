//! Layer normalisation: every row is brought to mean 0 and variance 1, then scaled and shifted.

use super::simd::vectorized;

/// Added to the variance, as usual, so that a constant row stays finite.
pub(crate) const EPSILON: f32 = 1e-5;

/// What the backward pass needs again.
#[cfg_attr(not(feature = "train"), expect(dead_code, reason = "serving drops it"))]
pub(crate) struct Saved {
    /// The rows at mean 0, variance 1: [rows, width].
    normalized: Vec<f32>,
    /// 1 / standard deviation of every row.
    inverse_deviation: Vec<f32>,
}

/// `x` [rows, width], `scale` and `shift` `[width]` → [rows, width].
pub(crate) fn forward(x: &[f32], scale: &[f32], shift: &[f32]) -> (Vec<f32>, Saved) {
    let width = scale.len();
    let mut y = vec![0.0; x.len()];
    let mut normalized = vec![0.0; x.len()];
    let mut inverse_deviation = Vec::with_capacity(x.len() / width);
    vectorized(|| {
        let rows = x.chunks_exact(width).zip(normalized.chunks_exact_mut(width));
        for ((x, normalized), y) in rows.zip(y.chunks_exact_mut(width)) {
            let mean = x.iter().sum::<f32>() / width as f32;
            let variance =
                x.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / width as f32;
            let inverse = 1.0 / (variance + EPSILON).sqrt();
            inverse_deviation.push(inverse);
            for j in 0..width {
                normalized[j] = (x[j] - mean) * inverse;
                y[j] = normalized[j] * scale[j] + shift[j];
            }
        }
    });
    (y, Saved { normalized, inverse_deviation })
}

/// The gradients of `x`, `scale` and `shift`, given that of the output.
#[cfg(feature = "train")]
pub(crate) fn backward(scale: &[f32], grad: &[f32], saved: &Saved) -> [Vec<f32>; 3] {
    let width = scale.len();
    let mut dx = vec![0.0; grad.len()];
    let (mut dscale, mut dshift) = (vec![0.0; width], vec![0.0; width]);
    vectorized(|| {
        let rows = grad.chunks_exact(width).zip(saved.normalized.chunks_exact(width));
        for (((grad, normalized), dx), &inverse) in
            rows.zip(dx.chunks_exact_mut(width)).zip(&saved.inverse_deviation)
        {
            let (mut mean, mut along) = (0.0, 0.0);
            for j in 0..width {
                dscale[j] += grad[j] * normalized[j];
                dshift[j] += grad[j];
                let inner = grad[j] * scale[j];
                mean += inner;
                along += inner * normalized[j];
            }
            mean /= width as f32;
            along /= width as f32;
            for j in 0..width {
                dx[j] = inverse * (grad[j] * scale[j] - mean - normalized[j] * along);
            }
        }
    });
    [dx, dscale, dshift]
}
