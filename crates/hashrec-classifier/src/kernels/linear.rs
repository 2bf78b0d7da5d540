//! A dense layer: y = x · Wᵀ + b.

use super::product::{Write, mat, mat_mut, multiply};

/// `x` [rows, inputs], `weight` [outputs, inputs], `bias` `[outputs]` → [rows, outputs].
pub(crate) fn forward(x: &[f32], weight: &[f32], bias: &[f32], inputs: usize) -> Vec<f32> {
    let (rows, outputs) = (x.len() / inputs, bias.len());
    let mut y = Vec::with_capacity(rows * outputs);
    for _ in 0..rows {
        y.extend_from_slice(bias);
    }
    multiply(
        mat_mut(&mut y, rows, outputs, outputs),
        Write::Add,
        mat(x, rows, inputs, inputs),
        mat(weight, outputs, inputs, inputs).reversed_axes(),
    );
    y
}

/// The gradients of `x`, `weight` and `bias`, given that of the output.
#[cfg(feature = "train")]
pub(crate) fn backward(
    x: &[f32],
    weight: &[f32],
    outputs: usize,
    inputs: usize,
    grad: &[f32],
) -> [Vec<f32>; 3] {
    let rows = grad.len() / outputs;
    let mut dx = vec![0.0; rows * inputs];
    let mut dweight = vec![0.0; outputs * inputs];
    let grad_mat = mat(grad, rows, outputs, outputs);
    multiply(
        mat_mut(&mut dx, rows, inputs, inputs),
        Write::Replace,
        grad_mat,
        mat(weight, outputs, inputs, inputs),
    );
    multiply(
        mat_mut(&mut dweight, outputs, inputs, inputs),
        Write::Replace,
        grad_mat.reversed_axes(),
        mat(x, rows, inputs, inputs),
    );
    [dx, dweight, column_sums(grad, outputs)]
}

/// The sum of every column of a matrix with `cols` columns.
#[cfg(feature = "train")]
pub(crate) fn column_sums(matrix: &[f32], cols: usize) -> Vec<f32> {
    let mut sums = vec![0.0; cols];
    for row in matrix.chunks_exact(cols) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
    }
    sums
}
