//! Builder setters, written once for all structs of parameters.

/// For each field a method that sets it: `with_dim: dim, usize;`.
///
/// The value is converted, so a field may also be an `Option` of the type, or a `String` that is set
/// from `impl Into<String>`.
#[macro_export]
macro_rules! setters {
    ($($with:ident: $field:ident, $type:ty;)*) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub fn $with(mut self, $field: $type) -> Self {
            self.$field = $field.into();
            self
        }
    )*};
}
