//! What can go wrong while ranking, and what is wrong with a model.

use hashrec_storage::StorageError;

/// Why a model could not be trained, read or applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RankerError {
    /// A part on disk is damaged, of another kind, or from a newer release.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A field of the model's head is missing or makes no sense.
    #[error("LightGBM model, field {field:?}: {problem}")]
    Model {
        /// The field of the model text, or what stands in its place.
        field: &'static str,
        /// What is wrong with it and what was expected.
        problem: String,
    },
    /// A tree is malformed.
    #[error("tree {tree}, field {field:?}: {defect}")]
    Tree {
        /// Position of the tree in the model, from 0.
        tree: usize,
        /// The field of the model text (or the table of the part) that is wrong.
        field: &'static str,
        /// What is wrong with it.
        defect: TreeDefect,
    },
    /// The model is well-formed, but uses something this crate doesn't serve.
    #[error("LightGBM model uses {what}, which is not supported: {advice}")]
    Unsupported {
        /// What the model uses.
        what: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// An array handed in has another size than its neighbours ask for.
    #[error("{what}: expected {expected} elements, got {found}")]
    Shape {
        /// The array.
        what: &'static str,
        /// The number of elements it must have.
        expected: usize,
        /// The number of elements it has.
        found: usize,
    },
    /// The model was trained on other features than the caller computes.
    #[error(
        "the ranker was trained on other features: at position {position} it expects {expected:?}, \
         the caller has {found:?}: train again with this release"
    )]
    Features {
        /// The first position at which the lists differ, from 0.
        position: usize,
        /// The model's feature there, if it has that many.
        expected: Option<String>,
        /// The caller's feature there, if it has that many.
        found: Option<String>,
    },
    /// The model was trained on another version of the features.
    #[error(
        "the ranker was trained on version {found} of the features, this release computes version \
         {expected}: train again"
    )]
    Schema {
        /// The version the caller computes.
        expected: u32,
        /// The version the model was trained on.
        found: u32,
    },
    /// A parameter is outside its range.
    #[error("parameter {name:?} is {value}: expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// Training rows that can't be learned from.
    #[error("training rows{}: {problem}", .post.map(|p| format!(" of post {p}")).unwrap_or_default())]
    Rows {
        /// Ordinal of the post, counting every post handed in from 0; `None` for the whole table.
        post: Option<usize>,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// LightGBM refused a call.
    #[error("LightGBM, {call}: {message}")]
    LightGbm {
        /// What was asked of it.
        call: &'static str,
        /// Its answer.
        message: String,
    },
    /// The progress callback asked to stop.
    #[error("training was cancelled after {trees} trees")]
    Cancelled {
        /// Trees trained until then.
        trees: usize,
    },
}

/// What is wrong with a field of one tree.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeDefect {
    /// The field is not there.
    #[error("is missing")]
    Missing,
    /// The field is there twice.
    #[error("is there twice")]
    Twice,
    /// The line is not `key=value`.
    #[error("found the line {line:?} where `key=value` was expected")]
    Line {
        /// The beginning of the line.
        line: String,
    },
    /// The array has another length than the number of leaves asks for.
    #[error("has {found} values, expected {expected}")]
    Length {
        /// The length it must have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A value is no number of the kind expected.
    #[error("value {position} is {value:?}, which is no number of the expected kind")]
    Number {
        /// Position in the array, from 0.
        position: usize,
        /// The beginning of the value.
        value: String,
    },
    /// A value is NaN, or is infinite where it must not be.
    #[error("value {position} is not a finite number")]
    NotFinite {
        /// Position in the array, from 0.
        position: usize,
    },
    /// A value is outside its range.
    #[error("value {position} is {value}, expected {minimum} to {maximum}")]
    Range {
        /// Position in the array, from 0.
        position: usize,
        /// The value.
        value: i64,
        /// The least value allowed.
        minimum: i64,
        /// The greatest value allowed.
        maximum: i64,
    },
    /// A node has two parents, or is its own ancestor.
    #[error("node {parent} leads to {child}, which another node leads to already")]
    Shared {
        /// The second parent.
        parent: usize,
        /// The child as the field names it: a node from 0, or a leaf as −1 − leaf.
        child: i64,
    },
    /// A node or leaf is not below the root.
    #[error("{what} {position} can't be reached from the root")]
    Unreachable {
        /// "node" or "leaf".
        what: &'static str,
        /// Its position, from 0.
        position: usize,
    },
    /// The decision type has unknown bits or an unknown missing type.
    #[error("value {position} is {bits}: unknown decision or missing type")]
    Decision {
        /// Position in the array, from 0.
        position: usize,
        /// The decision type.
        bits: i64,
    },
    /// The tree's categorical splits don't fit its number of category sets.
    #[error("{problem}")]
    Categories {
        /// What doesn't fit.
        problem: String,
    },
}

/// The beginning of a piece of a foreign file, for messages.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(60).collect()
}
