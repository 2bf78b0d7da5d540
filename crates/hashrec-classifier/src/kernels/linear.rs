//! A dense layer: y = x · Wᵀ + b.

use super::gemm::{Mat, MatMut, Write, multiply};

/// `x` [rows, inputs], `weight` [outputs, inputs], `bias` `[outputs]` → [rows, outputs].
pub(crate) fn forward(x: &[f32], weight: &[f32], bias: &[f32], inputs: usize) -> Vec<f32> {
    let (rows, outputs) = (x.len() / inputs, bias.len());
    let mut y = Vec::with_capacity(rows * outputs);
    for _ in 0..rows {
        y.extend_from_slice(bias);
    }
    multiply(
        MatMut::new(&mut y, rows, outputs),
        Write::Add,
        Mat::new(x, rows, inputs),
        Mat::new(weight, outputs, inputs).t(),
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
    let grad_mat = Mat::new(grad, rows, outputs);
    multiply(
        MatMut::new(&mut dx, rows, inputs),
        Write::Replace,
        grad_mat,
        Mat::new(weight, outputs, inputs),
    );
    multiply(
        MatMut::new(&mut dweight, outputs, inputs),
        Write::Replace,
        grad_mat.t(),
        Mat::new(x, rows, inputs),
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
