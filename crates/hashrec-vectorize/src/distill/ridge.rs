//! Least squares with a penalty, by conjugate gradients.

use crate::sparse_matrix::SparseMatrix;

/// Steps at most. Single precision gains nothing from more.
const STEPS: usize = 60;
/// Ends when the square of what is left has fallen to this part.
const PRECISE: f64 = 1e-6;

/// The X for which ‖`matrix` X − `targets`‖² + `penalty` ‖X‖² is least. X and `targets` are
/// row-major, of `wide` columns, each of which is a problem of its own; `penalty` is above 0.
///
/// Memory in bytes: 4 × `wide` × (4 × columns of `matrix` + its rows).
pub(super) fn ridge(matrix: &SparseMatrix, targets: &[f32], wide: usize, penalty: f32) -> Vec<f32> {
    let transposed = matrix.transposed();
    let mut rest = Vec::new();
    transposed.times(targets, wide, &mut rest);
    let mut found = vec![0.0; rest.len()];
    let mut direction = rest.clone();
    let mut squares = dots(&rest, &rest, wide);
    let enough = PRECISE * squares.iter().sum::<f64>();
    let (mut there, mut back) = (Vec::new(), Vec::new());
    for _ in 0..STEPS {
        if squares.iter().sum::<f64>() <= enough {
            break;
        }
        matrix.times(&direction, wide, &mut there);
        transposed.times(&there, wide, &mut back);
        back.iter_mut().zip(&direction).for_each(|(back, &value)| *back += penalty * value);
        let steps = ratios(&squares, &dots(&direction, &back, wide));
        add(&mut found, &direction, &steps, 1.0);
        add(&mut rest, &back, &steps, -1.0);
        let now = dots(&rest, &rest, wide);
        let turns = ratios(&now, &squares);
        for (direction, rest) in direction.chunks_exact_mut(wide).zip(rest.chunks_exact(wide)) {
            for ((value, &rest), &turn) in direction.iter_mut().zip(rest).zip(&turns) {
                *value = rest + turn * *value;
            }
        }
        squares = now;
    }
    found
}

/// The inner product of each column with the other matrix's.
fn dots(a: &[f32], b: &[f32], wide: usize) -> Vec<f64> {
    let mut sums = vec![0.0f64; wide];
    for (a, b) in a.chunks_exact(wide).zip(b.chunks_exact(wide)) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64::from(a) * f64::from(b);
        }
    }
    sums
}

/// Quotients; 0 where a column is solved, and nothing is left to divide by.
fn ratios(above: &[f64], below: &[f64]) -> Vec<f32> {
    let ratio = |(&above, &below): (&f64, &f64)| if below > 0.0 { above / below } else { 0.0 };
    above.iter().zip(below).map(|pair| ratio(pair) as f32).collect()
}

/// Adds to each column its multiple of another.
fn add(to: &mut [f32], other: &[f32], times: &[f32], sign: f32) {
    let wide = times.len();
    for (to, other) in to.chunks_exact_mut(wide).zip(other.chunks_exact(wide)) {
        for ((to, &other), &times) in to.iter_mut().zip(other).zip(times) {
            *to += sign * times * other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SparseVector;

    fn matrix(width: usize, rows: &[&[(u32, f32)]]) -> SparseMatrix {
        let mut matrix = SparseMatrix::new(width);
        for row in rows {
            let mut vector = SparseVector::default();
            row.iter().for_each(|&(column, weight)| vector.push(column, weight));
            matrix.push(&vector);
        }
        matrix
    }

    #[test]
    fn the_normal_equations_hold() {
        let rows: [&[(u32, f32)]; 4] =
            [&[(0, 1.0), (1, 2.0)], &[(1, -1.0), (2, 3.0)], &[(0, 0.5), (2, 1.0)], &[]];
        let matrix = matrix(4, &rows);
        let targets = [1.0, 0.0, -2.0, 0.0, 3.0, 0.0, 5.0, 0.0];
        for penalty in [0.01f32, 1.0, 100.0] {
            let found = ridge(&matrix, &targets, 2, penalty);
            // AᵀA X + penalty X = Aᵀ B
            let (mut there, mut left, mut right) = (Vec::new(), Vec::new(), Vec::new());
            matrix.times(&found, 2, &mut there);
            matrix.transposed().times(&there, 2, &mut left);
            matrix.transposed().times(&targets, 2, &mut right);
            for ((left, found), right) in left.iter().zip(&found).zip(&right) {
                let sum = left + penalty * found;
                assert!((sum - right).abs() < 2e-2, "{penalty}: {sum} {right}");
            }
            // Nothing asks for anything else in the second column, or of the last row.
            assert!(found.iter().skip(1).step_by(2).all(|&value| value == 0.0));
            assert_eq!(found[6], 0.0);
        }
    }

    #[test]
    fn columns_do_not_depend_on_each_other() {
        let matrix = matrix(2, &[&[(0, 1.0), (1, 1.0)], &[(1, 2.0)], &[(0, 1.0)]]);
        let both = ridge(&matrix, &[1.0, 100.0, 2.0, -300.0, 3.0, 500.0], 2, 0.5);
        let first = ridge(&matrix, &[1.0, 2.0, 3.0], 1, 0.5);
        let second = ridge(&matrix, &[100.0, -300.0, 500.0], 1, 0.5);
        for (n, found) in both.chunks_exact(2).enumerate() {
            assert!((found[0] - first[n]).abs() < 1e-3 * first[n].abs(), "{found:?} {first:?}");
            assert!((found[1] - second[n]).abs() < 1e-3 * second[n].abs(), "{found:?} {second:?}");
        }
    }

    #[test]
    fn nothing_to_solve_is_nothing_found() {
        assert_eq!(ridge(&matrix(0, &[]), &[], 2, 1.0), [0.0; 0]);
        assert_eq!(ridge(&matrix(1, &[&[(0, 2.0)]]), &[0.0, 0.0], 2, 1.0), [0.0; 2]);
    }
}
