//! The words of a node.
//!
//! The nodes of a tree are ordered level by level: the root, its two children, their children, and so
//! on. Siblings are therefore adjacent and come after their parent. A node is two words: the bits of
//! the threshold, and a word with the feature, some flags and the place of the left child, counted
//! from the root; the right child is the next node. A leaf sends every row to the left, and its left
//! child is the leaf itself. A step from a leaf thus stays there, so several rows can descend in step
//! without checking whether each has arrived. The outputs of the leaves are in a table of their own.

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
