//! Ridge regression on features of the posts, of which there are fewer than posts.
//!
//! With features Φ (posts × features, and a column of ones for the bias) it needs only sums over posts,
//! so posts are processed in blocks. A classifier fitted without post i gives it exactly the score
//! (ŷ_i − h_i y_i) / (1 − h_i), with the leverage h_i = φ_iᵀ (ΦᵀΦ + λI)⁻¹ φ_i; see Rifkin and Lippert
//! 2007, "Notes on regularized least squares".

use faer::{
    Accum, MatMut, MatRef, Par,
    linalg::matmul::{self, triangular::BlockStructure},
};

use super::{
    dense::{cholesky, lower_right, parallel, solve_lower, solve_lower_transposed, to_single},
    ridge::{Ridge, RidgeInput},
};
use crate::{CandidatesError, gold::Gold};

/// Posts in one block.
const BLOCK: usize = 1024;

/// The features of posts.
pub(crate) trait Features: Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// Writes features: in each row of [`count`](Self::count) + 1 numbers the first ones; `post` gives
    /// the post of each row.
    fn fill(&self, post: impl Fn(usize) -> usize + Sync, rows: &mut [f32]);
}

/// A classifier of features.
pub(crate) struct Primal {
    /// Hashtags × features.
    pub(crate) weights: Vec<f64>,
    /// Hashtags.
    pub(crate) bias: Vec<f64>,
    /// Asked posts × hashtags: the scores that a classifier fitted without the post gives it.
    pub(crate) leave_one_out: Vec<f32>,
}

impl Primal {
    /// In single precision.
    pub(crate) fn into_ridge(self) -> Ridge {
        let (weights, bias) = (to_single(&self.weights), to_single(&self.bias));
        Ridge { weights, bias, leave_one_out: self.leave_one_out }
    }
}

/// Fits a classifier to the features of the posts.
pub(crate) fn fit(
    features: &impl Features,
    input: &RidgeInput<'_>,
) -> Result<Primal, CandidatesError> {
    let RidgeInput { gold, asked, penalty, threads } = *input;
    let posts = gold.offsets.len().saturating_sub(1);
    let (hashtags, count) = (gold.uses.len(), features.count());
    let par = parallel(threads);

    // Sums over the posts in double precision, because that of the bias column grows with their
    // number.
    let width = count + 1;
    let mut gram = vec![0.0f64; width * width];
    let mut targets = vec![0.0f64; width * hashtags];
    let mut block = Vec::new();
    let mut block_gram = vec![0.0f32; width * width];
    for from in (0..posts).step_by(BLOCK) {
        rows(features, BLOCK.min(posts - from), |i| from + i, &mut block);
        let columns = columns(&block, width);
        matmul::triangular::matmul(
            MatMut::from_column_major_slice_mut(&mut block_gram, width, width),
            BlockStructure::TriangularLower,
            Accum::Replace,
            columns,
            BlockStructure::Rectangular,
            columns.transpose(),
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
        return Err(CandidatesError::NotPositiveDefinite { posts });
    }
    let mut primal = targets;
    let mut right = MatMut::from_column_major_slice_mut(&mut primal, width, hashtags);
    solve_lower(lower_right(&gram, width, 0), right.as_mut(), par);
    solve_lower_transposed(lower_right(&gram, width, 0), right, par);

    let (gram_root, single) = (to_single(&gram), to_single(&primal));
    let leave_one_out = leave_one_out(features, gold, asked, &gram_root, &single, par);
    let bias = primal.chunks_exact(width).map(|w| w[count]).collect();
    let weights = primal.chunks_exact(width).flat_map(|w| &w[..count]).copied().collect();
    Ok(Primal { weights, bias, leave_one_out })
}

/// Replaces the content of `out` with the features of `count` posts and a 1 after each post's.
fn rows(
    features: &impl Features,
    count: usize,
    post: impl Fn(usize) -> usize + Sync,
    out: &mut Vec<f32>,
) {
    let width = features.count() + 1;
    out.clear();
    out.resize(count * width, 0.0);
    features.fill(post, out);
    out.iter_mut().skip(width - 1).step_by(width).for_each(|bias| *bias = 1.0);
}

/// Columns of `height` numbers each.
fn columns(values: &[f32], height: usize) -> MatRef<'_, f32> {
    MatRef::from_column_major_slice(values, height, values.len() / height)
}

/// Asked posts × hashtags: the scores that a classifier fitted without the post gives it.
fn leave_one_out(
    features: &impl Features,
    gold: Gold<'_>,
    asked: &[u32],
    gram_root: &[f32],
    primal: &[f32],
    par: Par,
) -> Vec<f32> {
    let hashtags = gold.uses.len();
    let width = features.count() + 1;
    let mut scores = vec![0.0f32; asked.len() * hashtags];
    if hashtags == 0 {
        return scores;
    }
    let primal = columns(primal, width);
    let gram_root = lower_right(gram_root, width, 0);
    let mut block = Vec::new();
    for (scores, posts) in scores.chunks_mut(BLOCK * hashtags).zip(asked.chunks(BLOCK)) {
        let count = posts.len();
        rows(features, count, |i| posts[i] as usize, &mut block);
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
