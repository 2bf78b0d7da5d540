//! The arithmetic, on plain row-major slices: products by `faer`, on the calling thread, and
//! elementwise functions that the compiler can vectorise.

use faer::{Accum, MatMut, MatRef, Par, linalg::matmul::matmul};

use super::weights::Tensor;

/// A dense layer: y = x · Wᵀ + b.
pub(super) struct Linear {
    /// [outputs, inputs].
    pub(super) weight: Tensor,
    /// [outputs], if the layer has one.
    pub(super) bias: Option<Tensor>,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

impl Linear {
    /// `x` [rows, inputs] → the columns from `column` on of `y`, whose rows are `stride` long.
    pub(super) fn apply_to(&self, x: &[f32], y: &mut [f32], column: usize, stride: usize) {
        let rows = x.len() / self.inputs;
        if rows == 0 {
            return;
        }
        let accumulate = match &self.bias {
            Some(bias) => {
                for row in y.chunks_exact_mut(stride) {
                    row[column..column + self.outputs].copy_from_slice(bias);
                }
                Accum::Add
            }
            None => Accum::Replace,
        };
        let (outputs, inputs) = (self.outputs, self.inputs);
        matmul(
            rows_mut(&mut y[column..], rows, outputs, stride),
            accumulate,
            MatRef::from_row_major_slice(&x[..rows * inputs], rows, inputs),
            MatRef::from_row_major_slice(&self.weight, outputs, inputs).transpose(),
            1.0,
            Par::Seq,
        );
    }

    /// `x` [rows, inputs] → [rows, outputs].
    pub(super) fn apply(&self, x: &[f32]) -> Vec<f32> {
        let mut y = vec![0.0; x.len() / self.inputs * self.outputs];
        self.apply_to(x, &mut y, 0, self.outputs);
        y
    }
}

/// A writable matrix inside a slice: rows start `stride` apart. Made as the transposed matrix of
/// columns: faer 0.24.4 confuses the strides in `from_row_major_slice_with_stride_mut`.
fn rows_mut(y: &mut [f32], rows: usize, cols: usize, stride: usize) -> MatMut<'_, f32> {
    MatMut::from_column_major_slice_with_stride_mut(y, cols, rows, stride).transpose_mut()
}

/// A matrix inside a slice: rows start `stride` apart.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) stride: usize,
}

impl<'a> Strided<'a> {
    fn view(self) -> MatRef<'a, f32> {
        MatRef::from_row_major_slice_with_stride(self.data, self.rows, self.cols, self.stride)
    }
}

/// `y` [a.rows, b.rows] = a · bᵀ.
pub(super) fn multiply_transposed(y: &mut [f32], a: Strided<'_>, b: Strided<'_>) {
    let y = MatMut::from_row_major_slice_mut(y, a.rows, b.rows);
    matmul(y, Accum::Replace, a.view(), b.view().transpose(), 1.0, Par::Seq);
}

/// `y` [a.rows, b.cols] = a · b, in rows that start `stride` apart.
pub(super) fn multiply_into(y: &mut [f32], stride: usize, a: Strided<'_>, b: Strided<'_>) {
    let y = rows_mut(y, a.rows, b.cols, stride);
    matmul(y, Accum::Replace, a.view(), b.view(), 1.0, Par::Seq);
}

/// Layer normalisation: every row is brought to mean 0 and variance 1, then scaled and shifted.
pub(super) struct Norm {
    pub(super) scale: Tensor,
    /// Absent in models without biases.
    pub(super) shift: Option<Tensor>,
    /// Added to the variance.
    pub(super) epsilon: f32,
}

impl Norm {
    /// Normalises `x` [rows, width] in place.
    pub(super) fn apply(&self, x: &mut [f32]) {
        let width = self.scale.len();
        vectorized(|| {
            for row in x.chunks_exact_mut(width) {
                let mean = sum(row) / width as f32;
                row.iter_mut().for_each(|value| *value -= mean);
                let variance = dot(row, row) / width as f32;
                let inverse = 1.0 / (variance + self.epsilon).sqrt();
                for (value, scale) in row.iter_mut().zip(self.scale.iter()) {
                    *value *= inverse * scale;
                }
                if let Some(shift) = &self.shift {
                    add(row, shift);
                }
            }
        });
    }
}

