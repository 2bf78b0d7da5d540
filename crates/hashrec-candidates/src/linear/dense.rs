//! Dense linear algebra in place.

use faer::{
    MatMut, MatRef, Par,
    dyn_stack::{MemBuffer, MemStack},
    linalg::{cholesky::llt, triangular_solve},
};

/// How faer shares work among threads.
pub(super) fn parallel(threads: usize) -> Par {
    if threads > 1 { Par::rayon(threads) } else { Par::Seq }
}

/// Replaces the lower triangle of a symmetric matrix (column-major, `n` × `n`) with its Cholesky
/// factor. False if the matrix is not positive definite.
pub(super) fn cholesky<T: faer::traits::ComplexField>(
    matrix: &mut [T],
    n: usize,
    par: Par,
) -> bool {
    let matrix = MatMut::from_column_major_slice_mut(matrix, n, n);
    let params = Default::default();
    let scratch = llt::factor::cholesky_in_place_scratch::<T>(n, par, params);
    let mut buffer = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut buffer);
    llt::factor::cholesky_in_place(matrix, Default::default(), par, stack, params).is_ok()
}

/// The lower right part, from row and column `from` on, of a matrix of `n` rows.
pub(super) fn lower_right<T>(matrix: &[T], n: usize, from: usize) -> MatRef<'_, T> {
    MatRef::from_column_major_slice(matrix, n, n).submatrix(from, from, n - from, n - from)
}

/// Solves L X = R in place for a lower triangular L.
pub(super) fn solve_lower<T: faer::traits::ComplexField>(
    lower: MatRef<'_, T>,
    right: MatMut<'_, T>,
    par: Par,
) {
    triangular_solve::solve_lower_triangular_in_place(lower.canonical(), right, par);
}

/// Solves Lᵀ X = R in place for a lower triangular L.
pub(super) fn solve_lower_transposed<T: faer::traits::ComplexField>(
    lower: MatRef<'_, T>,
    right: MatMut<'_, T>,
    par: Par,
) {
    triangular_solve::solve_upper_triangular_in_place(lower.transpose().canonical(), right, par);
}

/// The same numbers in single precision.
pub(super) fn to_single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&v| v as f32).collect()
}
