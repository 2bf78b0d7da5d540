//! The fit through landmarks, for communities of any size.
//!
//! With landmarks M among the posts, K is approximated by K_nM K_MM⁻¹ K_Mn = Φ Φᵀ (Nyström), where
//! Φ = K_nM R⁻ᵀ and R is the Cholesky factor of K_MM. Ridge regression on Φ, with a column of ones for
//! the bias, needs only sums over posts, so posts are processed in blocks. A classifier fitted without
//! post i gives it exactly the score (ŷ_i − h_i y_i) / (1 − h_i), with the leverage
//! h_i = φ_iᵀ (ΦᵀΦ + λI)⁻¹ φ_i. The features of a post do not depend on its hashtags, so no hashtag
//! leaks into its own score. If every post is a landmark, Φ Φᵀ = K and the fit is the exact one.

use faer::{
    Accum, MatMut, MatRef, Par,
    linalg::matmul::{self, triangular::BlockStructure},
};

use super::{
    dense::{cholesky, lower_right, parallel, solve_lower, solve_lower_transposed},
    ridge::{Kernel, Ridge, RidgeInput},
};
use crate::{CandidatesError, nearest::Gold, share::share_out};

/// Posts in one block.
const BLOCK: usize = 1024;

/// Posts whose kernel rows one thread computes at a time.
const ROWS: usize = 32;

/// Added to the diagonal of K_MM, which equal posts would make singular.
const JITTER: f64 = 1e-6;

pub(crate) fn fit<K: Kernel>(
    kernel: &K,
    landmarks: &[u32],
    input: &RidgeInput<'_>,
) -> Result<Ridge, CandidatesError> {
    let RidgeInput { gold, asked, penalty, threads } = *input;
    let posts = gold.offsets.len().saturating_sub(1);
    let (hashtags, m) = (gold.uses.len(), landmarks.len());
    let par = parallel(threads);
    let singular = CandidatesError::NotPositiveDefinite { posts };
    let mut root = landmark_system(kernel, landmarks, threads);
    if !cholesky(&mut root, m, par) {
        return Err(singular);
    }
    let map = FeatureMap { kernel, root: to_single(&root), m, threads };

    // Sums over the posts in double precision, because that of the bias column grows with their
    // number.
    let width = m + 1;
    let mut gram = vec![0.0f64; width * width];
    let mut targets = vec![0.0f64; width * hashtags];
    let mut block = Vec::new();
    let mut block_gram = vec![0.0f32; width * width];
    for from in (0..posts).step_by(BLOCK) {
        let count = BLOCK.min(posts - from);
        map.features(count, |i| from + i, &mut block);
        let features = columns(&block, width);
        matmul::triangular::matmul(
            MatMut::from_column_major_slice_mut(&mut block_gram, width, width),
            BlockStructure::TriangularLower,
            Accum::Replace,
            features,
            BlockStructure::Rectangular,
            features.transpose(),
            BlockStructure::Rectangular,
            1.0,
            par,
        );
        gram.iter_mut().zip(&block_gram).for_each(|(sum, &g)| *sum += f64::from(g));
        for (i, row) in block.chunks_exact(width).enumerate() {
            for &hashtag in gold.of(from + i) {
                let sums = &mut targets[hashtag as usize * width..][..width];
                sums.iter_mut().zip(row).for_each(|(sum, &f)| *sum += f64::from(f));
            }
        }
    }
    (0..width).for_each(|i| gram[i * width + i] += f64::from(penalty));
    if !cholesky(&mut gram, width, par) {
        return Err(singular);
    }
    let mut primal = targets;
    let mut right = MatMut::from_column_major_slice_mut(&mut primal, width, hashtags);
    solve_lower(lower_right(&gram, width, 0), right.as_mut(), par);
    solve_lower_transposed(lower_right(&gram, width, 0), right, par);

    let (gram_root, single_primal) = (to_single(&gram), to_single(&primal));
    let leave_one_out = leave_one_out(&map, gold, asked, &gram_root, &single_primal, par);
    drop(gram);
    let bias = primal.chunks_exact(width).map(|w| w[m] as f32).collect();
    let mut dual: Vec<f64> = primal.chunks_exact(width).flat_map(|w| &w[..m]).copied().collect();
    let right = MatMut::from_column_major_slice_mut(&mut dual, m, hashtags);
    solve_lower_transposed(lower_right(&root, m, 0), right, par);
    let weights = to_single(&dual);
    Ok(Ridge { weights, bias, leave_one_out })
}

