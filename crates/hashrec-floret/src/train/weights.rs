//! The numbers that are learned, and how the threads' copies of them become one.

use std::thread;

use rand_pcg::{
    Pcg64Mcg,
    rand_core::{Rng, SeedableRng},
};

use super::kernel::LANES;
use crate::FloretParams;

/// One thread's copy of everything that is learned.
#[derive(Clone)]
pub(super) struct Weights {
    /// One row a bucket: the table that training is for.
    pub(super) input: Rows,
    /// One row a vocabulary word: how it is predicted.
    pub(super) output: Rows,
}

/// Rows of numbers, each padded with zeros to whole blocks.
#[derive(Clone)]
pub(super) struct Rows {
    values: Vec<f32>,
    /// How often each row was changed since the last merge; empty if nothing is to be merged.
    changes: Vec<u32>,
    stride: usize,
}

impl Weights {
    /// Input rows uniform in ±1/dim, output rows zero, as floret starts. `counted` if changes are
    /// to be merged.
    pub(super) fn new(params: &FloretParams, words: usize, counted: bool) -> Self {
        let bucket = params.bucket as usize;
        let mut input = Rows::new(bucket, params.dim, counted);
        let mut rng = Pcg64Mcg::seed_from_u64(params.seed);
        let unit = 2.0 / params.dim as f32 / (1u32 << 24) as f32;
        for row in input.values.chunks_exact_mut(input.stride) {
            for value in row.iter_mut().take(params.dim) {
                // 24 random bits, centred: every such number is exact in f32.
                *value = ((rng.next_u32() >> 8) as f32 - (1u32 << 23) as f32) * unit;
            }
        }
        Self { input, output: Rows::new(words, params.dim, counted) }
    }

    /// The input rows without padding.
    pub(super) fn into_rows(self, dim: usize) -> Vec<f32> {
        let Rows { mut values, stride, .. } = self.input;
        let rows = values.len() / stride;
        for row in 1..rows {
            values.copy_within(row * stride..row * stride + dim, row * dim);
        }
        values.truncate(rows * dim);
        values.shrink_to_fit();
        values
    }
}

impl Rows {
    fn new(rows: usize, dim: usize, counted: bool) -> Self {
        let stride = dim.next_multiple_of(LANES);
        let changes = vec![0; if counted { rows } else { 0 }];
        Self { values: vec![0.0; rows * stride], changes, stride }
    }

    /// The length of a row with its padding.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    #[inline]
    pub(super) fn row(&self, index: u32) -> &[f32] {
        let start = index as usize * self.stride;
        &self.values[start..start + self.stride]
    }

    /// A row about to be changed.
    #[inline]
    pub(super) fn change(&mut self, index: u32) -> &mut [f32] {
        if let Some(changes) = self.changes.get_mut(index as usize) {
            *changes = changes.saturating_add(1);
        }
        let start = index as usize * self.stride;
        &mut self.values[start..start + self.stride]
    }

    /// Pieces of `rows` rows: their numbers and their changes.
    fn pieces(&mut self, rows: usize) -> impl Iterator<Item = Piece<'_>> {
        let stride = self.stride;
        self.values
            .chunks_mut(rows * stride)
            .zip(self.changes.chunks_mut(rows))
            .map(move |(values, changes)| Piece { values, changes, stride })
    }
}

/// Makes the copies equal again. A row that several threads changed becomes their mean, weighted
/// by how often each changed it; so what one thread alone learned is kept whole, and what all
/// learned at the same time doesn't overshoot.
pub(super) fn merge(copies: &mut [Weights]) {
    if copies.len() < 2 {
        return;
    }
    let threads = copies.len();
    let mut inputs: Vec<&mut Rows> = Vec::with_capacity(threads);
    let mut outputs: Vec<&mut Rows> = Vec::with_capacity(threads);
    for Weights { input, output } in copies {
        inputs.push(input);
        outputs.push(output);
    }
    thread::scope(|scope| {
        for rows in [inputs, outputs] {
            let most = rows.first().map_or(0, |r| r.changes.len()).div_ceil(threads).max(1);
            let mut pieces: Vec<_> = rows.into_iter().map(|rows| rows.pieces(most)).collect();
            loop {
                let same: Vec<Piece<'_>> = pieces.iter_mut().filter_map(Iterator::next).collect();
                if same.is_empty() {
                    break;
                }
                scope.spawn(move || merge_pieces(same));
            }
        }
    });
}

/// The same rows of one copy.
struct Piece<'w> {
    values: &'w mut [f32],
    changes: &'w mut [u32],
    stride: usize,
}

fn merge_pieces(mut pieces: Vec<Piece<'_>>) {
    let Some((rows, stride)) = pieces.first().map(|p| (p.changes.len(), p.stride)) else { return };
    let mut mean = vec![0f32; stride];
    for row in 0..rows {
        let at = row * stride..(row + 1) * stride;
        let total: u64 = pieces.iter().map(|p| u64::from(p.changes[row])).sum();
        if total == 0 {
            continue;
        }
        mean.fill(0.0);
        for piece in &mut pieces {
            let share = std::mem::take(&mut piece.changes[row]) as f32 / total as f32;
            if share > 0.0 {
                for (mean, value) in mean.iter_mut().zip(&piece.values[at.clone()]) {
                    *mean += share * value;
                }
            }
        }
        for piece in &mut pieces {
            piece.values[at.clone()].copy_from_slice(&mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_small_and_unpads() {
        let params = FloretParams::default().with_dim(3).with_bucket(5);
        let weights = Weights::new(&params, 2, false);
        assert!(weights.output.values.iter().all(|&v| v == 0.0));
        let padded: Vec<f32> = (0..5).flat_map(|r| weights.input.row(r)[..3].to_vec()).collect();
        assert!(padded.iter().all(|v| v.abs() <= 1.0 / 3.0 && *v != 0.0));
        assert!(weights.input.row(1)[3..].iter().all(|&v| v == 0.0));
        assert_eq!(weights.into_rows(3), padded);
    }

    #[test]
    fn merging_weights_by_changes_and_keeps_what_one_learned() {
        let params = FloretParams::default().with_dim(2).with_bucket(7);
        let mut copies = vec![Weights::new(&params, 3, true); 3];
        let before = copies[0].input.row(0).to_vec();
        copies[1].input.change(4)[0] = 8.0;
        copies[0].output.change(2)[1] = 1.0;
        for _ in 0..3 {
            copies[2].output.change(2)[1] = 5.0;
        }
        merge(&mut copies);
        for copy in &copies {
            assert_eq!(copy.input.row(4)[0], 8.0);
            assert_eq!(copy.output.row(2)[1], 4.0);
            assert_eq!(copy.input.row(0), before);
            assert!(copy.input.changes.iter().chain(&copy.output.changes).all(|&c| c == 0));
        }
    }
}
