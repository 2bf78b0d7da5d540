//! From the rows of each leaf to the leaf of each row.

use super::block::BLOCK;

/// The most leaves of a tree that can be swept: as many as six bits tell apart.
pub(super) const LEAVES: usize = 64;

/// Adds to each row's sum the value of its leaf. The sums are in an order of their own, see
/// [`place`].
#[inline(always)]
pub(super) fn add(leaves: &[u64; LEAVES], values: &[f64; LEAVES], sums: &mut [f64; BLOCK]) {
    let codes = transposed(planes(leaves));
    let (sums, _) = sums.as_chunks_mut::<8>();
    for (codes, sums) in codes.into_iter().zip(sums) {
        for (code, sum) in codes.to_le_bytes().into_iter().zip(sums) {
            *sum += values[usize::from(code) % LEAVES];
        }
    }
}

/// Where the sum of a row is.
pub(super) fn place(row: usize) -> usize {
    row % 8 * 8 + row / 8
}

/// Bit by bit of the leaf's number, the rows in whose number it is set.
#[inline(always)]
fn planes(leaves: &[u64; LEAVES]) -> [u64; 8] {
    // Groups of four differ in the upper bits, the leaves within one in the two lowest. Folding
    // groups compiles to faster code than folding single words.
    let (groups, _) = leaves.as_chunks::<4>();
    let mut ors = [[0; 4]; LEAVES / 4];
    ors.copy_from_slice(groups);
    let mut planes = [0; 8];
    for bit in (2..6).rev() {
        let half = 1 << (bit - 2);
        let mut set = [0; 4];
        for at in 0..half {
            let high = ors[at + half];
            set = or(set, high);
            ors[at] = or(ors[at], high);
        }
        planes[bit] = set[0] | set[1] | set[2] | set[3];
    }
    let [_, one, two, three] = ors[0];
    planes[0] = one | three;
    planes[1] = two | three;
    planes
}

#[inline(always)]
fn or(left: [u64; 4], right: [u64; 4]) -> [u64; 4] {
    std::array::from_fn(|at| left[at] | right[at])
}

/// Exchanges the number of the word and the lowest three bits of the place in it: byte `i` of word
/// `j` becomes the bits that row `8 i + j` had in the words.
#[inline(always)]
fn transposed(mut words: [u64; 8]) -> [u64; 8] {
    for (shift, mask) in
        [(4, 0x0f0f_0f0f_0f0f_0f0f), (2, 0x3333_3333_3333_3333), (1, 0x5555_5555_5555_5555_u64)]
    {
        for at in 0..8 {
            if at & shift == 0 {
                let (low, high) = (words[at], words[at | shift]);
                let swapped = (low >> shift ^ high) & mask;
                words[at] = low ^ swapped << shift;
                words[at | shift] = high ^ swapped;
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn every_row_gets_the_value_of_its_leaf() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let values: [f64; LEAVES] = std::array::from_fn(|leaf| leaf as f64);
        let (mut sums, mut expected) = ([0.0; BLOCK], [0.0; BLOCK]);
        for _ in 0..100 {
            let mut leaves = [0; LEAVES];
            for (row, sum) in expected.iter_mut().enumerate() {
                let leaf = rng.random_range(0..LEAVES);
                leaves[leaf] |= 1 << row;
                *sum += values[leaf];
            }
            add(&leaves, &values, &mut sums);
        }
        assert_eq!(std::array::from_fn(|row| sums[place(row)]), expected);
    }
}
