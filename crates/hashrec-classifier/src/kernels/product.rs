//! Matrix products on the calling thread.
//!
//! Training takes the kernels that candle brings. Serving, which has no candle, takes ndarray's; both
//! agree to rounding.

use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};

/// A read-only matrix.
pub(crate) type Mat<'a> = ArrayView2<'a, f32>;

/// A writable matrix.
pub(crate) type MatMut<'a> = ArrayViewMut2<'a, f32>;

/// What happens to the old values of the destination.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Replace,
    Add,
}

/// `rows` × `cols`, whose rows start `stride` numbers apart.
///
/// Callers hold the shapes together; a mismatch is a bug of this crate and stops here.
#[expect(clippy::expect_used, reason = "shapes are no input")]
pub(crate) fn mat(data: &[f32], rows: usize, cols: usize, stride: usize) -> Mat<'_> {
    // ndarray asks for numbers behind the strides of a matrix that has none.
    let strides = if rows == 0 || cols == 0 { (0, 0) } else { (stride, 1) };
    Mat::from_shape((rows, cols).strides(strides), data).expect("matrix shape")
}

/// As [`mat`]; rows don't overlap.
#[expect(clippy::expect_used, reason = "shapes are no input")]
pub(crate) fn mat_mut(data: &mut [f32], rows: usize, cols: usize, stride: usize) -> MatMut<'_> {
    let strides = if rows == 0 || cols == 0 { (0, 0) } else { (stride, 1) };
    MatMut::from_shape((rows, cols).strides(strides), data).expect("matrix shape")
}

/// `dst = a · b`, or `dst += a · b`.
pub(crate) fn multiply(mut dst: MatMut<'_>, write: Write, a: Mat<'_>, b: Mat<'_>) {
    assert_eq!(
        (dst.nrows(), dst.ncols(), a.ncols()),
        (a.nrows(), b.ncols(), b.nrows()),
        "matrix shapes"
    );
    if dst.is_empty() {
        return;
    }
    #[cfg(feature = "train")]
    by_gemm(&mut dst, write, &a, &b);
    #[cfg(not(feature = "train"))]
    by_ndarray(&mut dst, write, &a, &b);
}

#[cfg(not(feature = "train"))]
fn by_ndarray(dst: &mut MatMut<'_>, write: Write, a: &Mat<'_>, b: &Mat<'_>) {
    let vector = a.row(0).to_slice().filter(|_| a.nrows() == 1 && b.strides()[0] == 1);
    let Some(vector) = vector else {
        let keep = if write == Write::Add { 1.0 } else { 0.0 };
        return ndarray::linalg::general_mat_mul(1.0, a, b, keep, dst);
    };
    // ndarray would repack `b` for the one row, which takes longer than the products.
    super::simd::vectorized(|| {
        for (sum, column) in dst.iter_mut().zip(b.columns()) {
            let product = super::simd::dot(vector, column.to_slice().unwrap_or_default());
            *sum = if write == Write::Add { *sum + product } else { product };
        }
    });
}

#[cfg(feature = "train")]
fn by_gemm(dst: &mut MatMut<'_>, write: Write, a: &Mat<'_>, b: &Mat<'_>) {
    // The kernels prefer a result whose columns are contiguous: they get the transposed product.
    let (lhs, rhs, mut dst) = match dst.strides()[0] > 1 {
        true => (b.t(), a.t(), dst.view_mut().reversed_axes()),
        false => (*a, *b, dst.view_mut()),
    };
    let ([lhs_rs, lhs_cs], [rhs_rs, rhs_cs]) = (strides(&lhs), strides(&rhs));
    let [dst_rs, dst_cs] = strides(&dst.view());
    // SAFETY: the pointers, sizes and strides are those of three live views, and the shapes agree by
    // the assertion in `multiply`. `dst` is borrowed mutably, hence overlaps neither operand. Every
    // bit pattern is a valid f32.
    #[allow(unsafe_code)]
    unsafe {
        gemm_f32::gemm::f32::get_gemm_fn()(
            lhs.nrows(),
            rhs.ncols(),
            lhs.ncols(),
            dst.as_mut_ptr(),
            dst_cs,
            dst_rs,
            write == Write::Add,
            lhs.as_ptr(),
            lhs_cs,
            lhs_rs,
            rhs.as_ptr(),
            rhs_cs,
            rhs_rs,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm_common::Parallelism::None,
        );
    }
}

/// The distances between rows and between columns.
#[cfg(feature = "train")]
fn strides(matrix: &Mat<'_>) -> [isize; 2] {
    [matrix.strides()[0], matrix.strides()[1]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(a: &[f32], b: &[f32], m: usize, k: usize, n: usize) -> Vec<f32> {
        let mut out = vec![0.0; m * n];
        for i in 0..m {
            for j in 0..n {
                out[i * n + j] = (0..k).map(|l| a[i * k + l] * b[l * n + j]).sum();
            }
        }
        out
    }

    fn transposed(a: &[f32], rows: usize, cols: usize) -> Vec<f32> {
        (0..rows * cols).map(|i| a[(i % rows) * cols + i / rows]).collect()
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition_in_all_layouts(
            m in 0usize..9, k in 0usize..9, n in 0usize..9, gap in 0usize..3, seed in 0u32..1000,
        ) {
            let value = |i: usize| ((i as u32 * 37 + seed) % 17) as f32 - 8.0;
            let a: Vec<f32> = (0..m * k).map(value).collect();
            let b: Vec<f32> = (0..k * n).map(|i| value(i + 5)).collect();
            let (at, bt) = (transposed(&a, m, k), transposed(&b, k, n));
            let want = naive(&a, &b, m, k, n);
            for (x, y) in [
                (mat(&a, m, k, k), mat(&b, k, n, n)),
                (mat(&at, k, m, m).reversed_axes(), mat(&b, k, n, n)),
                (mat(&a, m, k, k), mat(&bt, n, k, k).reversed_axes()),
                (mat(&at, k, m, m).reversed_axes(), mat(&bt, n, k, k).reversed_axes()),
            ] {
                let mut out = vec![1.0; m * (n + gap)];
                multiply(mat_mut(&mut out, m, n, n + gap), Write::Replace, x, y);
                multiply(mat_mut(&mut out, m, n, n + gap), Write::Add, x, y);
                for i in 0..m {
                    for j in 0..n {
                        prop_assert_eq!(out[i * (n + gap) + j], 2.0 * want[i * n + j]);
                    }
                    for j in n..n + gap {
                        prop_assert_eq!(out[i * (n + gap) + j], 1.0);
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "matrix shapes")]
    fn mismatched_shapes_stop_before_any_pointer_is_used() {
        let mut out = [0.0; 4];
        multiply(
            mat_mut(&mut out, 2, 2, 2),
            Write::Replace,
            mat(&[0.0; 6], 2, 3, 3),
            mat(&[0.0; 4], 2, 2, 2),
        );
    }
}
