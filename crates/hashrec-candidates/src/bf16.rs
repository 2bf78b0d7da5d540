//! Half-width floats: the upper half of an `f32`, with 8 bits of precision.
//!
//! Chosen over IEEE half floats because widening is one shift, which every target vectorises, and
//! because no weight can overflow.

/// Rounds to the nearest, ties to even. What is not finite becomes 0.
#[cfg(feature = "train")]
pub(crate) fn narrow(value: f32) -> u16 {
    if !value.is_finite() {
        return 0;
    }
    let bits = value.to_bits();
    let rounded = bits.saturating_add(0x7fff + ((bits >> 16) & 1));
    (rounded >> 16) as u16
}

/// Exact.
#[inline]
pub(crate) fn widen(value: u16) -> f32 {
    f32::from_bits(u32::from(value) << 16)
}

/// Adds `weight` times `row` to `out`.
#[inline]
pub(crate) fn add_scaled(weight: f32, row: &[u16], out: &mut [f32]) {
    out.iter_mut().zip(row).for_each(|(o, &r)| *o += weight * widen(r));
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn round_numbers_are_exact() {
        for value in [0.0, -0.0, 1.0, -2.5, 0.15625, 1e30] {
            assert!((widen(narrow(value)) - value).abs() <= value.abs() / 256.0);
        }
        assert_eq!(widen(narrow(-2.5)), -2.5);
        assert_eq!(narrow(f32::NAN), 0);
        assert_eq!(narrow(f32::INFINITY), 0);
    }

    proptest! {
        #[test]
        fn the_error_is_relative(value in -1e20f32..1e20) {
            prop_assert!((widen(narrow(value)) - value).abs() <= value.abs() / 256.0);
        }
    }
}
