//! The exact fit, for communities whose posts × posts matrix fits in memory.
//!
//! Everything follows from the Cholesky factor L of A = K + 1 + λI, which replaces the matrix. Two
//! triangular solves give α = A⁻¹ Y. The diagonal of G = A⁻¹ is made of the squared lengths of the
//! columns of L⁻¹, computed in blocks of columns. A classifier fitted without post i gives it exactly
//! the score y_i − α_i / G_ii: the closed form of leave-one-out for ridge regression, see Rifkin and
//! Lippert 2007, "Notes on regularized least squares".

use faer::{MatMut, Par};

use super::{
    dense::{cholesky, lower_right, parallel, solve_lower, solve_lower_transposed},
    ridge::{Gram, Reweigh, Ridge, RidgeInput},
};
use crate::{CandidatesError, share::share_out};

/// Columns of the inverse solved at a time.
const BLOCK: usize = 128;

/// Hashtags solved at a time, at least and at most.
const HASHTAGS: (usize, usize) = (32, 128);

/// The blocks of hashtags are a multiple of so many, so that threads finish together.
const SHARES: usize = 4;

/// Posts whose similarities one thread computes at a time.
const COLUMNS: usize = 16;

/// Fits a classifier to the similarities and, if asked for, another to the reweighted ones. The second
/// costs no second look at the posts, but 1.5 · posts² bytes that hold the similarities meanwhile.
pub(crate) fn fit<G: Gram, R: Reweigh>(
    gram: G,
    reweigh: Option<&R>,
    input: &RidgeInput<'_>,
) -> Result<(Ridge, Option<Ridge>), CandidatesError> {
    let posts = input.gold.offsets.len().saturating_sub(1);
    let mut matrix = similarities(&gram, posts, input.threads);
    drop(gram);
    let kept = reweigh.map(|reweigh| (reweigh, lower_half(&matrix, posts, input.threads)));
    let first = solve(&mut matrix, posts, input)?;
    let Some((reweigh, mut kept)) = kept else { return Ok((first, None)) };
    share_out(
        matrix.chunks_mut(posts.max(1)).zip(columns(&mut kept, posts)).enumerate(),
        input.threads,
        || (),
        |(), (post, (column, kept))| {
            restore(kept, &mut column[post..]);
            reweigh.reweigh(post, &mut column[post..]);
        },
    );
    drop(kept);
    Ok((first, Some(solve(&mut matrix, posts, input)?)))
}

/// The lower triangle of K, column-major. What lies above is never touched, so it takes no memory.
fn similarities<G: Gram>(gram: &G, posts: usize, threads: usize) -> Vec<f32> {
    let mut matrix = vec![0.0f32; posts * posts];
    share_out(
        matrix.chunks_mut((posts * COLUMNS).max(1)).enumerate(),
        threads,
        || gram.worker(),
        |worker, (chunk, columns)| {
            for (i, column) in columns.chunks_mut(posts).enumerate() {
                let post = chunk * COLUMNS + i;
                gram.column(worker, post, &mut column[post..]);
            }
        },
    );
    matrix
}

/// A similarity in 24 bits: far more than is kept of the weights that follow from it, and a quarter
/// less memory where the peak is.
type Kept = [u8; 3];

/// The columns of the lower triangle, one after the other.
fn lower_half(matrix: &[f32], n: usize, threads: usize) -> Vec<Kept> {
    let mut half = vec![[0; 3]; n * (n + 1) / 2];
    share_out(
        matrix.chunks(n.max(1)).zip(columns(&mut half, n)).enumerate(),
        threads,
        || (),
        |(), (at, (column, half))| {
            for (kept, similarity) in half.iter_mut().zip(&column[at..]) {
                let [_, rounded @ ..] = similarity.to_bits().saturating_add(0x80).to_le_bytes();
                *kept = rounded;
            }
        },
    );
    half
}

fn restore(kept: &[Kept], column: &mut [f32]) {
    for (similarity, &[low, middle, high]) in column.iter_mut().zip(kept) {
        *similarity = f32::from_le_bytes([0, low, middle, high]);
    }
}

