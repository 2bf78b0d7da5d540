//! The widest vector instructions that the machine has.

/// Does work that the compiler turns into vector code, with the widest instructions that the machine
/// has. All of them give the same numbers: additions stay in their order.
///
/// The compiler only does so for a closure, and for what it calls, with `#[inline(always)]`.
#[cfg(feature = "simd")]
#[inline]
pub(crate) fn widest(work: impl FnOnce()) {
    pulp::Arch::new().dispatch(work);
}

/// Does work with the instructions that every machine of this kind has.
#[cfg(not(feature = "simd"))]
#[inline]
pub(crate) fn widest(work: impl FnOnce()) {
    work();
}
