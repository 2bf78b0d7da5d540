//! Prediction: walking rows down the trees.

use ndarray::ArrayView2;

use super::questions::BLOCK;
const FEW: usize = 1;
use super::layout::{
    CATEGORICAL, COLUMN, Forest, LEFT, Link, MISSING_RIGHT, ZERO, ZERO_IS_MISSING,
};
use crate::{RankerError, error::expect_equal};

/// Number of rows that pass through all trees together: few enough for the nearest cache, and a
/// multiple of the number of rows that descend in step.

impl Forest {
    /// Writes the raw score of every row to `out`: the sum over the trees of the leaf that the row
    /// falls into, added in the order of the trees, so that it equals LightGBM's bit for bit.
    ///
    /// `rows` has shape `[rows, features]`; NaN is a missing value. Rows in standard layout
    /// (row-major and contiguous) are not copied.
    ///
    /// # Errors
    /// [`RankerError::Shape`] unless `rows` has [`Forest::features`] columns and one row per element
    /// of `out`.
    pub fn predict(&self, rows: ArrayView2<'_, f32>, out: &mut [f64]) -> Result<(), RankerError> {
        expect_equal("columns of a row", self.features, rows.ncols())?;
        expect_equal("rows", out.len(), rows.nrows())?;
        out.fill(0.0);
        let rows = rows.as_standard_layout();
        let values = rows.as_slice().unwrap_or_default();
        let mut twice = Vec::new();
        let mut answers = Vec::new();
        for (rows, out) in values.chunks(BLOCK * self.features).zip(out.chunks_mut(BLOCK)) {
            match &self.sweep {
                Some(sweep) if out.len() >= FEW => {
                    let in_set = |set, x| self.in_set(set, x);
                    sweep.add(rows, self.features, in_set, &mut answers, out);
                }
                _ => self.predict_batch(rows, &mut twice, out),
            }
        }
        Ok(())
    }

    /// Turns raw scores, in place, into what LightGBM's `predict` returns: the mean over the trees for
    /// an averaged forest, the probability `1 / (1 + exp(−σ·x))` for the `binary` objective, and the
    /// scores themselves otherwise.
    pub fn transform(&self, scores: &mut [f64]) {
        if self.average {
            let trees = self.trees() as f64;
            scores.iter_mut().for_each(|s| *s /= trees);
        }
        if let Link::Sigmoid { slope } = self.link {
            scores.iter_mut().for_each(|s| *s = 1.0 / (1.0 + (-slope * *s).exp()));
        }
    }

    /// Adds the scores of a few rows to `out`. `twice` is a work buffer.
    fn predict_batch(&self, rows: &[f32], twice: &mut Vec<f32>, out: &mut [f64]) {
        // Stores each value twice. A missing value becomes −∞, below every threshold, and NaN, which
        // compares as not below. A split reads the copy that goes the way its missing values go.
        twice.clear();
        twice
            .extend(rows.iter().flat_map(|&x| [if x.is_nan() { f32::NEG_INFINITY } else { x }, x]));
        let width = self.features;
        let (nodes, _) = self.nodes.as_chunks::<2>();
        // Tree by tree: a tree stays in the nearest cache while all rows pass through it.
        for (span, &plain) in self.starts.windows(2).zip(&self.plain) {
            let span = span[0] as usize..span[1] as usize;
            let (nodes, output) = (&nodes[span.clone()], &self.output[span]);
            if plain {
                walk_plain(nodes, output, twice, 2 * width, out);
            } else {
                for (row, score) in rows.chunks_exact(width).zip(&mut *out) {
                    let mut at = 0;
                    loop {
                        let next = self.step_any(nodes, at, row);
                        if next == at {
                            break;
                        }
                        at = next;
                    }
                    *score += output[at];
                }
            }
        }
    }

    /// One step down a tree with categorical splits or with zero as a missing value.
    fn step_any(&self, nodes: &[[u64; 2]], at: usize, row: &[f32]) -> usize {
        let [threshold, word] = nodes[at];
        let x = f64::from(row[((word & COLUMN) / 2) as usize]);
        let goes_left = if word & CATEGORICAL != 0 {
            self.in_set(threshold as usize, x)
        } else if x.is_nan() || (word & ZERO_IS_MISSING != 0 && x.abs() <= ZERO) {
            word & MISSING_RIGHT == 0
        } else {
            x <= f64::from_bits(threshold)
        };
        (word >> LEFT) as usize + usize::from(!goes_left)
    }

    /// Whether category `x` is in the set; missing, negative and unknown categories are in none.
    /// Categories are truncated toward zero, as in LightGBM.
    fn in_set(&self, set: usize, x: f64) -> bool {
        if x.is_nan() || x <= -1.0 {
            return false;
        }
        let starts = &self.category_starts[set..set + 2];
        let words = &self.categories[starts[0] as usize..starts[1] as usize];
        let category = x as u64;
        usize::try_from(category / 32)
            .ok()
            .and_then(|word| words.get(word))
            .is_some_and(|word| (word >> (category % 32)) & 1 == 1)
    }
}

/// Sends rows of `width` columns through a tree with numerical splits only.
fn walk_plain(nodes: &[[u64; 2]], output: &[f64], rows: &[f32], width: usize, out: &mut [f64]) {
    // A single row waits for memory at every node; several in step keep the processor busy.
    let (rows, out) = walk_in_step::<12>(nodes, output, rows, width, out);
    let (rows, out) = walk_in_step::<4>(nodes, output, rows, width, out);
    walk_in_step::<1>(nodes, output, rows, width, out);
}

/// Sends all whole blocks of `LANES` rows down in step; returns the rest.
#[inline(always)]
fn walk_in_step<'r, 'o, const LANES: usize>(
    nodes: &[[u64; 2]],
    output: &[f64],
    rows: &'r [f32],
    width: usize,
    out: &'o mut [f64],
) -> (&'r [f32], &'o mut [f64]) {
    let (blocks, rest) = out.as_chunks_mut::<LANES>();
    let rows_of_blocks = rows.chunks_exact(LANES * width);
    let rest_of_rows = rows_of_blocks.remainder();
    for (scores, block) in blocks.iter_mut().zip(rows_of_blocks) {
        let mut at = [0_usize; LANES];
        loop {
            let mut moved = 0;
            for (at, row) in at.iter_mut().zip(block.chunks_exact(width)) {
                let next = step(nodes, *at, row);
                moved |= next ^ *at;
                *at = next;
            }
            if moved == 0 {
                break;
            }
        }
        for (score, at) in scores.iter_mut().zip(at) {
            *score += output[at];
        }
    }
    (rest_of_rows, rest)
}

/// One step down; stays at a leaf. In a plain tree the lower half of a node's second word is the
/// column, without flags.
#[inline(always)]
fn step(nodes: &[[u64; 2]], at: usize, row: &[f32]) -> usize {
    let [threshold, word] = nodes[at];
    let x = f64::from(row[word as u32 as usize]);
    // Comparisons with NaN are false, so it goes right.
    let goes_left = x <= f64::from_bits(threshold);
    (word >> LEFT) as usize + usize::from(!goes_left)
}
