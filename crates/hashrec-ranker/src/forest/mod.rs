//! A gradient-boosted forest that LightGBM trained, validated once and applied in pure Rust.
//!
//! [`Forest::from_lightgbm`] reads LightGBM's model text and rejects whatever it could not apply
//! safely; [`Forest::read`] does the same for the compact binary form. After that, predicting
//! can't fail except for a wrong number of columns: every node is known to lead to a leaf.
//!
//! # How a tree lies in memory
//! Level by level: the root, its two children, theirs, and so on, so that the children of a node
//! stand beside each other and behind their parent. A node is two words: the threshold's bits, and
//! a word with the feature, some flags and the place of the left child, counted from the tree's
//! first node; the right child is the next. A leaf sends every row to the left, and its left child
//! is the leaf itself: walking on from a leaf stays there, which lets several rows walk down in
//! step without asking each of them whether it has arrived. What a leaf adds to the score stands in
//! a table of its own.

#![forbid(unsafe_code)]

mod check;
mod part;
mod predict;
mod text;
mod tree;

use hashrec_storage::Table;
use serde::{Deserialize, Serialize};

use crate::RankerError;

pub(crate) use part::ForestHeader;

/// The largest number of columns a forest may ask for: what fits beside the flags.
const MAX_FEATURES: usize = 1 << 24;
/// The most leaves a tree may have; LightGBM's own limit for `num_leaves`.
const MAX_LEAVES: usize = 131_072;

/// Bits of a node's second word that hold the column: twice the feature, plus [`MISSING_RIGHT`].
/// The upper 32 bits of the word hold the left child.
const COLUMN: u64 = (1 << 25) - 1;
/// A missing value goes right.
const MISSING_RIGHT: u64 = 1;
/// Zero counts as missing.
const ZERO_IS_MISSING: u64 = 1 << 30;
/// The split asks whether the category is in a set; the first word is the set's number.
const CATEGORICAL: u64 = 1 << 31;
/// Where the left child begins in the second word.
const LEFT: u32 = 32;

/// LightGBM's `kZeroThreshold`: values this close to zero are zero. It is the f32 nearest to
/// 1e-35, widened.
const ZERO: f64 = 1e-35_f32 as f64;

/// What turns the sum of the trees into LightGBM's prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Link {
    /// Nothing: ranking and regression.
    Identity,
    /// `1 / (1 + exp(−slope · x))`: binary classification.
    Sigmoid { slope: f64 },
}

/// A validated forest. Cloning is cheap: the tables are shared.
#[derive(Debug, Clone)]
pub struct Forest {
    features: usize,
    link: Link,
    average: bool,
    /// Where each tree's nodes begin, and the end of the last: trees + 1 values.
    starts: Table<u32>,
    /// Two words per node.
    nodes: Table<u64>,
    /// What each node adds to the score, 0 unless it is a leaf.
    output: Table<f64>,
    /// Where each category set begins in `categories`, and the end of the last.
    category_starts: Table<u32>,
    /// Bit sets: category `c` is bit `c % 32` of word `c / 32`.
    categories: Table<u32>,
    /// Per tree: nothing but numerical splits in which zero is a value like any other.
    plain: Vec<bool>,
}

/// The tables of a forest while trees are added.
#[derive(Debug, Default)]
struct Tables {
    starts: Vec<u32>,
    nodes: Vec<u64>,
    output: Vec<f64>,
    category_starts: Vec<u32>,
    categories: Vec<u32>,
}

impl Forest {
    /// Reads a model in LightGBM's text format (version `v4`, as written by LightGBM 4).
    ///
    /// Serves models with one score per row: `binary`, `lambdarank`, `rank_xendcg`,
    /// `regression`, and models without a named objective; numerical and categorical splits, all
    /// kinds of missing values, trees of one leaf, averaged (`rf`) forests.
    ///
    /// # Errors
    /// [`RankerError::Model`] or [`RankerError::Tree`] for a malformed model, naming tree and
    /// field; [`RankerError::Unsupported`] for several classes, linear trees or another objective.
    pub fn from_lightgbm(text: &str) -> Result<Self, RankerError> {
        text::parse(text)
    }

    /// Number of columns a row must have.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Number of trees, at least 1.
    pub fn trees(&self) -> usize {
        self.plain.len()
    }

    /// Number of leaves of all trees together.
    pub fn leaves(&self) -> usize {
        // A binary tree of n leaves has n − 1 inner nodes.
        (self.output.len() + self.trees()) / 2
    }

    /// Turns raw scores, in place, into what LightGBM's `predict` returns: the mean over the
    /// trees for an averaged forest, and the probability `1 / (1 + exp(−σ·x))` for the `binary`
    /// objective. Leaves other scores as they are.
    pub fn transform(&self, scores: &mut [f64]) {
        if self.average {
            let trees = self.trees() as f64;
            scores.iter_mut().for_each(|s| *s /= trees);
        }
        if let Link::Sigmoid { slope } = self.link {
            scores.iter_mut().for_each(|s| *s = 1.0 / (1.0 + (-slope * *s).exp()));
        }
    }
}
