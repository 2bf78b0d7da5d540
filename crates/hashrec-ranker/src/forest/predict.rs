//! Walking rows down the trees.

use super::{CATEGORICAL, FEATURE, Forest, MISSING_LEFT, ZERO, ZERO_IS_MISSING};
use crate::RankerError;

/// Rows that walk down a tree in step. One row alone waits for memory at every node; several
/// independent ones keep the processor busy.
const LANES: usize = 8;

/// One tree's share of the tables.
struct TreeView<'a> {
    value: &'a [f64],
    split: &'a [u32],
    children: &'a [u32],
}

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
        // Tree by tree: a tree stays in the nearest cache while all rows pass through it.
        for (span, &plain) in self.starts.windows(2).zip(&self.plain) {
            let (from, to) = (span[0] as usize, span[1] as usize);
            let tree = TreeView {
                value: &self.value[from..to],
                split: &self.split[from..to],
                children: &self.children[2 * from..2 * to],
            };
            match (tree.value, plain) {
                ([only], _) => out.iter_mut().for_each(|s| *s += only),
                (_, true) => walk_plain(&tree, rows, features, out),
                (_, false) => self.walk_any(&tree, rows, features, out),
            }
        }
        Ok(())
    }

    /// Trees with categorical splits or with zero as a missing value.
    fn walk_any(&self, tree: &TreeView<'_>, rows: &[f32], features: usize, out: &mut [f64]) {
        for (row, score) in rows.chunks_exact(features).zip(out) {
            let mut node = 0;
            loop {
                let split = tree.split[node];
                let x = f64::from(row[(split & FEATURE) as usize]);
                let left = if split & CATEGORICAL != 0 {
                    self.in_set(tree.value[node], x)
                } else if x.is_nan() || (split & ZERO_IS_MISSING != 0 && x.abs() <= ZERO) {
                    split & MISSING_LEFT != 0
                } else {
                    x <= tree.value[node]
                };
                let next = tree.children[2 * node + usize::from(!left)] as usize;
                if next == node {
                    break;
                }
                node = next;
            }
            *score += tree.value[node];
        }
    }

    /// Whether the category `x` is in the set; missing, negative and unknown categories are in
    /// none. A category is cut to a whole number toward zero, as in LightGBM.
    fn in_set(&self, set: f64, x: f64) -> bool {
        let set = set as usize;
        let words = &self.categories
            [self.category_starts[set] as usize..self.category_starts[set + 1] as usize];
        if x.is_nan() || x <= -1.0 {
            return false;
        }
        let category = x as u64;
        usize::try_from(category / 32)
            .ok()
            .and_then(|word| words.get(word))
            .is_some_and(|word| word >> (category % 32) & 1 == 1)
    }
}

/// Trees with numerical splits only.
fn walk_plain(tree: &TreeView<'_>, rows: &[f32], features: usize, out: &mut [f64]) {
    let blocks = out.chunks_exact_mut(LANES).zip(rows.chunks_exact(LANES * features));
    for (scores, block) in blocks {
        let mut at = [0_usize; LANES];
        loop {
            let mut moved = 0;
            for (lane, node) in at.iter_mut().enumerate() {
                let next = step(tree, *node, &block[lane * features..][..features]);
                moved |= next ^ *node;
                *node = next;
            }
            if moved == 0 {
                break;
            }
        }
        for (score, &node) in scores.iter_mut().zip(&at) {
            *score += tree.value[node];
        }
    }
    let done = out.len() / LANES * LANES;
    for (score, row) in out[done..].iter_mut().zip(rows[done * features..].chunks_exact(features)) {
        let mut node = 0;
        loop {
            let next = step(tree, node, row);
            if next == node {
                break;
            }
            node = next;
        }
        *score += tree.value[node];
    }
}

/// One step down; stays where it is at a leaf.
#[inline(always)]
fn step(tree: &TreeView<'_>, node: usize, row: &[f32]) -> usize {
    let split = tree.split[node];
    let x = f64::from(row[(split & FEATURE) as usize]);
    // A comparison with NaN is false, so a missing value is right unless told otherwise.
    let left = (x <= tree.value[node]) | (x.is_nan() & (split & MISSING_LEFT != 0));
    tree.children[2 * node + usize::from(!left)] as usize
}
