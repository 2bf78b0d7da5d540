//! Small symmetric linear systems.

/// Solves A x = b by Cholesky's method; of the matrix, which must be positive definite, only the
/// lower triangle is read. `None` if it isn't.
pub(super) fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let below: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            let rest = a[i * n + j] - below;
            a[i * n + j] = if i > j { rest / a[j * n + j] } else { rest.sqrt() };
        }
        if !a[i * n + i].is_normal() {
            return None;
        }
    }
    for i in 0..n {
        let known: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_indefinite_matrix_has_no_solution() {
        assert_eq!(solve(vec![1.0, 0.0, 2.0, 1.0], vec![1.0, 1.0]), None);
        assert_eq!(solve(vec![f64::NAN], vec![1.0]), None);
    }

    proptest! {
        #[test]
        fn the_solution_solves(
            (n, values) in (1..6usize).prop_flat_map(|n| {
                (Just(n), prop::collection::vec(-1.0..1.0f64, n * n + n))
            })
        ) {
            let (of, b) = values.split_at(n * n);
            // M Mᵀ + I is positive definite.
            let entry = |i: usize, j: usize| {
                (0..n).map(|k| of[i * n + k] * of[j * n + k]).sum::<f64>() + f64::from(i == j)
            };
            let a = (0..n * n).map(|at| entry(at / n, at % n)).collect();
            let x = solve(a, b.to_vec()).unwrap();
            for (i, b) in b.iter().enumerate() {
                let sum: f64 = (0..n).map(|j| entry(i, j) * x[j]).sum();
                prop_assert!((sum - b).abs() < 1e-9);
            }
        }
    }
}
