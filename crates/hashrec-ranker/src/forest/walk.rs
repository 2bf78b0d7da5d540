//! Rows that walk down the trees: for few rows, and for trees that are too large to be swept.

use super::{
    block::Block,
    layout::Forest,
    node::{CATEGORICAL, COLUMN, LEFT, MISSING_RIGHT, ZERO, ZERO_IS_MISSING},
};

impl Forest {
    /// Adds the scores of a few rows to `out`. `twice` is a work buffer.
    pub(super) fn walk(&self, block: Block<'_>, twice: &mut Vec<f32>, out: &mut [f64]) {
        // Stores each value twice. A missing value becomes −∞, below every threshold, and NaN, which
        // compares as not below. A split reads the copy that goes the way its missing values go.
        twice.clear();
        let both = |&x: &f32| [if x.is_nan() { f32::NEG_INFINITY } else { x }, x];
        twice.extend(block.values.iter().flat_map(both));
        let (nodes, _) = self.nodes.as_chunks::<2>();
        // Tree by tree: a tree stays in the nearest cache while all rows pass through it.
        for (span, &plain) in self.starts.windows(2).zip(&self.plain) {
            let span = span[0] as usize..span[1] as usize;
            let (nodes, output) = (&nodes[span.clone()], &self.output[span]);
            if plain {
                walk_plain(nodes, output, twice, 2 * block.width, out);
            } else {
                for (row, score) in block.rows().zip(&mut *out) {
                    *score += output[self.leaf_any(nodes, row)];
                }
            }
        }
    }

    /// The leaf of a row in a tree with any splits.
    fn leaf_any(&self, nodes: &[[u64; 2]], row: &[f32]) -> usize {
        let mut at = 0;
        loop {
            let next = self.step_any(nodes, at, row);
            if next == at {
                return at;
            }
            at = next;
        }
    }

    /// One step down a tree with categorical splits or with zero as a missing value.
    pub(super) fn step_any(&self, nodes: &[[u64; 2]], at: usize, row: &[f32]) -> usize {
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
