//! Principal components: the directions in which vectors are longest.

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

/// Sums up rows for their main directions.
pub(super) struct Principal {
    width: usize,
    /// The sum over the rows of each row's products with itself.
    products: Mat<f64>,
}

/// Directions of length 1, at right angles to each other.
pub(super) struct Directions(Mat<f64>);

impl Principal {
    /// Nothing yet; rows will have `width` numbers.
    pub(super) fn new(width: usize) -> Self {
        Self { width, products: Mat::zeros(width, width) }
    }

    /// Counts rows, one after another. What they differ in is what they are: their mean should be 0.
    pub(super) fn add(&mut self, rows: &[f32], weight: f64) {
        for block in rows.chunks(BLOCK * self.width.max(1)) {
            let block = double(block, self.width);
            let products = self.products.as_mut();
            matmul::matmul(products, Accum::Add, block.transpose(), &block, weight, Par::Seq);
        }
    }

    /// The `dim` directions in which rows are longest, the first one first. `dim` is at most the
    /// rows' numbers. Each direction's largest number is positive.
    ///
    /// The directions are exact, not found at random: the same rows give the same numbers.
    pub(super) fn directions(&self, dim: usize) -> Result<Directions, VectorizeError> {
        let directions = directions(&self.products)?;
        let mut directions = directions.get(.., ..dim).to_owned();
        for column in 0..dim {
            let largest = |most: f64, row: usize| {
                let value = directions[(row, column)];
                if value.abs() > most.abs() { value } else { most }
            };
            if (0..self.width).fold(0.0, largest) < 0.0 {
                (0..self.width).for_each(|row| directions[(row, column)] *= -1.0);
            }
        }
        Ok(Directions(directions))
    }
}

impl Directions {
    /// The coordinates of rows, one after another, along each direction.
    pub(super) fn project(&self, rows: &[f32]) -> Vec<f32> {
        let (width, dim) = (self.0.nrows(), self.0.ncols());
        let mut projected = Vec::with_capacity(rows.len() / width.max(1) * dim);
        let mut out = Vec::new();
        for block in rows.chunks(BLOCK * width.max(1)) {
            let block = double(block, width);
            out.resize(block.nrows() * dim, 0.0);
            let space = MatMut::from_row_major_slice_mut(&mut out, block.nrows(), dim);
            matmul::matmul(space, Accum::Replace, &block, &self.0, 1.0, Par::Seq);
            projected.extend(out.iter().map(|&value| value as f32));
        }
        projected
    }
}

/// Rows of single precision as a matrix of double precision.
fn double(rows: &[f32], width: usize) -> Mat<f64> {
    Mat::from_fn(rows.len() / width.max(1), width, |row, column| {
        f64::from(rows[row * width + column])
    })
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

    fn project(rows: &[f32], width: usize, dim: usize) -> Vec<f32> {
        let mut principal = Principal::new(width);
        principal.add(rows, 1.0);
        principal.directions(dim).unwrap().project(rows)
    }

    #[test]
    fn the_longest_directions_come_first() {
        // 2000 points in an ellipse: 3 along (3, 4) / 5, 1 across, nothing in the third dimension.
        let rows: Vec<f32> = (0..2000)
            .flat_map(|n| {
                let (sin, cos) = (n as f32 * std::f32::consts::TAU / 2000.0).sin_cos();
                let (along, across) = (3.0 * cos, sin);
                [0.6 * along - 0.8 * across, 0.8 * along + 0.6 * across, 0.0]
            })
            .collect();
        let found = project(&rows, 3, 2);
        assert_eq!(found.len(), 4000);
        for (n, point) in found.chunks_exact(2).enumerate() {
            let (sin, cos) = (n as f32 * std::f32::consts::TAU / 2000.0).sin_cos();
            assert!((point[0] - 3.0 * cos).abs() < 1e-4, "{n} {point:?}");
            assert!((point[1].abs() - sin.abs()).abs() < 1e-4, "{n} {point:?}");
        }
        assert_eq!(project(&rows, 3, 2), found);
    }

    #[test]
    fn weights_decide_which_direction_is_longest() {
        let first = |weight| {
            let mut principal = Principal::new(2);
            principal.add(&[2.0, 0.0], weight);
            principal.add(&[0.0, 3.0], 1.0);
            principal.directions(1).unwrap().project(&[1.0, 0.0, 0.0, 1.0])
        };
        assert_eq!(first(1.0), [0.0, 1.0]);
        assert_eq!(first(10.0), [1.0, 0.0]);
    }

    #[test]
    fn few_rows_leave_directions_empty() {
        assert_eq!(project(&[], 3, 2), [0.0f32; 0]);
        let none = project(&[0.0; 3], 3, 3);
        assert!(none.iter().all(|&value| value == 0.0), "{none:?}");
        let two = project(&[-1.0, 0.0, 1.0, 0.0], 2, 2);
        assert!((two[0] + 1.0).abs() < 1e-6 && two[1].abs() < 1e-6, "{two:?}");
    }
}