/// `x += y`.
#[inline(always)]
fn add(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// `x += y`.
pub(super) fn add_to(x: &mut [f32], y: &[f32]) {
    vectorized(|| add(x, y));
}

/// What bends the hidden values of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    /// x · Φ(x), with the normal distribution's Φ.
    Gelu,
    /// Its approximation by tanh.
    GeluTanh,
    /// max(x, 0).
    Relu,
}

impl Activation {
    /// The function that `transformers` calls by this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "gelu" => Some(Self::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Some(Self::GeluTanh),
            "relu" => Some(Self::Relu),
            _ => None,
        }
    }

    /// Replaces every value.
    pub(super) fn apply(self, x: &mut [f32]) {
        match self {
            Self::Gelu => vectorized(|| x.iter_mut().for_each(|x| *x = gelu(*x))),
            Self::GeluTanh => vectorized(|| x.iter_mut().for_each(|x| *x = gelu_tanh(*x))),
            Self::Relu => vectorized(|| x.iter_mut().for_each(|x| *x = x.max(0.0))),
        }
    }

    /// The gated form: `x` [rows, 2 · width] → [rows, width], the bent left half times the right.
    pub(super) fn apply_gated(self, x: &[f32], width: usize) -> Vec<f32> {
        let mut y = vec![0.0; x.len() / 2];
        let rows = || x.chunks_exact(2 * width);
        for (row, y) in rows().zip(y.chunks_exact_mut(width)) {
            y.copy_from_slice(&row[..width]);
        }
        self.apply(&mut y);
        vectorized(|| {
            for (row, y) in rows().zip(y.chunks_exact_mut(width)) {
                y.iter_mut().zip(&row[width..]).for_each(|(y, gate)| *y *= gate);
            }
        });
        y
    }
}

/// softmax(scale · row), in place.
#[inline(always)]
pub(super) fn softmax(row: &mut [f32], scale: f32) {
    let max = row.iter().copied().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    row.iter_mut().for_each(|value| *value = exp((*value - max) * scale));
    let inverse = 1.0 / sum(row);
    row.iter_mut().for_each(|value| *value *= inverse);
}

/// Runs `op` compiled for the best instruction set this processor has; `op` and what it calls must
/// be inlined to profit.
#[inline(always)]
pub(super) fn vectorized<R>(op: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(op)
}

#[inline(always)]
fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), tanh by way of the logistic function.
#[inline(always)]
fn gelu_tanh(x: f32) -> f32 {
    const SCALE: f32 = 1.595_769;
    x / (1.0 + exp(-SCALE * (x + 0.044_715 * x * x * x)))
}

/// The error function with an absolute error below 5e-7: Abramowitz and Stegun, *Handbook of
/// Mathematical Functions*, 7.1.26.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let a = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * a);
    let mut p = 1.061_405_4_f32;
    p = p * t - 1.453_152;
    p = p * t + 1.421_413_7;
    p = p * t - 0.284_496_74;
    p = p * t + 0.254_829_6;
    (1.0 - p * t * exp(-a * a)).copysign(x)
}

/// 1.5 · 2²³: adding it leaves the rounded integer in the low bits of the sum.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts, the first exact in few bits, so that `x − n·ln 2` loses nothing.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// eˣ with a relative error below 3e-7 (Cephes' `expf`: reduction by ln 2, then a polynomial of
/// degree 6); saturates outside [−87, 88].
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4_f32;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    (p * r * r + r + 1.0) * f32::from_bits(exponent)
}