/// The columns of a lower triangle of `n` rows, each from the diagonal on.
fn columns<T>(half: &mut [T], n: usize) -> impl Iterator<Item = &mut [T]> {
    let mut rest = half;
    (0..n).map_while(move |at| rest.split_off_mut(..n - at))
}

/// Fits a classifier to the kernel in the lower triangle of `matrix`, which is overwritten.
fn solve(
    matrix: &mut [f32],
    posts: usize,
    input: &RidgeInput<'_>,
) -> Result<Ridge, CandidatesError> {
    let RidgeInput { gold, asked, penalty, threads } = *input;
    let hashtags = gold.uses.len();
    if posts == 0 {
        let bias = vec![0.0; hashtags];
        return Ok(Ridge { weights: Vec::new(), bias, leave_one_out: Vec::new() });
    }
    for (post, column) in matrix.chunks_mut(posts).enumerate() {
        column[post..].iter_mut().for_each(|k| *k += 1.0);
        column[post] += penalty;
    }
    if !cholesky(matrix, posts, parallel(threads)) {
        return Err(CandidatesError::NotPositiveDefinite { posts });
    }
    let mut dual = vec![0.0f32; posts * hashtags];
    for post in 0..posts {
        for &hashtag in gold.of(post) {
            dual[hashtag as usize * posts + post] = 1.0;
        }
    }
    let whole = lower_right(matrix, posts, 0);
    share_out(
        dual.chunks_mut(posts * hashtags_at_a_time(hashtags)),
        threads,
        || (),
        |(), columns| {
            let width = columns.len() / posts;
            let mut right = MatMut::from_column_major_slice_mut(columns, posts, width);
            solve_lower(whole, right.as_mut(), Par::Seq);
            solve_lower_transposed(whole, right, Par::Seq);
        },
    );
    let diagonal = inverse_diagonal(matrix, posts, asked, threads);

    let bias = dual.chunks_exact(posts).map(|alpha| alpha.iter().sum()).collect();
    let mut leave_one_out = vec![0.0; asked.len() * hashtags];
    if hashtags > 0 {
        let rows = leave_one_out.chunks_exact_mut(hashtags);
        for ((row, &post), g) in rows.zip(asked).zip(diagonal) {
            let alpha = dual.iter().skip(post as usize).step_by(posts);
            row.iter_mut().zip(alpha).for_each(|(o, &a)| *o = -a / g);
            gold.of(post as usize).iter().for_each(|&hashtag| row[hashtag as usize] += 1.0);
        }
    }
    Ok(Ridge { weights: dual, bias, leave_one_out })
}

/// Doesn't depend on the number of threads, so neither do the weights.
fn hashtags_at_a_time(hashtags: usize) -> usize {
    let (least, most) = HASHTAGS;
    let blocks = SHARES * hashtags.div_ceil(SHARES * most).max(1);
    hashtags.div_ceil(blocks).max(least)
}

/// The diagonal elements of (L Lᵀ)⁻¹ at some rising places.
fn inverse_diagonal(lower: &[f32], n: usize, places: &[u32], threads: usize) -> Vec<f32> {
    let mut diagonal = vec![0.0; places.len()];
    share_out(
        diagonal.chunks_mut(BLOCK).zip(places.chunks(BLOCK)),
        threads,
        Vec::new,
        |columns: &mut Vec<f32>, (out, places)| {
            // L⁻¹ is zero above the diagonal, so the columns of a block begin at its first row.
            let from = places[0] as usize;
            let height = n - from;
            columns.clear();
            columns.resize(height * places.len(), 0.0);
            for (column, &place) in columns.chunks_exact_mut(height).zip(places) {
                column[place as usize - from] = 1.0;
            }
            let right = MatMut::from_column_major_slice_mut(columns, height, places.len());
            solve_lower(lower_right(lower, n, from), right, Par::Seq);
            for (o, column) in out.iter_mut().zip(columns.chunks_exact(height)) {
                *o = column.iter().map(|x| x * x).sum();
            }
        },
    );
    diagonal
}
