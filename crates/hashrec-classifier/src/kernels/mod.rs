//! The arithmetic of the net, forward and backward, on plain slices.
//!
//! Training wraps these functions as candle operations; serving calls them directly, on weights
//! that stay in the mapped file. All matrices are row-major `f32`. The tokens of a batch are packed
//! (see [`Sequences`](crate::sequences::Sequences)): no function here ever sees padding.

pub(crate) mod attention;
pub(crate) mod linear;
pub(crate) mod lstm;
pub(crate) mod norm;
pub(crate) mod pool;
pub(crate) mod product;
pub(crate) mod simd;
pub(crate) mod text;
