//! Principal components: the directions in which vectors differ most.

use faer::{
    Accum, Mat, MatMut, MatRef, Par,
    diag::Diag,
    dyn_stack::{MemBuffer, MemStack},
    linalg::{
        matmul,
        svd::{self, ComputeSvdVectors},
    },
};

use crate::VectorizeError;

/// Rows that are worked on at a time.
const BLOCK: usize = 1024;

/// Rows of `width` numbers, less their mean, in the `dim` directions in which they differ most, the
/// first one first. `dim` is at most `width`. Each direction's largest number is positive.
///
/// The directions are exact, not found at random: the same rows give the same numbers.
pub(super) fn project(rows: &[f32], width: usize, dim: usize) -> Result<Vec<f32>, VectorizeError> {
    let height = rows.len() / width;
    let mut mean = vec![0.0f64; width];
    for row in rows.chunks_exact(width) {
        mean.iter_mut().zip(row).for_each(|(mean, &value)| *mean += f64::from(value));
    }
    mean.iter_mut().for_each(|mean| *mean /= height.max(1) as f64);

    let centred = |block: &[f32]| {
        let value = |row: usize, column: usize| f64::from(block[row * width + column]);
        Mat::from_fn(block.len() / width, width, |row, column| value(row, column) - mean[column])
    };
    let mut covariance = Mat::<f64>::zeros(width, width);
    for block in rows.chunks(BLOCK * width) {
        let block = centred(block);
        let covariance = covariance.as_mut();
        matmul::matmul(covariance, Accum::Add, block.transpose(), &block, 1.0, Par::Seq);
    }
    let directions = directions(&covariance)?;
    let mut directions = directions.get(.., ..dim).to_owned();
    for column in 0..dim {
        let largest = |most: f64, row: usize| {
            let value = directions[(row, column)];
            if value.abs() > most.abs() { value } else { most }
        };
        if (0..width).fold(0.0, largest) < 0.0 {
            (0..width).for_each(|row| directions[(row, column)] *= -1.0);
        }
    }
    let mut projected = Vec::with_capacity(height * dim);
    let mut out = Vec::new();
    for block in rows.chunks(BLOCK * width) {
        let block = centred(block);
        out.resize(block.nrows() * dim, 0.0);
        let space = MatMut::from_row_major_slice_mut(&mut out, block.nrows(), dim);
        matmul::matmul(space, Accum::Replace, &block, &directions, 1.0, Par::Seq);
        projected.extend(out.iter().map(|&value| value as f32));
    }
    Ok(projected)
}

/// The eigenvectors of a symmetric matrix without negative eigenvalues, as columns, by falling
/// eigenvalue.
fn directions(matrix: &Mat<f64>) -> Result<Mat<f64>, VectorizeError> {
    let size = matrix.nrows();
    let (mut values, mut left) = (Diag::zeros(size), Mat::zeros(size, size));
    let (wanted, not) = (ComputeSvdVectors::Thin, ComputeSvdVectors::No);
    let scratch = svd::svd_scratch::<f64>(size, size, wanted, not, Par::Seq, Default::default());
    let mut buffer = MemBuffer::new(scratch);
    let matrix: MatRef<'_, f64> = matrix.as_ref();
    let done = svd::svd(
        matrix,
        values.as_mut(),
        Some(left.as_mut()),
        None,
        Par::Seq,
        MemStack::new(&mut buffer),
        Default::default(),
    );
    done.map_err(|_| VectorizeError::NoConvergence { size })?;
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_directions_come_first() {
        // 2000 points in an ellipse: 3 along (3, 4) / 5, 1 across, nothing in the third dimension.
        let rows: Vec<f32> = (0..2000)
            .flat_map(|n| {
                let (sin, cos) = (n as f32 * std::f32::consts::TAU / 2000.0).sin_cos();
                let (along, across) = (3.0 * cos, sin);
                [0.6 * along - 0.8 * across + 7.0, 0.8 * along + 0.6 * across - 1.0, 5.0]
            })
            .collect();
        let found = project(&rows, 3, 2).unwrap();
        assert_eq!(found.len(), 4000);
        for (n, point) in found.chunks_exact(2).enumerate() {
            let (sin, cos) = (n as f32 * std::f32::consts::TAU / 2000.0).sin_cos();
            assert!((point[0] - 3.0 * cos).abs() < 1e-4, "{n} {point:?}");
            assert!((point[1].abs() - sin.abs()).abs() < 1e-4, "{n} {point:?}");
        }
        assert_eq!(project(&rows, 3, 2).unwrap(), found);
    }

    #[test]
    fn few_rows_leave_directions_empty() {
        assert_eq!(project(&[], 3, 2).unwrap(), [0.0f32; 0]);
        let one = project(&[1.0, 2.0, 3.0], 3, 3).unwrap();
        assert!(one.iter().all(|&value| value == 0.0), "{one:?}");
        let two = project(&[1.0, 0.0, 3.0, 0.0], 2, 2).unwrap();
        assert!((two[0] + 1.0).abs() < 1e-6 && two[1].abs() < 1e-6, "{two:?}");
    }
}
