//! Random numbers that depend on what they are for, not on what was drawn before.
//!
//! Every use names its purpose and its step; so training resumed in the middle of an epoch draws
//! what an uninterrupted run would have drawn, and no generator has to be saved.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What random numbers are drawn for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Initial = 1,
    Validation = 2,
    Order = 3,
    Dropout = 4,
    Repeats = 5,
}

/// The generator for one purpose at one step (or epoch) of one shard.
pub(super) fn generator(seed: u64, purpose: Purpose, step: u64, shard: u64) -> Pcg64Mcg {
    let mut key = [0u8; 24];
    key[..8].copy_from_slice(&(purpose as u64).to_le_bytes());
    key[8..16].copy_from_slice(&step.to_le_bytes());
    key[16..].copy_from_slice(&shard.to_le_bytes());
    Pcg64Mcg::seed_from_u64(xxh3_64_with_seed(&key, seed))
}

/// `len` numbers from the uniform distribution on [−bound, bound).
pub(super) fn uniform(len: usize, bound: f32, generator: &mut Pcg64Mcg) -> Vec<f32> {
    (0..len).map(|_| (2.0 * generator.random::<f32>() - 1.0) * bound).collect()
}

/// `len` factors of inverted dropout: 0 with probability `rate`, else 1 / (1 − rate).
pub(super) fn dropout(len: usize, rate: f32, generator: &mut Pcg64Mcg) -> Vec<f32> {
    let keep = 1.0 / (1.0 - rate);
    // Four decisions from one draw: 16 bits are enough to tell a rate from its neighbours.
    let threshold = (f64::from(rate) * 65_536.0).round() as u64;
    let mut factors = Vec::with_capacity(len + 3);
    while factors.len() < len {
        let bits = generator.next_u64();
        for part in [bits, bits >> 16, bits >> 32, bits >> 48] {
            factors.push(if part & 0xffff < threshold { 0.0 } else { keep });
        }
    }
    factors.truncate(len);
    factors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_every_part_of_the_key() {
        let first = |seed, purpose, step, shard| generator(seed, purpose, step, shard).next_u64();
        let base = first(1, Purpose::Order, 2, 3);
        assert_eq!(base, first(1, Purpose::Order, 2, 3));
        for other in [
            first(2, Purpose::Order, 2, 3),
            first(1, Purpose::Dropout, 2, 3),
            first(1, Purpose::Order, 3, 3),
            first(1, Purpose::Order, 2, 4),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn dropout_keeps_the_mean() {
        let factors = dropout(40_001, 0.2, &mut generator(1, Purpose::Dropout, 0, 0));
        let zeros = factors.iter().filter(|&&f| f == 0.0).count();
        assert!((7_600..8_400).contains(&zeros), "{zeros}");
        assert!(factors.iter().all(|&f| f == 0.0 || f == 1.25));
        let none = dropout(10, 0.0, &mut generator(1, Purpose::Dropout, 0, 0));
        assert_eq!(none, [1.0; 10]);
    }

    #[test]
    fn uniform_stays_in_bounds() {
        let values = uniform(1000, 0.5, &mut generator(1, Purpose::Initial, 0, 0));
        assert!(values.iter().all(|v| (-0.5..0.5).contains(v)));
        assert!(values.iter().any(|v| *v < -0.4) && values.iter().any(|v| *v > 0.4));
    }
}
