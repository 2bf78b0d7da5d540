//! The weights, and how the copies of several threads are merged.

use std::thread;

use rand_pcg::{
    Pcg64Mcg,
    rand_core::{Rng, SeedableRng},
};

use super::kernel::LANES;
use crate::FloretParams;

/// One thread's copy of the weights.
#[derive(Clone)]
pub(super) struct Weights {
    /// One row per bucket: the table to be trained.
    pub(super) input: Rows,
    /// One row per vocabulary word: its output vector.
    pub(super) output: Rows,
}

/// Rows of values, each padded with zeros to a multiple of [`LANES`].
#[derive(Clone)]
pub(super) struct Rows {
    values: Vec<f32>,
    /// Number of changes to each row since the last merge; empty with a single thread.
    changes: Vec<u32>,
    stride: usize,
}

impl Weights {
    /// Initial weights as in floret: input rows uniform in ±1/dim, output rows zero. `counted` turns
    /// on counting changes.
    pub(super) fn new(params: &FloretParams, words: usize, counted: bool) -> Self {
        let bucket = params.bucket as usize;
        let mut input = Rows::new(bucket, params.dim, counted);
        let mut rng = Pcg64Mcg::seed_from_u64(params.seed);
        let unit = 2.0 / params.dim as f32 / (1u32 << 24) as f32;
        for row in input.values.chunks_exact_mut(input.stride) {
            for value in row.iter_mut().take(params.dim) {
                // 24 random bits, centred: each such number is exact in f32.
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

    /// A row to change.
    #[inline]
    pub(super) fn change(&mut self, index: u32) -> &mut [f32] {
        if let Some(changes) = self.changes.get_mut(index as usize) {
            *changes = changes.saturating_add(1);
        }
        let start = index as usize * self.stride;
        &mut self.values[start..start + self.stride]
    }

    /// Pieces of `rows` rows each.
    fn pieces(&mut self, rows: usize) -> impl Iterator<Item = Piece<'_>> {
        let stride = self.stride;
        self.values
            .chunks_mut(rows * stride)
            .zip(self.changes.chunks_mut(rows))
            .map(move |(values, changes)| Piece { values, changes, stride })
    }
}

/// The weights of all threads.
pub(super) struct Copies {
    /// The weights after the last merge; `None` with a single thread.
    base: Option<Weights>,
    copies: Vec<Weights>,
}

impl Copies {
    pub(super) fn new(params: &FloretParams, words: usize) -> Self {
        let several = params.threads > 1;
        let first = Weights::new(params, words, several);
        Self { base: several.then(|| first.clone()), copies: vec![first; params.threads] }
    }

    /// Each thread's copy.
    pub(super) fn each(&mut self) -> &mut [Weights] {
        &mut self.copies
    }

    /// The learned table, without padding.
    pub(super) fn into_rows(mut self, dim: usize) -> Vec<f32> {
        self.copies.swap_remove(0).into_rows(dim)
    }

    /// Makes all copies equal again: each row moves by the sum of the threads' moves, times a
    /// damping factor (see [`damping`]). `rate` is the learning rate.
    pub(super) fn merge(&mut self, rate: f32) {
        let Some(base) = &mut self.base else { return };
        let threads = self.copies.len();
        let mut inputs = vec![&mut base.input];
        let mut outputs = vec![&mut base.output];
        for Weights { input, output } in &mut self.copies {
            inputs.push(input);
            outputs.push(output);
        }
        thread::scope(|scope| {
            for rows in [inputs, outputs] {
                let most = rows.first().map_or(0, |r| r.changes.len()).div_ceil(threads).max(1);
                let mut pieces: Vec<_> = rows.into_iter().map(|rows| rows.pieces(most)).collect();
                loop {
                    let mut same = pieces.iter_mut().filter_map(Iterator::next);
                    let Some(base) = same.next() else { break };
                    let copies: Vec<Piece<'_>> = same.collect();
                    scope.spawn(move || merge_pieces(base, copies, rate));
                }
            }
        });
    }
}

/// The damping factor of a row that each thread changed `changes` times.
///
/// A single thread making all the changes would see the earlier ones and converge; threads that
/// don't see each other's changes overshoot. If n changes reduce the distance to the optimum to
/// 1 / (1 + p n), they move the row by n / (1 + p n). The damping is the move of all changes
/// together, divided by the sum of the moves of each thread. It is 1 for rows that one thread
/// changed, or that all changed little, and approaches 1 / threads (the mean of the moves) for rows
/// that all changed often. `pull` is p.
fn damping(changes: impl Iterator<Item = u32>, pull: f32) -> f32 {
    let moved = |n: f32| n / (1.0 + pull * n);
    let (mut all, mut sum) = (0.0, 0.0);
    for n in changes {
        all += n as f32;
        sum += moved(n as f32);
    }
    moved(all) / sum
}

/// The share of its distance to the optimum by which one change is assumed to move a row, at a
/// learning rate of 1.
const PULL: f32 = 0.2;

/// A run of rows of one copy.
struct Piece<'w> {
    values: &'w mut [f32],
    changes: &'w mut [u32],
    stride: usize,
}

fn merge_pieces(base: Piece<'_>, mut copies: Vec<Piece<'_>>, rate: f32) {
    let stride = base.stride;
    let mut moves = vec![0f32; stride];
    for (row, base) in base.values.chunks_exact_mut(stride).enumerate() {
        let at = row * stride..(row + 1) * stride;
        if copies.iter().all(|copy| copy.changes[row] == 0) {
            continue;
        }
        let damping = damping(copies.iter().map(|copy| copy.changes[row]), rate * PULL);
        moves.fill(0.0);
        for copy in &mut copies {
            if std::mem::take(&mut copy.changes[row]) > 0 {
                for ((sum, now), before) in
                    moves.iter_mut().zip(&copy.values[at.clone()]).zip(&*base)
                {
                    *sum += now - before;
                }
            }
        }
        for (value, sum) in base.iter_mut().zip(&moves) {
            *value += damping * sum;
        }
        for copy in &mut copies {
            copy.values[at.clone()].copy_from_slice(base);
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
    fn merging_adds_what_each_thread_learned() {
        let params = FloretParams::default().with_dim(2).with_bucket(7).with_threads(3);
        let mut copies = Copies::new(&params, 3);
        let before = copies.each()[0].input.row(0).to_vec();
        copies.each()[1].input.change(4)[0] = 8.0;
        copies.each()[0].output.change(2)[1] = 1.0;
        copies.each()[2].output.change(2)[1] = 5.0;
        copies.merge(0.05);
        for copy in copies.each() {
            assert_eq!(copy.input.row(4)[0], 8.0);
            assert!((copy.output.row(2)[1] - 6.0).abs() < 0.1);
            assert_eq!(copy.input.row(0), before);
            assert!(copy.input.changes.iter().chain(&copy.output.changes).all(|&c| c == 0));
        }
    }

    #[test]
    fn damping_goes_from_the_sum_to_the_mean() {
        let of = |changes: [u32; 4]| damping(changes.into_iter(), 0.01);
        assert_eq!(of([0, 900, 0, 0]), 1.0);
        assert!(of([1, 1, 1, 1]) > 0.95);
        assert!((0.4..0.6).contains(&of([50, 50, 50, 50])));
        assert!((of([90_000; 4]) - 0.25).abs() < 0.01);
    }
}
