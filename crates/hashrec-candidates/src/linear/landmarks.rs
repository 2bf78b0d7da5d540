//! The fit through landmarks, for communities of any size.
//!
//! With landmarks M among the posts, K is approximated by K_nM K_MM⁻¹ K_Mn = Φ Φᵀ (Nyström), where
//! Φ = K_nM R⁻ᵀ and R is the Cholesky factor of K_MM. What follows is ridge regression on the features
//! Φ. The features of a post do not depend on its hashtags, so no hashtag leaks into its own score. If
//! every post is a landmark, Φ Φᵀ = K and the fit is the exact one.

use faer::{MatMut, Par};

use super::{
    dense::{cholesky, lower_right, parallel, solve_lower, solve_lower_transposed, to_single},
    primal::{self, Features},
    ridge::{Kernel, Ridge, RidgeInput},
};
use crate::{CandidatesError, share::share_out};

/// Posts whose kernel rows one thread computes at a time.
const ROWS: usize = 32;

/// Added to the diagonal of K_MM, which equal posts would make singular.
const JITTER: f64 = 1e-6;

pub(crate) fn fit<K: Kernel>(
    kernel: &K,
    landmarks: &[u32],
    input: &RidgeInput<'_>,
) -> Result<Ridge, CandidatesError> {
    let posts = input.gold.offsets.len().saturating_sub(1);
    let (hashtags, m) = (input.gold.uses.len(), landmarks.len());
    let (threads, par) = (input.threads, parallel(input.threads));
    let mut root = landmark_system(kernel, landmarks, threads);
    if !cholesky(&mut root, m, par) {
        return Err(CandidatesError::NotPositiveDefinite { posts });
    }
    let map = FeatureMap { kernel, root: to_single(&root), m, threads };
    let fitted = primal::fit(&map, input)?;
    let mut dual = fitted.weights;
    let right = MatMut::from_column_major_slice_mut(&mut dual, m, hashtags);
    solve_lower_transposed(lower_right(&root, m, 0), right, par);
    let (bias, leave_one_out) = (to_single(&fitted.bias), fitted.leave_one_out);
    Ok(Ridge { weights: to_single(&dual), bias, leave_one_out })
}

/// K_MM with jitter, column-major.
fn landmark_system<K: Kernel>(kernel: &K, landmarks: &[u32], threads: usize) -> Vec<f64> {
    let m = landmarks.len();
    let mut matrix = vec![0.0f64; m * m];
    share_out(
        matrix.chunks_mut(m).zip(landmarks).enumerate(),
        threads,
        || (kernel.worker(), vec![0.0; m]),
        |(worker, row), (i, (column, &post))| {
            kernel.row(worker, post as usize, i, &mut row[i..]);
            column[i..].iter_mut().zip(&row[i..]).for_each(|(c, &k)| *c = f64::from(k));
            column[i] += JITTER;
        },
    );
    matrix
}

/// Maps posts to rows of Φ.
struct FeatureMap<'a, K> {
    kernel: &'a K,
    /// R, column-major.
    root: Vec<f32>,
    /// The number of landmarks.
    m: usize,
    threads: usize,
}

impl<K: Kernel> Features for FeatureMap<'_, K> {
    fn count(&self) -> usize {
        self.m
    }

    fn fill(&self, post: impl Fn(usize) -> usize + Sync, out: &mut [f32]) {
        let width = self.m + 1;
        let root = lower_right(&self.root, self.m, 0);
        share_out(
            out.chunks_mut(width * ROWS).enumerate(),
            self.threads,
            || self.kernel.worker(),
            |worker, (chunk, rows)| {
                for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                    let post = post(chunk * ROWS + i);
                    self.kernel.row(worker, post, 0, &mut row[..self.m]);
                }
                let count = rows.len() / width;
                let rows = MatMut::from_column_major_slice_mut(rows, width, count);
                solve_lower(root, rows.submatrix_mut(0, 0, self.m, count), Par::Seq);
            },
        );
    }
}
