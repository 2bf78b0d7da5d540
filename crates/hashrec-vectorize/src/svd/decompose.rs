//! Truncated singular value decomposition by random directions.
//!
//! Halko, Martinsson and Tropp, "Finding structure with randomness" (SIAM Review 53, 2011):
//! random directions are sent through the matrix and back (power iterations), made orthonormal
//! each time, until they span where the matrix is largest; there, an exact decomposition is small.
//!
//! faer's `partial_svd` would agree with scikit-learn as well, but it panics unless the matrix has
//! more than max(64, 2 × `dim`) rows and columns: with the default `dim`, more than 600 posts.

use faer::{
    Accum, Conj, Mat, MatMut, MatRef, Par,
    diag::Diag,
    dyn_stack::{MemBuffer, MemStack},
    linalg::{
        householder, matmul,
        qr::no_pivoting::factor as qr,
        svd::{self, ComputeSvdVectors},
    },
};
use rand_pcg::{
    Pcg64Mcg,
    rand_core::{Rng, SeedableRng},
};

use super::TfIdfSvdParams;
use crate::{VectorizeError, sparse_matrix::SparseMatrix};

/// Singular values below this part of the largest are rounding errors of single precision.
const NEGLIGIBLE: f64 = 1e-5;

/// The largest singular values and their right vectors.
pub(super) struct Decomposition {
    /// In descending order.
    pub(super) values: Vec<f32>,
    /// Row-major, the matrix's columns × values.
    pub(super) right: Vec<f32>,
}

/// The `params.dim` largest singular values, fewer if the matrix's rank is lower, and their right
/// vectors, each with its largest number positive.
pub(super) fn decompose(
    matrix: &SparseMatrix,
    params: &TfIdfSvdParams,
) -> Result<Decomposition, VectorizeError> {
    let (height, width) = (matrix.height(), matrix.width());
    let wide = (params.dim + params.oversampling).min(height).min(width);
    if wide == 0 {
        return Ok(Decomposition { values: Vec::new(), right: Vec::new() });
    }
    let transposed = matrix.transposed();
    let mut right = directions(width * wide, params.seed);
    let (mut left, mut rest) = (Vec::new(), Mat::new());
    for _ in 0..=params.iterations {
        matrix.times(&right, wide, &mut left);
        orthonormalize(&mut left, wide);
        transposed.times(&left, wide, &mut right);
        rest = orthonormalize(&mut right, wide);
    }
    drop((transposed, left));
    // With Q the orthonormal `left`, QᵀA = (right · rest)ᵀ: the left vectors of `rest` turn `right`
    // into the right vectors of QᵀA.
    let (values, turn) = singular(&rest)?;
    let least = NEGLIGIBLE * values.first().copied().unwrap_or(0.0);
    let rank = values.iter().take(params.dim).take_while(|&&value| value > least).count();
    let mut turned = vec![0.0f32; width * rank];
    matmul::matmul(
        MatMut::from_row_major_slice_mut(&mut turned, width, rank),
        Accum::Replace,
        MatRef::from_row_major_slice(&right, width, wide),
        turn.get(.., ..rank),
        1.0,
        Par::Seq,
    );
    point_up(&mut turned, rank);
    let values = values.iter().take(rank).map(|&value| value as f32).collect();
    Ok(Decomposition { values, right: turned })
}

/// Numbers from the standard normal distribution (Box and Muller's transform).
fn directions(len: usize, seed: u64) -> Vec<f32> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    // In (0, 1]: its logarithm is finite.
    let mut uniform = move || ((random.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64;
    (0..len)
        .map(|_| {
            let radius = (-2.0 * uniform().ln()).sqrt();
            (radius * (std::f64::consts::TAU * uniform()).cos()) as f32
        })
        .collect()
}

/// Replaces a row-major matrix of `wide` columns, no fewer rows, with an orthonormal one that
/// spans at least the same space; returns the square factor that gives the old matrix when
/// multiplied to the right of the new one.
fn orthonormalize(matrix: &mut [f32], wide: usize) -> Mat<f32> {
    let height = matrix.len() / wide;
    // faer is fastest on whole columns.
    let mut basis = MatRef::from_row_major_slice(matrix, height, wide).to_owned();
    let block = qr::recommended_block_size::<f32>(height, wide);
    let mut factors = Mat::zeros(block, wide);
    let scratch = qr::qr_in_place_scratch::<f32>(height, wide, block, Par::Seq, Default::default())
        .or(householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<f32>(
            height, block, wide,
        ));
    let mut buffer = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut buffer);
    qr::qr_in_place(basis.as_mut(), factors.as_mut(), Par::Seq, stack, Default::default());
    let rest = Mat::from_fn(
        wide,
        wide,
        |row, column| if row <= column { basis[(row, column)] } else { 0.0 },
    );
    let mut orthonormal = Mat::identity(height, wide);
    householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
        basis.as_ref(),
        factors.as_ref(),
        Conj::No,
        orthonormal.as_mut(),
        Par::Seq,
        stack,
    );
    MatMut::from_row_major_slice_mut(matrix, height, wide).copy_from(&orthonormal);
    rest
}

/// The singular values of a square matrix, in descending order, and its left singular vectors.
fn singular(matrix: &Mat<f32>) -> Result<(Vec<f64>, Mat<f32>), VectorizeError> {
    let size = matrix.nrows();
    let matrix = Mat::from_fn(size, size, |row, column| f64::from(matrix[(row, column)]));
    let (mut values, mut left) = (Diag::zeros(size), Mat::zeros(size, size));
    let (wanted, not) = (ComputeSvdVectors::Thin, ComputeSvdVectors::No);
    let mut buffer = MemBuffer::new(svd::svd_scratch::<f64>(
        size,
        size,
        wanted,
        not,
        Par::Seq,
        Default::default(),
    ));
    svd::svd(
        matrix.as_ref(),
        values.as_mut(),
        Some(left.as_mut()),
        None,
        Par::Seq,
        MemStack::new(&mut buffer),
        Default::default(),
    )
    .map_err(|_| VectorizeError::NoConvergence { size })?;
    let values = values.column_vector().iter().copied().collect();
    Ok((values, Mat::from_fn(size, size, |row, column| left[(row, column)] as f32)))
}

/// Flips each column of a row-major matrix whose largest number, the first among equals, is
/// negative: a singular vector may have either sign.
fn point_up(matrix: &mut [f32], wide: usize) {
    if wide == 0 {
        return;
    }
    let mut largest = vec![0.0f32; wide];
    for row in matrix.chunks_exact(wide) {
        for (largest, &value) in largest.iter_mut().zip(row) {
            if value.abs() > largest.abs() {
                *largest = value;
            }
        }
    }
    for row in matrix.chunks_exact_mut(wide) {
        row.iter_mut().zip(&largest).for_each(|(value, largest)| *value *= largest.signum());
    }
}
