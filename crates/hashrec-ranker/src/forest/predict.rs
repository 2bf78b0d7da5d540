//! Walking rows down the trees.

use super::{CATEGORICAL, COLUMN, Forest, LEFT, MISSING_RIGHT, ZERO, ZERO_IS_MISSING};
use crate::RankerError;

/// Rows that go through all trees together: few enough to stay in a near cache, and a multiple of
/// the rows that walk in step.
const BATCH: usize = 60;

impl Forest {
    /// The raw score of every row: the sum of the leaves it falls into, one per tree, added in
    /// the order of the trees (so equal to LightGBM's, bit for bit).
    ///
    /// `rows` holds `out.len()` rows of `features` columns each, row by row; NaN is a missing
    /// value. Values are compared as `f64`.
    ///
    /// # Errors
    /// [`RankerError::Shape`] if `features` is not [`Forest::features`] or `rows` is not
    /// `out.len() * features` long.
    pub fn predict(
        &self,
        rows: &[f32],
        features: usize,
        out: &mut [f64],
    ) -> Result<(), RankerError> {
        if features != self.features {
            let (expected, found) = (self.features, features);
            return Err(RankerError::Shape { what: "columns of a row", expected, found });
        }
        let expected = out.len().saturating_mul(features);
        if rows.len() != expected {
            return Err(RankerError::Shape { what: "rows", expected, found: rows.len() });
        }
        out.fill(0.0);
        let mut twice = Vec::new();
        let batches = rows.chunks(BATCH * features).zip(out.chunks_mut(BATCH));
        for (rows, out) in batches {
            self.predict_batch(rows, &mut twice, out);
        }
        Ok(())
    }

    /// Adds the scores of a few rows to `out`; `twice` is room to work in.
    fn predict_batch(&self, rows: &[f32], twice: &mut Vec<f32>, out: &mut [f64]) {
        // Each value twice: a missing one once as less than any threshold and once as NaN, which
        // no comparison finds less than anything. A split reads the copy that goes its way.
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

    /// Whether the category `x` is in the set; missing, negative and unknown categories are in
    /// none. A category is cut to a whole number toward zero, as in LightGBM.
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
    // One row alone waits for memory at every node; several keep the processor busy.
    let (rows, out) = walk_in_step::<12>(nodes, output, rows, width, out);
    let (rows, out) = walk_in_step::<4>(nodes, output, rows, width, out);
    walk_in_step::<1>(nodes, output, rows, width, out);
}

/// Sends as many whole blocks of `LANES` rows down in step as there are; returns the rest.
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

/// One step down; stays where it is at a leaf. In a plain tree the lower half of a node's second
/// word is the column, without flags.
#[inline(always)]
fn step(nodes: &[[u64; 2]], at: usize, row: &[f32]) -> usize {
    let [threshold, word] = nodes[at];
    let x = f64::from(row[word as u32 as usize]);
    // NaN is not less than anything: it goes right.
    let goes_left = x <= f64::from_bits(threshold);
    (word >> LEFT) as usize + usize::from(!goes_left)
}
