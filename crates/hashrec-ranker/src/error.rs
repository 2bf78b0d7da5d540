//! Errors of training, reading and applying rankers.

use hashrec_storage::StorageError;

/// Why a ranker could not be trained, read or applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RankerError {
    /// A part on disk is damaged, of another kind, or from a newer release.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The head of a model is malformed.
    #[error("LightGBM model, field {field:?}: {defect}")]
    Model {
        /// The field of the model text, or the table of the part.
        field: &'static str,
        /// What is wrong with it.
        defect: ModelDefect,
    },
    /// A tree is malformed.
    #[error("tree {tree}, field {field:?}: {defect}")]
    Tree {
        /// Index of the tree in the model, from 0.
        tree: usize,
        /// The field of the model text, or the table of the part.
        field: &'static str,
        /// What is wrong with it.
        defect: ModelDefect,
    },
    /// The model is well-formed but uses something that this crate doesn't support.
    #[error("the LightGBM model uses {what}, which is not supported: {advice}")]
    Unsupported {
        /// What the model uses.
        what: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// The size of an array doesn't match another array or the model.
    #[error("{what}: expected {expected}, got {found}")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// The expected number.
        expected: usize,
        /// The actual number.
        found: usize,
    },
    /// The ranker was trained on other features than the caller computes.
    #[error(
        "the ranker was trained on other features: at position {position} it expects {expected:?}, \
         the caller has {found:?}; train it again with this release"
    )]
    Features {
        /// The first position at which the lists differ, from 0.
        position: usize,
        /// The ranker's feature at that position, if any.
        expected: Option<String>,
        /// The caller's feature at that position, if any.
        found: Option<String>,
    },
    /// The ranker was trained on another version of the features.
    #[error(
        "the ranker was trained on version {found} of the features, but this release computes \
         version {expected}; train it again"
    )]
    Schema {
        /// The version that the caller computes.
        expected: u32,
        /// The version that the ranker was trained on.
        found: u32,
    },
    /// A parameter is out of range.
    #[error("parameter {name:?} is {value}, expected {expected}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// The range of allowed values.
        expected: &'static str,
    },
    /// A training value is infinite.
    #[error("feature {feature:?} of row {row} of post {post} is infinite")]
    Infinite {
        /// Index of the post, counting every post pushed, from 0.
        post: usize,
        /// Index of the row within the post, from 0.
        row: usize,
        /// Name of the feature.
        feature: String,
    },
    /// A number on disk is infinite or NaN.
    #[error("{what}: number {at} is not finite")]
    NotFinite {
        /// What the number is.
        what: &'static str,
        /// Its position, from 0.
        at: usize,
    },
    /// There is more training data than LightGBM can take.
    #[error("{found} {what} are too many: LightGBM takes at most {maximum}")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// The actual number.
        found: usize,
        /// The largest number allowed.
        maximum: usize,
    },
    /// The training table selected its rows for other parameters than it is trained with.
    #[error(
        "the training table was built for another objective, choice of negatives or seed than it \
         is trained with"
    )]
    OtherParameters,
    /// The training table is empty.
    #[error("the training table has no rows: no candidate was found for any post")]
    NoRows,
    /// A name of a feature occurs twice in the training table.
    #[error("feature {name:?} occurs twice")]
    RepeatedFeature {
        /// The name.
        name: String,
    },
    /// A call to LightGBM failed.
    #[error("LightGBM, {call}: {message}")]
    LightGbm {
        /// What it was asked to do.
        call: &'static str,
        /// Its error message.
        message: String,
    },
    /// The progress callback cancelled the training.
    #[error("training was cancelled after {trees} trees")]
    Cancelled {
        /// Number of trees trained so far.
        trees: usize,
    },
}

/// What is wrong with a field of a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelDefect {
    /// The field is missing.
    #[error("missing")]
    Missing,
    /// The field occurs twice.
    #[error("{key:?} occurs twice")]
    Twice {
        /// Name of the field.
        key: String,
    },
    /// A line is not what was expected.
    #[error("expected {expected}, found the line {line:?}")]
    Line {
        /// What was expected.
        expected: String,
        /// The start of the line.
        line: String,
    },
    /// The array has the wrong length.
    #[error("has {found} values, expected {expected}")]
    Length {
        /// The expected length.
        expected: usize,
        /// The actual length.
        found: usize,
    },
    /// A value can't be parsed as a number of the expected kind.
    #[error("value {position} is {value:?}, expected a number")]
    Number {
        /// Position in the array, from 0.
        position: usize,
        /// The start of the value.
        value: String,
    },
    /// A value is NaN, infinite where it must not be, or the output of a leaf beyond ±10²⁸.
    #[error("value {position} is not a finite number, or too large to be added up")]
    NotFinite {
        /// Position in the array, from 0.
        position: usize,
    },
    /// A value must be above zero.
    #[error("{value} is not a positive number")]
    NotPositive {
        /// The value.
        value: f64,
    },
    /// A value is out of range.
    #[error("value {position} is {value}, expected {minimum} to {maximum}")]
    Range {
        /// Position in the array, from 0.
        position: usize,
        /// The value.
        value: i64,
        /// The smallest value allowed.
        minimum: i64,
        /// The largest value allowed.
        maximum: i64,
    },
    /// Offsets are not increasing or don't cover their data.
    #[error("must start at 0, increase strictly, and end where the data ends")]
    Offsets,
    /// A tree's text has another size than the head says.
    #[error("tree {tree} has {bytes} bytes, the head says {expected:?}")]
    TreeSize {
        /// Index of the tree, from 0.
        tree: usize,
        /// Size of its text.
        bytes: usize,
        /// The size in the head.
        expected: String,
    },
    /// A node has two parents, or is its own ancestor.
    #[error("node {parent} leads to {child}, which another node already leads to")]
    Shared {
        /// The second parent.
        parent: usize,
        /// The child as the field names it: a node from 0, or a leaf as −1 − leaf.
        child: i64,
    },
    /// A node or leaf is not below the root.
    #[error("{what} {position} can't be reached from the root")]
    Unreachable {
        /// `"node"` or `"leaf"`.
        what: &'static str,
        /// Its position, from 0.
        position: usize,
    },
    /// The decision type has unknown bits or an unknown missing type.
    #[error("value {position} is {bits}: unknown decision type or missing type")]
    Decision {
        /// Position in the array, from 0.
        position: usize,
        /// The decision type.
        bits: i64,
    },
    /// A categorical split names a category set that doesn't exist.
    #[error("value {position} is {value}, expected the number of one of {sets} category sets")]
    NoSet {
        /// Position in the array, from 0.
        position: usize,
        /// The value.
        value: f64,
        /// Number of category sets.
        sets: usize,
    },
    /// Two splits use the same category set.
    #[error("value {position} is category set {set}, which another split already uses")]
    SharedSet {
        /// Position in the array, from 0.
        position: usize,
        /// The category set.
        set: usize,
    },
    /// No split uses a category set.
    #[error("no split uses category set {set}")]
    UnusedSet {
        /// The category set.
        set: usize,
    },
}

/// The start of a piece of a foreign file, for messages.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(60).collect()
}

/// [`RankerError::Shape`] unless the numbers are equal.
pub(crate) fn expect_equal(
    what: &'static str,
    expected: usize,
    found: usize,
) -> Result<(), RankerError> {
    if expected == found { Ok(()) } else { Err(RankerError::Shape { what, expected, found }) }
}
