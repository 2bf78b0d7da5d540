//! Checks of a forest's tables that make walking through them safe.

use super::layout::{Forest, Link};
use super::node::{CATEGORICAL, COLUMN, LEFT, MAX_LEAVES, MAX_OUTPUT, ZERO_IS_MISSING};
use crate::{RankerError, error::ModelDefect};

/// Per tree: whether all splits are numerical and treat zero as an ordinary value.
pub(super) fn plain(starts: &[u32], nodes: &[u64]) -> Vec<bool> {
    let odd = CATEGORICAL | ZERO_IS_MISSING;
    let (nodes, _) = nodes.as_chunks::<2>();
    starts
        .windows(2)
        .map(|s| nodes[s[0] as usize..s[1] as usize].iter().all(|[_, word]| word & odd == 0))
        .collect()
}

/// Checks tables from a file, whose lengths already fit: two words and one output per node.
pub(super) fn check(forest: &Forest) -> Result<(), RankerError> {
    if let Link::Sigmoid { slope } = forest.link
        && !(slope.is_finite() && slope > 0.0)
    {
        let defect = ModelDefect::NotPositive { value: slope };
        return Err(RankerError::Model { field: "link", defect });
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

/// Offsets must start at 0, increase strictly, and end at the length of what they divide.
fn bounds(offsets: &[u32], len: usize, field: &'static str) -> Result<(), RankerError> {
    let fits = offsets.first() == Some(&0)
        && offsets.last().map(|&end| end as usize) == Some(len)
        && offsets.windows(2).all(|pair| pair[0] < pair[1]);
    if fits {
        return Ok(());
    }
    Err(RankerError::Model { field, defect: ModelDefect::Offsets })
}

/// In order, the left children of inner nodes must be nodes 1, 3, 5, … Together with the root that
/// makes a tree in which every child comes after its parent, so every path ends at a leaf.
fn check_tree(
    forest: &Forest,
    span: std::ops::Range<usize>,
) -> Result<(), (&'static str, ModelDefect)> {
    let count = span.len();
    let most = 2 * MAX_LEAVES - 1;
    if count > most {
        let (value, maximum) = (count as i64, most as i64);
        return Err(("starts", ModelDefect::Range { position: 0, value, minimum: 1, maximum }));
    }
    let (nodes, _) = forest.nodes[2 * span.start..2 * span.end].as_chunks::<2>();
    let mut reached = 1;
    for (position, (&[threshold, word], &output)) in
        nodes.iter().zip(&forest.output[span]).enumerate()
    {
        if position >= reached {
            return Err(("nodes", ModelDefect::Unreachable { what: "node", position }));
        }
        let left = (word >> LEFT) as usize;
        let flags = word & u64::from(u32::MAX);
        let decision = || ("nodes", ModelDefect::Decision { position, bits: flags as i64 });
        if left == position {
            if threshold != f64::INFINITY.to_bits() || flags != 0 {
                return Err(decision());
            }
            // False also if it is NaN.
            let small = output.abs() <= MAX_OUTPUT;
            if !small {
                return Err(("output", ModelDefect::NotFinite { position }));
            }
            continue;
        }
        if left != reached || reached + 1 >= count {
            let (value, place) = (left as i64, reached as i64);
            let defect = ModelDefect::Range { position, value, minimum: place, maximum: place };
            return Err(("nodes", defect));
        }
        reached += 2;
        if output != 0.0 || flags & !(COLUMN | CATEGORICAL | ZERO_IS_MISSING) != 0 {
            return Err(decision());
        }
        let feature = (flags & COLUMN) / 2;
        if feature >= forest.features as u64 {
            let (value, maximum) = (feature as i64, forest.features as i64 - 1);
            return Err(("nodes", ModelDefect::Range { position, value, minimum: 0, maximum }));
        }
        if flags & CATEGORICAL != 0 {
            let sets = forest.category_starts.len() as u64 - 1;
            if threshold >= sets {
                let (value, sets) = (threshold as f64, sets as usize);
                return Err(("nodes", ModelDefect::NoSet { position, value, sets }));
            }
        } else if f64::from_bits(threshold).is_nan() {
            return Err(("nodes", ModelDefect::NotFinite { position }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::layout::Tables;

    const LEAF: f64 = f64::INFINITY;

    fn node(threshold: f64, left: usize, flags: u64) -> [u64; 2] {
        [threshold.to_bits(), (left as u64) << LEFT | flags]
    }

    fn forest(link: Link, nodes: &[[u64; 2]]) -> Forest {
        let tables = Tables::new();
        let starts = vec![0, nodes.len() as u32];
        Forest {
            features: 1,
            link,
            average: false,
            plain: plain(&starts, nodes.as_flattened()),
            sweep: None,
            starts: starts.into(),
            nodes: nodes.as_flattened().to_vec().into(),
            output: vec![0.0; nodes.len()].into(),
            category_starts: tables.category_starts.into(),
            categories: tables.categories.into(),
        }
    }

    /// A split with these flags and two leaves.
    fn split(flags: u64) -> [[u64; 2]; 3] {
        [node(0.5, 1, flags), node(LEAF, 1, 0), node(LEAF, 2, 0)]
    }

    #[test]
    fn only_trees_of_ordinary_splits_are_plain() {
        assert_eq!(forest(Link::Identity, &split(0)).plain, [true]);
        for flags in [CATEGORICAL, ZERO_IS_MISSING, CATEGORICAL | ZERO_IS_MISSING] {
            assert_eq!(forest(Link::Identity, &split(flags)).plain, [false]);
        }
    }

    #[test]
    fn a_slope_is_above_zero() {
        let checked = |slope| check(&forest(Link::Sigmoid { slope }, &split(0)));
        checked(1.0).unwrap();
        for slope in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            let error = checked(slope).unwrap_err();
            assert!(matches!(error, RankerError::Model { field: "link", .. }), "{error}");
        }
    }

    #[test]
    fn a_tree_has_at_most_so_many_leaves() {
        // Every inner node has a leaf and the next inner node.
        let chain = |leaves: usize| -> Vec<[u64; 2]> {
            let mut nodes = vec![node(0.5, 1, 0)];
            for place in (1..2 * leaves - 1).step_by(2) {
                let last = place + 2 == 2 * leaves - 1;
                nodes.push(if last { node(LEAF, place, 0) } else { node(0.5, place + 2, 0) });
                nodes.push(node(LEAF, place + 1, 0));
            }
            nodes
        };
        check(&forest(Link::Identity, &chain(2))).unwrap();
        check(&forest(Link::Identity, &chain(MAX_LEAVES))).unwrap();
        let error = check(&forest(Link::Identity, &chain(MAX_LEAVES + 1))).unwrap_err();
        let RankerError::Tree { field: "starts", defect, .. } = error else { panic!("{error}") };
        let maximum = 2 * MAX_LEAVES as i64 - 1;
        assert_eq!(
            defect,
            ModelDefect::Range { position: 0, value: maximum + 2, minimum: 1, maximum }
        );
    }
}
