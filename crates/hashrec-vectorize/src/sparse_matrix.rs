//! Sparse vectors as the rows of one matrix.

use crate::SparseVector;

/// A sparse matrix, row by row (CSR).
pub(crate) struct SparseMatrix {
    width: usize,
    /// Where each row starts, and where the last one ends.
    starts: Vec<usize>,
    columns: Vec<u32>,
    weights: Vec<f32>,
}

impl SparseMatrix {
    /// A matrix of `width` columns without rows.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, starts: vec![0], columns: Vec::new(), weights: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: &SparseVector) {
        self.columns.extend_from_slice(row.columns());
        self.weights.extend_from_slice(row.weights());
        self.starts.push(self.columns.len());
    }

    pub(crate) fn height(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Columns and weights of each row.
    fn rows(&self) -> impl Iterator<Item = (&[u32], &[f32])> {
        self.starts.windows(2).map(|w| (&self.columns[w[0]..w[1]], &self.weights[w[0]..w[1]]))
    }

    /// Rows become columns.
    pub(crate) fn transposed(&self) -> Self {
        let mut starts = vec![0; self.width + 1];
        self.columns.iter().for_each(|&column| starts[column as usize + 1] += 1);
        (0..self.width).for_each(|column| starts[column + 1] += starts[column]);
        let mut next = starts.clone();
        let mut columns = vec![0; self.columns.len()];
        let mut weights = vec![0.0; self.weights.len()];
        for (row, (row_columns, row_weights)) in (0u32..).zip(self.rows()) {
            for (&column, &weight) in row_columns.iter().zip(row_weights) {
                let place = &mut next[column as usize];
                (columns[*place], weights[*place]) = (row, weight);
                *place += 1;
            }
        }
        Self { width: self.height(), starts, columns, weights }
    }

    /// Replaces the content of `out` with this matrix times `right`; both dense and row-major, of
    /// `wide` columns.
    pub(crate) fn times(&self, right: &[f32], wide: usize, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.height() * wide, 0.0);
        for ((columns, weights), sum) in self.rows().zip(out.chunks_exact_mut(wide)) {
            for (&column, &weight) in columns.iter().zip(weights) {
                let row = &right[column as usize * wide..][..wide];
                sum.iter_mut().zip(row).for_each(|(s, r)| *s += weight * r);
            }
        }
    }

    /// The sum over the columns of each one's variance over the rows.
    pub(crate) fn variance(&self) -> f64 {
        let height = self.height() as f64;
        let mut sums = vec![0.0f64; self.width];
        let mut squares = 0.0;
        for (&column, &weight) in self.columns.iter().zip(&self.weights) {
            sums[column as usize] += f64::from(weight);
            squares += f64::from(weight).powi(2);
        }
        let means: f64 = sums.iter().map(|sum| (sum / height).powi(2)).sum();
        (squares / height - means).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> SparseMatrix {
        let mut matrix = SparseMatrix::new(3);
        for row in [&[(0, 1.0), (2, 2.0)][..], &[], &[(2, 3.0)]] {
            let mut vector = SparseVector::default();
            row.iter().for_each(|&(column, weight)| vector.push(column, weight));
            matrix.push(&vector);
        }
        matrix
    }

    #[test]
    fn products_follow_the_definition() {
        let (mut out, right) = (vec![9.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        small().times(&right, 2, &mut out);
        assert_eq!(out, [11.0, 14.0, 0.0, 0.0, 15.0, 18.0]);
        small().transposed().times(&right, 2, &mut out);
        assert_eq!(out, [1.0, 2.0, 0.0, 0.0, 17.0, 22.0]);
    }

    #[test]
    fn variances_add_up() {
        // Columns (1, 0, 0), (0, 0, 0) and (2, 0, 3).
        let expected = (1.0 / 3.0 - 1.0 / 9.0) + (13.0 / 3.0 - 25.0 / 9.0);
        assert!((small().variance() - expected).abs() < 1e-12);
    }
}
