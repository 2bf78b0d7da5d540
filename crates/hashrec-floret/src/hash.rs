//! MurmurHash3 by Austin Appleby (public domain), in its 128-bit variant for 64-bit machines. floret
//! derives table rows from the four 32-bit quarters of the hash.

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

/// The hash of `bytes`, as its two 64-bit halves.
pub(crate) fn murmur3_x64_128(bytes: &[u8], seed: u32) -> (u64, u64) {
    let (blocks, tail) = bytes.as_chunks::<16>();
    let (mut h1, mut h2) = (u64::from(seed), u64::from(seed));
    for block in blocks {
        let (k1, k2) = halves(block);
        h1 ^= mix1(k1);
        h1 = h1.rotate_left(27).wrapping_add(h2).wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 ^= mix2(k2);
        h2 = h2.rotate_left(31).wrapping_add(h1).wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    if !tail.is_empty() {
        // Zero bytes don't change the mixers, so padding equals the original's byte-wise switch.
        let mut block = [0; 16];
        for (to, from) in block.iter_mut().zip(tail) {
            *to = *from;
        }
        let (k1, k2) = halves(&block);
        h2 ^= mix2(k2);
        h1 ^= mix1(k1);
    }
    let length = bytes.len() as u64;
    h1 ^= length;
    h2 ^= length;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    h1 = finish(h1);
    h2 = finish(h2);
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    (h1, h2)
}

/// The four 32-bit quarters of the hash, in floret's order.
pub(crate) fn quarters(bytes: &[u8], seed: u32) -> [u32; 4] {
    let (h1, h2) = murmur3_x64_128(bytes, seed);
    [h1 as u32, (h1 >> 32) as u32, h2 as u32, (h2 >> 32) as u32]
}

fn halves(block: &[u8; 16]) -> (u64, u64) {
    let both = u128::from_le_bytes(*block);
    (both as u64, (both >> 64) as u64)
}

fn mix1(k: u64) -> u64 {
    k.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

fn mix2(k: u64) -> u64 {
    k.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

fn finish(mut k: u64) -> u64 {
    k ^= k >> 33;
    k = k.wrapping_mul(0xff51_afd7_ed55_8ccd);
    k ^= k >> 33;
    k = k.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    k ^ (k >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_published_vectors() {
        assert_eq!(murmur3_x64_128(b"", 0), (0, 0));
        assert_eq!(murmur3_x64_128(b"hello", 0), (0xcbd8_a7b3_41bd_9b02, 0x5b1e_906a_48ae_1d19));
        assert_eq!(
            murmur3_x64_128(b"The quick brown fox jumps over the lazy dog", 0),
            (0xe34b_bc7b_bc07_1b6c, 0x7a43_3ca9_c49a_9347)
        );
    }

    /// The reference's self-test: hashes of 0, 1, 2… bytes with descending seeds, hashed again.
    #[test]
    fn passes_the_verification_of_the_reference() {
        let key: Vec<u8> = (0..=255).collect();
        let hashes: Vec<u8> = (0..256u32)
            .flat_map(|n| {
                let (h1, h2) = murmur3_x64_128(&key[..n as usize], 256 - n);
                [h1.to_le_bytes(), h2.to_le_bytes()].concat()
            })
            .collect();
        assert_eq!(murmur3_x64_128(&hashes, 0).0 as u32, 0x6384_ba69);
    }

    #[test]
    fn quarters_are_low_before_high() {
        let (h1, h2) = murmur3_x64_128("東京".as_bytes(), 7);
        let [a, b, c, d] = quarters("東京".as_bytes(), 7);
        assert_eq!(u64::from(a) | u64::from(b) << 32, h1);
        assert_eq!(u64::from(c) | u64::from(d) << 32, h2);
    }
}
