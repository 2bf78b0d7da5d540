//! What can be wrong with a comparison.

/// Why evaluations could not be merged or compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// They measure at different depths.
    #[error(
        "one evaluation is at k = {left}, the other at k = {right}: evaluate both at the same k"
    )]
    Depth {
        /// The first one's depth.
        left: usize,
        /// The second one's.
        right: usize,
    },
    /// They are not of the same posts.
    #[error(
        "the evaluations are not of the same posts ({what}: {left} and {right}): give both the same posts in the same order"
    )]
    Posts {
        /// What was counted: "posts", or the posts of a community.
        what: String,
        /// The first one's count.
        left: usize,
        /// The second one's.
        right: usize,
    },
    /// A parameter is out of range.
    #[error("parameter {name}: {problem}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it is and what was expected.
        problem: String,
    },
}
