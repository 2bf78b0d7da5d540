//! The exact fit, for communities whose posts × posts matrix fits in memory.
//!
//! Everything follows from the Cholesky factor L of A = K + 1 + λI, which replaces the matrix. Two
//! triangular solves give α = A⁻¹ Y. The diagonal of G = A⁻¹ is made of the squared lengths of the
//! columns of L⁻¹, computed in blocks of columns. A classifier fitted without post i gives it exactly
//! the score y_i − α_i / G_ii: the closed form of leave-one-out for ridge regression, see Rifkin and
//! Lippert 2007, "Notes on regularized least squares".

use faer::{MatMut, Par};

use super::{
    dense::{cholesky, lower_right, parallel, share_out, solve_lower, solve_lower_transposed},
    ridge::{Kernel, Ridge, RidgeInput},
};
use crate::CandidatesError;

/// Columns solved at a time.
const BLOCK: usize = 256;

/// Posts whose kernel rows one thread computes at a time.
const ROWS: usize = 16;

pub(super) fn fit<K: Kernel>(kernel: &K, input: &RidgeInput<'_>) -> Result<Ridge, CandidatesError> {
    let RidgeInput { gold, asked, penalty, threads, .. } = *input;
    let posts = gold.offsets.len().saturating_sub(1);
    let hashtags = gold.uses.len();
    if posts == 0 {
        let bias = vec![0.0; hashtags];
        return Ok(Ridge { weights: Vec::new(), bias, leave_one_out: Vec::new() });
    }
    let mut matrix = system(kernel, posts, penalty, threads);
    if !cholesky(&mut matrix, posts, parallel(threads)) {
        return Err(CandidatesError::NotPositiveDefinite { posts });
    }
    let mut dual = vec![0.0f32; posts * hashtags];
    for post in 0..posts {
        for &hashtag in gold.of(post) {
            dual[hashtag as usize * posts + post] = 1.0;
        }
    }
    let whole = lower_right(&matrix, posts, 0);
    share_out(
        dual.chunks_mut(posts * BLOCK),
        threads,
        || (),
        |(), columns| {
            let width = columns.len() / posts;
            let mut right = MatMut::from_column_major_slice_mut(columns, posts, width);
            solve_lower(whole, right.as_mut(), Par::Seq);
            solve_lower_transposed(whole, right, Par::Seq);
        },
    );
    let diagonal = match asked {
        [] => Vec::new(),
        _ => inverse_diagonal(&matrix, posts, threads),
    };
    drop(matrix);

    let bias = dual.chunks_exact(posts).map(|alpha| alpha.iter().sum()).collect();
    let mut weights = vec![0.0; posts * hashtags];
    for (hashtag, alpha) in dual.chunks_exact(posts).enumerate() {
        alpha.iter().enumerate().for_each(|(post, &a)| weights[post * hashtags + hashtag] = a);
    }
    drop(dual);
    let mut leave_one_out = vec![0.0; asked.len() * hashtags];
    if hashtags > 0 {
        for (row, &post) in leave_one_out.chunks_exact_mut(hashtags).zip(asked) {
            let post = post as usize;
            let (alpha, g) = (&weights[post * hashtags..][..hashtags], diagonal[post]);
            row.iter_mut().zip(alpha).for_each(|(o, &a)| *o = -a / g);
            gold.of(post).iter().for_each(|&hashtag| row[hashtag as usize] += 1.0);
        }
    }
    Ok(Ridge { weights, bias, leave_one_out })
}

/// The lower triangle of K + 1 + λI, column-major.
fn system<K: Kernel>(kernel: &K, posts: usize, penalty: f32, threads: usize) -> Vec<f32> {
    let mut matrix = vec![0.0f32; posts * posts];
    share_out(
        matrix.chunks_mut(posts * ROWS).enumerate(),
        threads,
        || kernel.worker(),
        |worker, (chunk, columns)| {
            for (i, column) in columns.chunks_mut(posts).enumerate() {
                let post = chunk * ROWS + i;
                let column = &mut column[post..];
                kernel.row(worker, post, post, column);
                column.iter_mut().for_each(|k| *k += 1.0);
                column[0] += penalty;
            }
        },
    );
    matrix
}

/// The diagonal of (L Lᵀ)⁻¹.
fn inverse_diagonal(lower: &[f32], n: usize, threads: usize) -> Vec<f32> {
    let mut diagonal = vec![0.0; n];
    share_out(
        diagonal.chunks_mut(BLOCK).enumerate(),
        threads,
        Vec::new,
        |columns: &mut Vec<f32>, (block, out)| {
            // L⁻¹ is zero above the diagonal, so the columns of a block begin at its first row.
            let (from, width) = (block * BLOCK, out.len());
            let height = n - from;
            columns.clear();
            columns.resize(height * width, 0.0);
            (0..width).for_each(|i| columns[i * height + i] = 1.0);
            let right = MatMut::from_column_major_slice_mut(columns, height, width);
            solve_lower(lower_right(lower, n, from), right, Par::Seq);
            for (o, column) in out.iter_mut().zip(columns.chunks_exact(height)) {
                *o = column.iter().map(|x| x * x).sum();
            }
        },
    );
    diagonal
}