fn to_single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&v| v as f32).collect()
}

/// Columns of `height` numbers each.
fn columns(values: &[f32], height: usize) -> MatRef<'_, f32> {
    MatRef::from_column_major_slice(values, height, values.len() / height)
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

/// Maps posts to rows of Φ, with a final 1 for the bias.
struct FeatureMap<'a, K> {
    kernel: &'a K,
    /// R, column-major.
    root: Vec<f32>,
    /// The number of landmarks.
    m: usize,
    threads: usize,
}

impl<K: Kernel> FeatureMap<'_, K> {
    /// Replaces the content of `out` with the features of `count` posts, m + 1 numbers each; `post`
    /// gives the post of each place.
    fn features(&self, count: usize, post: impl Fn(usize) -> usize + Sync, out: &mut Vec<f32>) {
        let width = self.m + 1;
        out.clear();
        out.resize(count * width, 0.0);
        let root = lower_right(&self.root, self.m, 0);
        share_out(
            out.chunks_mut(width * ROWS).enumerate(),
            self.threads,
            || self.kernel.worker(),
            |worker, (chunk, rows)| {
                for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                    let post = post(chunk * ROWS + i);
                    self.kernel.row(worker, post, 0, &mut row[..self.m]);
                    row[self.m] = 1.0;
                }
                let count = rows.len() / width;
                let rows = MatMut::from_column_major_slice_mut(rows, width, count);
                solve_lower(root, rows.submatrix_mut(0, 0, self.m, count), Par::Seq);
            },
        );
    }
}

/// Asked posts × hashtags: the scores that a classifier fitted without the post gives it.
fn leave_one_out<K: Kernel>(
    map: &FeatureMap<'_, K>,
    gold: Gold<'_>,
    asked: &[u32],
    gram_root: &[f32],
    primal: &[f32],
    par: Par,
) -> Vec<f32> {
    let hashtags = gold.uses.len();
    let width = map.m + 1;
    let mut scores = vec![0.0f32; asked.len() * hashtags];
    if hashtags == 0 {
        return scores;
    }
    let primal = columns(primal, width);
    let gram_root = lower_right(gram_root, width, 0);
    let mut block = Vec::new();
    for (scores, posts) in scores.chunks_mut(BLOCK * hashtags).zip(asked.chunks(BLOCK)) {
        let count = posts.len();
        map.features(count, |i| posts[i] as usize, &mut block);
        matmul::matmul(
            MatMut::from_column_major_slice_mut(scores, hashtags, count),
            Accum::Replace,
            primal.transpose(),
            columns(&block, width),
            1.0,
            par,
        );
        let fitted = MatMut::from_column_major_slice_mut(&mut block, width, count);
        solve_lower(gram_root, fitted, par);
        for (i, row) in scores.chunks_exact_mut(hashtags).enumerate() {
            let leverage: f32 = block[i * width..][..width].iter().map(|x| x * x).sum();
            let carried = gold.of(posts[i] as usize);
            carried.iter().for_each(|&hashtag| row[hashtag as usize] -= leverage);
            // 1 − h is at least λ / (k(i, i) + 1 + λ); the floor guards against rounding.
            let scale = (1.0 - leverage).max(1e-4).recip();
            row.iter_mut().for_each(|score| *score *= scale);
        }
    }
    scores
}
