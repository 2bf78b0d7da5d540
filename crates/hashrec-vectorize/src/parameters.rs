//! What the structs of parameters have in common.

use std::ops::RangeInclusive;

use crate::VectorizeError;

/// One `with_…` method for each named field.
macro_rules! setters {
    ($params:ident: $($setter:ident $field:ident $type:ty;)*) => {
        impl $params {$(
            #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
            #[must_use]
            pub fn $setter(self, $field: $type) -> Self {
                Self { $field, ..self }
            }
        )*}
    };
}
pub(crate) use setters;

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
