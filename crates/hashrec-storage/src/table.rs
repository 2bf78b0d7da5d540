//! Flat arrays that are owned or views into a file.

use std::{fmt, marker::PhantomData, ops::Deref};

use bytes::Bytes;
use safetensors::Dtype;

mod sealed {
    pub trait Sealed {}
}

/// A number that a [`Table`] can hold: of fixed size, and valid with every bit pattern.
pub trait Element: bytemuck::Pod + Send + Sync + sealed::Sealed {
    /// The element's type in the file.
    #[doc(hidden)]
    const DTYPE: Dtype;
}

macro_rules! elements {
    ($($t:ty => $d:ident),*) => {$(
        impl sealed::Sealed for $t {}
        impl Element for $t { const DTYPE: Dtype = Dtype::$d; }
    )*};
}
elements!(u8 => U8, i8 => I8, u16 => U16, u32 => U32, u64 => U64, i64 => I64, f32 => F32, f64 => F64);

/// An immutable flat array of numbers: owned, or a view into a (mapped) part.
///
/// Cloning is cheap; the numbers are shared.
pub struct Table<T> {
    bytes: Bytes,
    element: PhantomData<T>,
}

/// A `Vec<T>` as the owner of bytes: keeps `T`'s alignment, which `Vec<u8>` would lose.
struct Owned<T>(Vec<T>);

impl<T: Element> AsRef<[u8]> for Owned<T> {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

impl<T: Element> Table<T> {
    /// A view of `bytes`, or a copy if they are not aligned for `T` (a map always is). `None` if
    /// they are not a whole number of elements.
    pub(crate) fn view(bytes: Bytes) -> Option<Self> {
        if !bytes.len().is_multiple_of(size_of::<T>()) {
            return None;
        }
        if bytes.is_empty() || bytemuck::try_cast_slice::<u8, T>(&bytes).is_err() {
            return Some(bytemuck::pod_collect_to_vec::<u8, T>(&bytes).into());
        }
        Some(Self { bytes, element: PhantomData })
    }
}

impl<T> Table<T> {
    pub(crate) fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

impl<T: Element> From<Vec<T>> for Table<T> {
    fn from(values: Vec<T>) -> Self {
        let bytes = if values.is_empty() { Bytes::new() } else { Bytes::from_owner(Owned(values)) };
        Self { bytes, element: PhantomData }
    }
}

impl<T: Element> Deref for Table<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // Both constructors guarantee alignment and length; an empty `Bytes` may point anywhere.
        if self.bytes.is_empty() { &[] } else { bytemuck::cast_slice(&self.bytes) }
    }
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), element: PhantomData }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { bytes: Bytes::new(), element: PhantomData }
    }
}

impl<T: Element> PartialEq for Table<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T: Element> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table<{}>[{}]", std::any::type_name::<T>(), self.len())
    }
}
