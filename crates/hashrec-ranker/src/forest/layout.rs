//! How a forest is stored.
//!
//! The nodes of a tree are ordered level by level: the root, its two children, their children, and so
//! on. Siblings are therefore adjacent and come after their parent. A node is two words: the bits of
//! the threshold, and a word with the feature, some flags and the place of the left child, counted
//! from the root; the right child is the next node. A leaf sends every row to the left, and its left
//! child is the leaf itself. A step from a leaf thus stays there, so several rows can descend in step
//! without checking whether each has arrived. The outputs of the leaves are in a table of their own.

use std::sync::Arc;

use hashrec_storage::Table;
use serde::{Deserialize, Serialize};

use super::{check, sweep::Sweep};

/// The largest number of features: what fits beside the flags.
pub(super) const MAX_FEATURES: usize = 1 << 24;
/// The largest number of leaves per tree, LightGBM's own limit.
pub(super) const MAX_LEAVES: usize = 131_072;

/// The largest output of a leaf, either way: no sum over a forest's trees overflows, not even as
/// `f32`. LightGBM's outputs are below 100.
pub(super) const MAX_OUTPUT: f64 = 1e28;

/// Bits of a node's second word for the column: twice the feature, plus [`MISSING_RIGHT`]. The upper
/// 32 bits of the word are the left child.
pub(super) const COLUMN: u64 = (1 << 25) - 1;
/// Flag: missing values go right.
pub(super) const MISSING_RIGHT: u64 = 1;
/// Flag: zero counts as missing.
pub(super) const ZERO_IS_MISSING: u64 = 1 << 30;
/// Flag: the split tests whether a category is in a set; the first word is the set's number.
pub(super) const CATEGORICAL: u64 = 1 << 31;
/// Shift of the left child in the second word.
pub(super) const LEFT: u32 = 32;

/// LightGBM's `kZeroThreshold`: values this close to zero count as zero. It is the `f32` nearest to
/// 1e-35, widened.
pub(super) const ZERO: f64 = 1e-35_f32 as f64;

/// The function from the sum of the trees to LightGBM's prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Link {
    /// Identity: ranking and regression.
    Identity,
    /// `1 / (1 + exp(−slope · x))`: binary classification.
    Sigmoid { slope: f64 },
}

/// A validated forest. Clones share the tables.
#[derive(Debug, Clone)]
pub struct Forest {
    pub(super) features: usize,
    pub(super) link: Link,
    pub(super) average: bool,
    /// The first node of each tree, then the number of nodes.
    pub(super) starts: Table<u32>,
    /// Two words per node.
    pub(super) nodes: Table<u64>,
    /// What each node adds to the score; 0 except for leaves.
    pub(super) output: Table<f64>,
    /// The first word of each category set in `categories`, then the number of words.
    pub(super) category_starts: Table<u32>,
    /// Bit sets: category `c` is bit `c % 32` of word `c / 32`.
    pub(super) categories: Table<u32>,
    /// Per tree: whether all splits are numerical and treat zero as an ordinary value.
    pub(super) plain: Vec<bool>,
    /// The same trees laid out for many rows; `None` if one is too large for that.
    pub(super) sweep: Option<Arc<Sweep>>,
}

/// The tables of a forest under construction.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) starts: Vec<u32>,
    pub(super) nodes: Vec<u64>,
    pub(super) output: Vec<f64>,
    pub(super) category_starts: Vec<u32>,
    pub(super) categories: Vec<u32>,
}

impl Tables {
    /// Tables of a forest without trees.
    pub(super) fn new() -> Self {
        Self { starts: vec![0], category_starts: vec![0], ..Self::default() }
    }
}

impl Forest {
    /// One tree of one leaf: every row has the same score, `value` through the link.
    #[cfg(feature = "train")]
    pub(crate) fn constant(features: usize, binary: bool, value: f64) -> Self {
        Self {
            features,
            link: if binary { Link::Sigmoid { slope: 1.0 } } else { Link::Identity },
            average: false,
            starts: Table::from(vec![0, 1]),
            nodes: Table::from(vec![f64::INFINITY.to_bits(), 0]),
            output: Table::from(vec![value]),
            category_starts: Table::from(vec![0]),
            categories: Table::from(Vec::new()),
            plain: Vec::new(),
            sweep: None,
        }
        .prepared()
    }

    /// Derives from valid tables what prediction needs beside them.
    pub(super) fn prepared(mut self) -> Self {
        self.plain = check::plain(&self.starts, &self.nodes);
        self.sweep = Sweep::of(&self).map(Arc::new);
        self
    }

    /// Number of features, the columns of a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Number of trees, at least 1.
    pub fn trees(&self) -> usize {
        self.plain.len()
    }

    /// Number of leaves of all trees together.
    pub fn leaves(&self) -> usize {
        // A binary tree with n leaves has n − 1 inner nodes.
        (self.output.len() + self.trees()) / 2
    }
}
