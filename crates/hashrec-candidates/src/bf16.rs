//! Weights as bfloat16: the upper half of an `f32`, with 8 bits of precision.
//!
//! Chosen over IEEE half floats because widening is one shift, which every target vectorises, and
//! because no weight can overflow. One line narrows and one widens; the `half` crate would bring
//! four crates into every host's build, so it only checks both in the tests.

use crate::simd::widest;

/// Rows added in one pass.
const AT_ONCE: usize = 8;

/// Rounds to the nearest, ties to even. Infinities and NaN become 0.
#[cfg(feature = "train")]
pub(crate) fn narrow(value: f32) -> u16 {
    if !value.is_finite() {
        return 0;
    }
    let bits = value.to_bits();
    // Just under half a unit is added, and all of the half where the kept part is odd.
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

/// Exact.
#[inline]
pub(crate) fn widen(value: u16) -> f32 {
    f32::from_bits(u32::from(value) << 16)
}

/// Adds `weight` times `row` to `out`.
#[inline]
fn add_scaled(weight: f32, row: &[u16], out: &mut [f32]) {
    out.iter_mut().zip(row).for_each(|(o, &r)| *o += weight * widen(r));
}

/// Adds rows, each times its weight, to `out`; they are as long as `out`, and those of weight 0 are
/// left out. The scores are loaded and stored once for eight rows, which are added in order: the
/// result is that of adding one by one.
pub(crate) fn add_rows<'a>(terms: impl Iterator<Item = (f32, &'a [u16])>, out: &mut [f32]) {
    let mut terms = terms.filter(|&(weight, _)| weight != 0.0);
    loop {
        let mut count = 0;
        let block: [(f32, &[u16]); AT_ONCE] = std::array::from_fn(|_| {
            let term = terms.next();
            count += usize::from(term.is_some());
            term.unwrap_or_default()
        });
        if count < AT_ONCE {
            let rest = block.into_iter().take(count);
            return rest.for_each(|(weight, row)| add_scaled(weight, row, out));
        }
        widest(
            #[inline(always)]
            || add_block(block, out),
        );
    }
}

/// Adds the weighted rows one after the other, in one pass; each is as long as `out`.
#[inline(always)]
fn add_block(terms: [(f32, &[u16]); AT_ONCE], out: &mut [f32]) {
    // Slices of one known length: without bounds checks the loop becomes vector code.
    let [a, b, c, d, e, f, g, h] = terms.map(|(weight, row)| (weight, &row[..out.len()]));
    for (j, out) in out.iter_mut().enumerate() {
        let sum = *out + a.0 * widen(a.1[j]) + b.0 * widen(b.1[j]) + c.0 * widen(c.1[j]);
        let sum = sum + d.0 * widen(d.1[j]) + e.0 * widen(e.1[j]) + f.0 * widen(f.1[j]);
        *out = sum + g.0 * widen(g.1[j]) + h.0 * widen(h.1[j]);
    }
}

#[cfg(feature = "train")]
#[cfg(test)]
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

    #[test]
    fn widening_agrees_with_half() {
        for bits in 0..=u16::MAX {
            let expected = half::bf16::from_bits(bits).to_f32();
            let same = widen(bits).to_bits() == expected.to_bits();
            assert!(same || (widen(bits).is_nan() && expected.is_nan()), "{bits:#06x}");
        }
    }

    proptest! {
        #[test]
        fn narrowing_rounds_to_the_nearest_even(bits in any::<u32>(), tie in any::<bool>()) {
            let value = f32::from_bits(if tie { bits & 0xffff_0000 | 0x8000 } else { bits });
            let finite = value.is_finite();
            let expected = if finite { half::bf16::from_f32(value).to_bits() } else { 0 };
            prop_assert_eq!(narrow(value), expected);
        }

        #[test]
        fn the_error_is_relative(value in -1e20f32..1e20) {
            prop_assert!((widen(narrow(value)) - value).abs() <= value.abs() / 256.0);
        }
    }
}
