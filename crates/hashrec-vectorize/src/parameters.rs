//! The ranges of parameters.

use std::ops::RangeInclusive;

use crate::VectorizeError;

/// Checks that a parameter is in its range.
pub(crate) fn within(
    name: &'static str,
    found: usize,
    range: RangeInclusive<usize>,
    expected: &'static str,
) -> Result<(), VectorizeError> {
    let error = || VectorizeError::Parameter { name, found: found.to_string(), expected };
    if range.contains(&found) { Ok(()) } else { Err(error()) }
}
