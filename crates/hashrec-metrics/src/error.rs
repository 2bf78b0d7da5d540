//! Why accumulators can't be merged or compared.

/// Why measurements could not be merged or compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// The two sides measure at different depths.
    #[error("one side measures at k = {left}, the other at k = {right}: use the same k for both")]
    Depth {
        /// Depth of the first side.
        left: usize,
        /// Depth of the second side.
        right: usize,
    },
    /// The two sides did not measure the same posts.
    #[error(
        "the two sides measured different posts ({left} and {right} posts{}): give both the same \
         posts in the same order",
        .community.as_ref().map(|name| format!(" of community {name:?}")).unwrap_or_default()
    )]
    Posts {
        /// The community whose number of posts differs; `None` if the posts aren't grouped.
        community: Option<String>,
        /// Number of posts on the first side.
        left: usize,
        /// Number of posts on the second side.
        right: usize,
    },
    /// A parameter is out of range.
    #[error("parameter {name} is {value}, expected {expected}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The range of allowed values.
        expected: &'static str,
    },
}
