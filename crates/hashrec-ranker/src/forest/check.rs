//! What must hold of a forest's tables before a row may walk through them.

use super::{CATEGORICAL, FEATURE, Forest, Link, MAX_LEAVES, MISSING_LEFT, ZERO_IS_MISSING};
use crate::{RankerError, error::TreeDefect};

/// Per tree: whether it has numerical splits only, in which zero is no missing value.
pub(super) fn plain(starts: &[u32], split: &[u32]) -> Vec<bool> {
    let odd = CATEGORICAL | ZERO_IS_MISSING;
    starts
        .windows(2)
        .map(|s| split[s[0] as usize..s[1] as usize].iter().all(|w| w & odd == 0))
        .collect()
}

/// Checks tables that come from a file. Their lengths must fit each other already: one value and
/// split word and two children per node.
pub(super) fn check(forest: &Forest) -> Result<(), RankerError> {
    if let Link::Sigmoid { slope } = forest.link
        && !(slope.is_finite() && slope > 0.0)
    {
        let problem = format!("the slope is {slope}, expected a positive number");
        return Err(RankerError::Model { field: "link", problem });
    }
    bounds(&forest.starts, forest.value.len(), "starts")?;
    bounds(&forest.category_starts, forest.categories.len(), "category_starts")?;
    let mut referenced = Vec::new();
    for (tree, span) in forest.starts.windows(2).enumerate() {
        let span = span[0] as usize..span[1] as usize;
        check_tree(forest, span, &mut referenced).map_err(|(field, defect)| RankerError::Tree {
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

/// Every child stands behind its parent and has one parent: with the root in front that makes a
/// tree, in which every walk ends at a leaf.
fn check_tree(
    forest: &Forest,
    span: std::ops::Range<usize>,
    referenced: &mut Vec<bool>,
) -> Result<(), (&'static str, TreeDefect)> {
    let nodes = span.len();
    let (least, most) = (1, 2 * MAX_LEAVES - 1);
    if !(least..=most).contains(&nodes) {
        let (value, minimum, maximum) = (nodes as i64, least as i64, most as i64);
        return Err(("starts", TreeDefect::Range { position: 0, value, minimum, maximum }));
    }
    referenced.clear();
    referenced.resize(nodes, false);
    for (node, at) in span.enumerate() {
        if forest.value[at].is_nan() {
            return Err(("value", TreeDefect::NotFinite { position: node }));
        }
        let split = forest.split[at];
        let children = &forest.children[2 * at..2 * at + 2];
        let feature = split & FEATURE;
        if split & !(FEATURE | CATEGORICAL | MISSING_LEFT | ZERO_IS_MISSING) != 0 {
            return Err(("split", TreeDefect::Decision { position: node, bits: split.into() }));
        }
        if feature as usize >= forest.features {
            let (value, maximum) = (feature.into(), forest.features as i64 - 1);
            return Err((
                "split",
                TreeDefect::Range { position: node, value, minimum: 0, maximum },
            ));
        }
        if children.iter().all(|&child| child as usize == node) {
            if split != 0 {
                return Err(("split", TreeDefect::Decision { position: node, bits: split.into() }));
            }
            if forest.value[at].is_infinite() {
                return Err(("value", TreeDefect::NotFinite { position: node }));
            }
            continue;
        }
        for &child in children {
            let index = child as usize;
            if index <= node || index >= nodes {
                let (minimum, maximum) = (node as i64 + 1, nodes as i64 - 1);
                let (position, value) = (node, child.into());
                return Err(("children", TreeDefect::Range { position, value, minimum, maximum }));
            }
            if std::mem::replace(&mut referenced[index], true) {
                return Err(("children", TreeDefect::Shared { parent: node, child: child.into() }));
            }
        }
        if split & CATEGORICAL != 0 {
            let set = forest.value[at];
            let sets = forest.category_starts.len() - 1;
            if set < 0.0 || set.fract() != 0.0 || set >= sets as f64 {
                let problem = format!("node {node} asks for category set {set} of {sets}");
                return Err(("value", TreeDefect::Categories { problem }));
            }
        }
    }
    match referenced.iter().skip(1).position(|r| !r) {
        Some(before) => {
            Err(("children", TreeDefect::Unreachable { what: "node", position: before + 1 }))
        }
        None => Ok(()),
    }
}
