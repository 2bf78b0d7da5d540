//! Rows that are moved to where the means of texts' rows should point.

use super::ridge::ridge;
use crate::{SparseVector, sparse_matrix::SparseMatrix};

/// Texts whose mean is so much shorter than usual cancel out, and say nothing.
const SHORT: f32 = 0.1;

/// Moves the rows of tokens so that the mean of a text's rows points where its target does, as far
/// as `penalty` lets them. Rows and targets are of `dim` numbers, one after another. `shares` has a
/// vector for each text: how much of the text each row's token is.
///
/// The rows W that are found make ‖S W − targets‖² + `penalty` ‖W − rows‖² / l² least. A row of S
/// has the shares of a text, divided by the length of the mean of the text's present rows; l is what
/// these lengths usually are, so that the unit of rows makes no difference. Rows that no text has
/// stay.
pub(super) fn fit(
    rows: &mut [f32],
    dim: usize,
    shares: &[SparseVector],
    targets: &[f32],
    penalty: f32,
) {
    let means: Vec<f32> = shares.iter().flat_map(|text| mean(rows, dim, text)).collect();
    let lengths: Vec<f32> = means.chunks_exact(dim).map(length).collect();
    let present = lengths.iter().filter(|&&length| length > 0.0).count();
    let usual = length(&lengths) / (present as f32).sqrt();

    let mut used: Vec<u32> = shares.iter().flat_map(SparseVector::columns).copied().collect();
    used.sort_unstable();
    used.dedup();
    let mut matrix = SparseMatrix::new(used.len());
    let mut wanted = Vec::new();
    let vectors = means.chunks_exact(dim).zip(targets.chunks_exact(dim));
    for ((text, &length), (mean, target)) in shares.iter().zip(&lengths).zip(vectors) {
        let says_something = length > SHORT * usual && target.iter().any(|&value| value != 0.0);
        if says_something {
            let mut scaled = SparseVector::default();
            for (column, share) in text.iter() {
                let place = used.partition_point(|&used| used < column);
                scaled.push(place as u32, share / length);
            }
            matrix.push(&scaled);
            wanted.extend(target.iter().zip(mean).map(|(target, mean)| target - mean / length));
        }
    }
    if wanted.is_empty() {
        return;
    }
    let moves = ridge(&matrix, &wanted, dim, penalty / usual.powi(2));
    for (&column, moved) in used.iter().zip(moves.chunks_exact(dim)) {
        if let Some(row) = rows.chunks_exact_mut(dim).nth(column as usize) {
            row.iter_mut().zip(moved).for_each(|(value, moved)| *value += moved);
        }
    }
}

/// The mean of a text's rows.
fn mean(rows: &[f32], dim: usize, text: &SparseVector) -> Vec<f32> {
    let mut mean = vec![0.0; dim];
    for (column, share) in text.iter() {
        let row = rows.chunks_exact(dim).nth(column as usize).unwrap_or_default();
        mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += share * value);
    }
    mean
}

fn length(vector: &[f32]) -> f32 {
    vector.iter().map(|value| value * value).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shares: &[(u32, f32)]) -> SparseVector {
        let mut vector = SparseVector::default();
        shares.iter().for_each(|&(column, share)| vector.push(column, share));
        vector
    }

    #[test]
    fn rows_follow_the_targets_as_far_as_the_penalty_lets_them() {
        // A text of one token of length l: S is 1 / l, and the row of least cost is
        // (l target + penalty row) / (1 + penalty).
        for (length, penalty) in [(2.0f32, 0.01f32), (2.0, 1.0), (0.03, 1.0), (500.0, 10.0)] {
            let mut rows = [9.0, 9.0, length, 0.0];
            fit(&mut rows, 2, &[text(&[(1, 1.0)])], &[0.0, 1.0], penalty);
            let expected = [penalty / (1.0 + penalty), 1.0 / (1.0 + penalty)];
            assert_eq!(rows[..2], [9.0, 9.0]);
            assert!((rows[2] / length - expected[0]).abs() < 1e-4, "{rows:?} {expected:?}");
            assert!((rows[3] / length - expected[1]).abs() < 1e-4, "{rows:?} {expected:?}");
        }
    }

    #[test]
    fn texts_that_say_nothing_move_nothing() {
        let before = [1.0, 0.0, -1.0, 0.01, 0.0, 1.0];
        let cancels = text(&[(0, 0.5), (1, 0.5)]);
        let no_target = text(&[(2, 1.0)]);
        let texts = [text(&[]), cancels.clone(), no_target.clone()];
        let mut rows = before;
        fit(&mut rows, 2, &texts, &[1.0, 0.0, 0.0, 1.0, 0.0, 0.0], 1e-3);
        assert_eq!(rows, before);
        fit(&mut rows, 2, &[], &[], 1.0);
        assert_eq!(rows, before);
        let mut zeros = [0.0; 6];
        fit(&mut zeros, 2, &texts, &[1.0; 6], 1e-3);
        assert_eq!(zeros, [0.0; 6]);
        // Among others, the last text moves its row.
        fit(&mut rows, 2, &[cancels, no_target], &[0.0, 1.0, 1.0, 0.0], 1e-3);
        assert_eq!(rows[..4], before[..4]);
        assert!(rows[4] > 0.9, "{rows:?}");
    }
}
