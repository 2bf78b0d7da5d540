//! Matrix products: a checked front of the `gemm-f32` crate, and the only unsafe code of this crate.

use gemm_common::Parallelism;

/// A read-only matrix view: element (i, j) is `data[i * row_stride + j * col_stride]`.
#[derive(Clone, Copy)]
pub(crate) struct Mat<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

/// A writable row-major matrix view whose rows don't overlap.
pub(crate) struct MatMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
}

/// What happens to the old values of the destination.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Replace,
    Add,
}

/// The number of elements from the first to the last one of a view, saturating.
fn extent(rows: usize, cols: usize, row_stride: usize, col_stride: usize) -> usize {
    if rows == 0 || cols == 0 {
        return 0;
    }
    let last_row = (rows - 1).saturating_mul(row_stride);
    let last_col = (cols - 1).saturating_mul(col_stride);
    last_row.saturating_add(last_col).saturating_add(1)
}

impl<'a> Mat<'a> {
    /// `rows` × `cols`, contiguous.
    pub(crate) fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        Self::strided(data, rows, cols, cols)
    }

    /// `rows` × `cols` whose rows start `row_stride` elements apart.
    pub(crate) fn strided(data: &'a [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        let data = &data[..extent(rows, cols, row_stride, 1)];
        Self { data, rows, cols, row_stride, col_stride: 1 }
    }

    /// The transposed view.
    pub(crate) fn t(self) -> Self {
        Self {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }
}

impl<'a> MatMut<'a> {
    /// `rows` × `cols`, contiguous.
    pub(crate) fn new(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        Self::strided(data, rows, cols, cols)
    }

    /// `rows` × `cols` whose rows start `row_stride` (at least `cols`) elements apart.
    pub(crate) fn strided(
        data: &'a mut [f32],
        rows: usize,
        cols: usize,
        row_stride: usize,
    ) -> Self {
        let row_stride = row_stride.max(cols);
        let data = &mut data[..extent(rows, cols, row_stride, 1)];
        Self { data, rows, cols, row_stride }
    }
}

/// `dst = a · b`, or `dst += a · b`, on the calling thread.
///
/// Callers hold the shapes together; a mismatch is a bug of this crate and stops here, before any
/// pointer is used.
pub(crate) fn multiply(dst: MatMut<'_>, write: Write, a: Mat<'_>, b: Mat<'_>) {
    assert_eq!((dst.rows, dst.cols, a.cols), (a.rows, b.cols, b.rows), "matrix shapes");
    if dst.rows == 0 || dst.cols == 0 {
        return;
    }
    // The kernels prefer a result whose columns are contiguous: they get the transposed product.
    let transposed = dst.row_stride > 1;
    let (lhs, rhs) = if transposed { (b.t(), a.t()) } else { (a, b) };
    let (dst_cs, dst_rs) = if transposed { (dst.row_stride, 1) } else { (1, dst.row_stride) };
    let stride = |n: usize| n as isize;
    // SAFETY: every view was built by slicing its data to `extent`, so all elements addressed by
    // (rows, cols, strides) lie inside the three slices; a slice never exceeds `isize::MAX` bytes,
    // so the strides of a view with more than one row or column fit `isize`. `dst` is borrowed
    // mutably, hence overlaps neither operand, and its rows don't overlap each other because
    // `row_stride >= cols`. The shapes agree by the assertion above, and transposing all three
    // views keeps that so. Every bit pattern is a valid f32, and no stride is negative.
    #[allow(unsafe_code)]
    unsafe {
        gemm_f32::gemm::f32::get_gemm_fn()(
            lhs.rows,
            rhs.cols,
            lhs.cols,
            dst.data.as_mut_ptr(),
            stride(dst_cs),
            stride(dst_rs),
            write == Write::Add,
            lhs.data.as_ptr(),
            stride(lhs.col_stride),
            stride(lhs.row_stride),
            rhs.data.as_ptr(),
            stride(rhs.col_stride),
            stride(rhs.row_stride),
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
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
                (Mat::new(&a, m, k), Mat::new(&b, k, n)),
                (Mat::new(&at, k, m).t(), Mat::new(&b, k, n)),
                (Mat::new(&a, m, k), Mat::new(&bt, n, k).t()),
                (Mat::new(&at, k, m).t(), Mat::new(&bt, n, k).t()),
            ] {
                let mut out = vec![1.0; m * (n + gap)];
                multiply(MatMut::strided(&mut out, m, n, n + gap), Write::Replace, x, y);
                multiply(MatMut::strided(&mut out, m, n, n + gap), Write::Add, x, y);
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
            MatMut::new(&mut out, 2, 2),
            Write::Replace,
            Mat::new(&[0.0; 6], 2, 3),
            Mat::new(&[0.0; 4], 2, 2),
        );
    }
}