/// The sum in eight running sums, so that it vectorises; the order of the additions is fixed.
#[inline(always)]
fn sum(a: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (chunks, rest) = a.as_chunks::<8>();
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, x)| *sum += x);
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// The dot product, in the same order.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a.iter().zip(b) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_as_close_as_they_say() {
        // erf to ten digits.
        for (x, want) in [
            (0.0f32, 0.0f64),
            (0.1, 0.112_462_916),
            (0.5, 0.520_499_878),
            (1.0, 0.842_700_793),
            (1.5, 0.966_105_146),
            (2.0, 0.995_322_265),
            (3.0, 0.999_977_910),
            (9.0, 1.0),
        ] {
            assert!((f64::from(erf(x)) - want).abs() < 5e-7, "erf({x}) = {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
        for i in -8_600..8_700 {
            let x = i as f32 * 0.01;
            assert!((f64::from(exp(x)) / f64::from(x).exp() - 1.0).abs() < 3e-7, "exp({x})");
            let y = f64::from(x) + 0.044_715 * f64::from(x).powi(3);
            let want = 0.5 * f64::from(x) * (1.0 + (0.797_884_560_8 * y).tanh());
            assert!((f64::from(gelu_tanh(x)) - want).abs() < 2e-6 * want.abs().max(1.0));
        }
    }

    #[test]
    fn products_agree_with_the_definition_in_all_sizes() {
        let value = |i: usize| ((i * 37 + 5) % 17) as f32 - 8.0;
        for (m, k, n) in (0..200).map(|i| (1 + i % 4, 1 + i / 4 % 9, 1 + i / 36)) {
            let strided = |rows, cols, from: usize| -> Vec<f32> {
                (0..rows * (cols + 3)).map(|i| value(i + from)).collect()
            };
            let (a, b, c) = (strided(m, k, 0), strided(k, n, 3), strided(n, k, 9));
            let view = |data, rows, cols| Strided { data, rows, cols, stride: cols + 3 };
            let mut y = vec![1.0; m * (n + 2)];
            multiply_into(&mut y, n + 2, view(&a, m, k), view(&b, k, n));
            let mut z = vec![1.0; m * n];
            multiply_transposed(&mut z, view(&a, m, k), view(&c, n, k));
            let linear = Linear {
                weight: Tensor::Owned(c.chunks(k + 3).flat_map(|row| row[..k].to_vec()).collect()),
                bias: Some(Tensor::Owned(vec![2.0; n])),
                inputs: k,
                outputs: n,
            };
            let x: Vec<f32> = a.chunks(k + 3).flat_map(|row| row[..k].to_vec()).collect();
            let dense = linear.apply(&x);
            for i in 0..m {
                for j in 0..n {
                    let dot = |b: &dyn Fn(usize) -> f32| -> f32 {
                        (0..k).map(|l| a[i * (k + 3) + l] * b(l)).sum()
                    };
                    let want = dot(&|l| b[l * (n + 3) + j]);
                    assert_eq!(y[i * (n + 2) + j], want, "{m} × {k} × {n}");
                    let want = dot(&|l| c[j * (k + 3) + l]);
                    assert_eq!((z[i * n + j], dense[i * n + j]), (want, want + 2.0));
                }
                assert_eq!(y[i * (n + 2) + n..(i + 1) * (n + 2)], [1.0; 2]);
            }
        }
    }

    #[test]
    fn a_row_is_brought_to_mean_zero_and_variance_one() {
        let norm = Norm {
            scale: Tensor::Owned(vec![2.0; 3]),
            shift: Some(Tensor::Owned(vec![1.0; 3])),
            epsilon: 0.0,
        };
        let mut x = [1.0, 2.0, 3.0];
        norm.apply(&mut x);
        let step = 2.0 * 1.5f32.sqrt();
        for (x, want) in x.iter().zip([1.0 - step, 1.0, 1.0 + step]) {
            assert!((x - want).abs() < 1e-6);
        }
    }

    #[test]
    fn softmax_sums_to_one_whatever_the_size() {
        let mut row = [1_000.0, 999.0, -1_000.0];
        softmax(&mut row, 1.0);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((row[0] / row[1] - std::f32::consts::E).abs() < 1e-5);
    }
}
