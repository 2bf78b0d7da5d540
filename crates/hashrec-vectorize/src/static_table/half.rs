//! 16-bit floats, as bits.

/// The largest 16-bit float.
const LARGEST: f32 = 65504.0;
/// 2^112: between the exponents' offsets in 16 and 32 bits.
const SCALE: f32 = f32::from_bits((127 + 112) << 23);

/// The float of 16 bits. Infinities and what is not a number become large numbers.
#[inline]
pub(super) fn from_half(bits: u16) -> f32 {
    let bits = u32::from(bits);
    // The fraction and the exponent as if there were no offset; the product makes good for it, and
    // is exact for small numbers as well.
    let size = f32::from_bits((bits & 0x7fff) << 13) * SCALE;
    f32::from_bits(size.to_bits() | (bits & 0x8000) << 16)
}

/// The nearest 16-bit float, the even one of two; the largest for what is larger.
pub(super) fn to_half(value: f32) -> u16 {
    let sign = (value.to_bits() >> 16 & 0x8000) as u16;
    let size = value.abs().min(LARGEST);
    // Below 2^-14 the steps are 2^-24, which adding 2^-1 rounds to: the steps of numbers from there
    // on are 2^-24.
    if size < f32::from_bits((127 - 14) << 23) {
        let rounded = (size + 0.5).to_bits() - 0.5f32.to_bits();
        return sign | rounded as u16;
    }
    let bits = size.to_bits() - (112 << 23);
    let odd = bits >> 13 & 1;
    sign | ((bits + 0xfff + odd) >> 13) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_survives() {
        for bits in 0..=u16::MAX {
            if bits & 0x7c00 != 0x7c00 {
                assert_eq!(to_half(from_half(bits)), bits, "{bits:x}");
            }
        }
        assert_eq!(from_half(0x3c00), 1.0);
        assert_eq!(from_half(0xc000), -2.0);
        assert_eq!(from_half(1), 2f32.powi(-24));
        assert_eq!(from_half(0x7bff), LARGEST);
    }

    #[test]
    fn the_nearest_half_is_chosen() {
        let halves: Vec<f32> = (0..0x7c00).map(from_half).collect();
        let mut value = 1e-9f32;
        while value < 7e4 {
            let at = halves.partition_point(|&half| half < value).min(halves.len() - 1);
            let (below, above) = (halves[at.saturating_sub(1)], halves[at]);
            let found = from_half(to_half(value));
            let least = (value - below).abs().min((above - value).abs());
            assert_eq!((found - value).abs(), least, "{value:e}");
            assert_eq!(to_half(-value), to_half(value) | 0x8000);
            value *= 1.000_37;
        }
        // Halfway: the even one.
        assert_eq!(to_half(1.0 + 2f32.powi(-11)), 0x3c00);
        assert_eq!(to_half(1.0 + 3.0 * 2f32.powi(-11)), 0x3c02);
        assert_eq!(from_half(to_half(f32::INFINITY)), LARGEST);
    }
}
