//! What a forest consists of.

use std::sync::Arc;

use hashrec_storage::Table;
use serde::{Deserialize, Serialize};

use super::sweep::Sweep;

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
