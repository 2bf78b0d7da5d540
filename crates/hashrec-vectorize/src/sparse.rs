//! Sparse vectors.

/// A sparse vector: columns in rising order, each with a weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseVector {
    columns: Vec<u32>,
    weights: Vec<f32>,
}

impl SparseVector {
    /// The columns that are not zero, in rising order.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The weights of [`columns`](Self::columns).
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Column and weight, in rising order of columns.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, f32)> + Clone {
        self.columns.iter().copied().zip(self.weights.iter().copied())
    }

    /// Removes everything but keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.columns.clear();
        self.weights.clear();
    }

    /// Adds a column past the last one.
    pub(crate) fn push(&mut self, column: u32, weight: f32) {
        debug_assert!(self.columns.last().is_none_or(|&last| last < column));
        self.columns.push(column);
        self.weights.push(weight);
    }

    /// Makes the vector's length 1; a zero vector stays as it is.
    pub(crate) fn normalize(&mut self) {
        let squares: f32 = self.weights.iter().map(|w| w * w).sum();
        if squares > 0.0 {
            let scale = squares.sqrt().recip();
            self.weights.iter_mut().for_each(|w| *w *= scale);
        }
    }

    /// The inner product: for vectors of length 1, the cosine.
    pub fn dot(&self, other: &Self) -> f32 {
        let (mut i, mut j, mut sum) = (0, 0, 0.0);
        while let (Some(a), Some(b)) = (self.columns.get(i), other.columns.get(j)) {
            if a == b {
                sum += self.weights[i] * other.weights[j];
            }
            i += usize::from(a <= b);
            j += usize::from(b <= a);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(entries: &[(u32, f32)]) -> SparseVector {
        let mut vector = SparseVector::default();
        entries.iter().for_each(|&(column, weight)| vector.push(column, weight));
        vector
    }

    #[test]
    fn the_inner_product_meets_at_shared_columns() {
        let a = vector(&[(1, 2.0), (5, 3.0), (9, 1.0)]);
        let b = vector(&[(0, 7.0), (5, 2.0), (9, 4.0), (12, 1.0)]);
        assert_eq!(a.dot(&b), 10.0);
        assert_eq!(a.dot(&SparseVector::default()), 0.0);
    }

    #[test]
    fn normalising_keeps_zero() {
        let mut a = vector(&[(0, 3.0), (1, 4.0)]);
        a.normalize();
        assert!((a.dot(&a) - 1.0).abs() < 1e-6);
        let mut zero = vector(&[(3, 0.0)]);
        zero.normalize();
        assert_eq!(zero.weights(), &[0.0]);
    }
}
