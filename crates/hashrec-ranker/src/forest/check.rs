//! What must hold of a forest's tables before a row may walk through them.

use super::{CATEGORICAL, COLUMN, Forest, LEFT, Link, MAX_LEAVES, ZERO_IS_MISSING};
use crate::{RankerError, error::TreeDefect};

/// Per tree: whether it has numerical splits only, in which zero is no missing value.
pub(super) fn plain(starts: &[u32], nodes: &[u64]) -> Vec<bool> {
    let odd = CATEGORICAL | ZERO_IS_MISSING;
    let (nodes, _) = nodes.as_chunks::<2>();
    starts
        .windows(2)
        .map(|s| nodes[s[0] as usize..s[1] as usize].iter().all(|[_, word]| word & odd == 0))
        .collect()
}

/// Checks tables that come from a file. Their lengths must fit each other already: two words and
/// an output per node.
pub(super) fn check(forest: &Forest) -> Result<(), RankerError> {
    if let Link::Sigmoid { slope } = forest.link
        && !(slope.is_finite() && slope > 0.0)
    {
        let problem = format!("the slope is {slope}, expected a positive number");
        return Err(RankerError::Model { field: "link", problem });
    }
    bounds(&forest.starts, forest.output.len(), "starts")?;
    bounds(&forest.category_starts, forest.categories.len(), "category_starts")?;
    for (tree, span) in forest.starts.windows(2).enumerate() {
        let span = span[0] as usize..span[1] as usize;
        check_tree(forest, span).map_err(|(field, defect)| RankerError::Tree {
            tree,
            field,
            defect,
        })?;
    }
    Ok(())
}

/// Offsets begin with 0, grow, and end with the length of what they divide.
fn bounds(offsets: &[u32], len: usize, field: &'static str) -> Result<(), RankerError> {
    let fits = offsets.first() == Some(&0)
        && offsets.last().map(|&end| end as usize) == Some(len)
        && offsets.windows(2).all(|pair| pair[0] < pair[1]);
    if fits {
        return Ok(());
    }
    let problem = format!("must begin with 0, grow, and end with {len}");
    Err(RankerError::Model { field, problem })
}

/// The left children of inner nodes, taken in order, are places 1, 3, 5, …: with the root in front
/// that makes a tree, in which every child stands behind its parent and every walk ends at a leaf.
fn check_tree(
    forest: &Forest,
    span: std::ops::Range<usize>,
) -> Result<(), (&'static str, TreeDefect)> {
    let count = span.len();
    let most = 2 * MAX_LEAVES - 1;
    if count > most {
        let (value, maximum) = (count as i64, most as i64);
        return Err(("starts", TreeDefect::Range { position: 0, value, minimum: 1, maximum }));
    }
    let (nodes, _) = forest.nodes[2 * span.start..2 * span.end].as_chunks::<2>();
    let mut reached = 1;
    for (position, (&[threshold, word], &output)) in
        nodes.iter().zip(&forest.output[span]).enumerate()
    {
        if position >= reached {
            return Err(("nodes", TreeDefect::Unreachable { what: "node", position }));
        }
        let left = (word >> LEFT) as usize;
        let flags = word & u64::from(u32::MAX);
        let decision = || ("nodes", TreeDefect::Decision { position, bits: flags as i64 });
        if left == position {
            if threshold != f64::INFINITY.to_bits() || flags != 0 {
                return Err(decision());
            }
            if !output.is_finite() {
                return Err(("output", TreeDefect::NotFinite { position }));
            }
            continue;
        }
        if left != reached || reached + 1 >= count {
            let (value, place) = (left as i64, reached as i64);
            let defect = TreeDefect::Range { position, value, minimum: place, maximum: place };
            return Err(("nodes", defect));
        }
        reached += 2;
        if output != 0.0 || flags & !(COLUMN | CATEGORICAL | ZERO_IS_MISSING) != 0 {
            return Err(decision());
        }
        let feature = (flags & COLUMN) / 2;
        if feature >= forest.features as u64 {
            let (value, maximum) = (feature as i64, forest.features as i64 - 1);
            return Err(("nodes", TreeDefect::Range { position, value, minimum: 0, maximum }));
        }
        if flags & CATEGORICAL != 0 {
            let sets = forest.category_starts.len() as u64 - 1;
            if threshold >= sets {
                let problem =
                    format!("node {position} asks for category set {threshold} of {sets}");
                return Err(("nodes", TreeDefect::Categories { problem }));
            }
        } else if f64::from_bits(threshold).is_nan() {
            return Err(("nodes", TreeDefect::NotFinite { position }));
        }
    }
    Ok(())
}
