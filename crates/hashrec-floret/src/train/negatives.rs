//! Drawing negative samples.

use rand_pcg::{Pcg64Mcg, rand_core::Rng};

/// Draws words with probability proportional to the square root of their count, in constant time:
/// Walker's alias method, with the table built as in Vose, "A linear algorithm for generating random
/// numbers with a given distribution" (1991).
pub(super) struct Negatives {
    columns: Vec<Column>,
}

/// One of the equally likely columns, each shared by two words.
#[derive(Clone, Copy)]
struct Column {
    /// Probability of the column's own word, in units of 2⁻³².
    own: u32,
    /// The other word.
    other: u32,
}

impl Negatives {
    pub(super) fn new(counts: &[u64]) -> Self {
        let roots: Vec<f64> = counts.iter().map(|&count| (count as f64).sqrt()).collect();
        let mean = roots.iter().sum::<f64>() / roots.len() as f64;
        let mut weights: Vec<f64> = roots.iter().map(|root| root / mean).collect();
        let mut columns: Vec<Column> =
            (0..counts.len() as u32).map(|word| Column { own: u32::MAX, other: word }).collect();
        let (mut large, mut small): (Vec<usize>, Vec<usize>) =
            (0..weights.len()).partition(|&word| weights[word] >= 1.0);
        while let (Some(&donor), Some(word)) = (large.last(), small.pop()) {
            let own = (weights[word] * 2f64.powi(32)) as u32;
            columns[word] = Column { own, other: donor as u32 };
            weights[donor] -= 1.0 - weights[word];
            if weights[donor] < 1.0 {
                large.pop();
                small.push(donor);
            }
        }
        Self { columns }
    }

    /// A random word.
    #[inline]
    pub(super) fn draw(&self, rng: &mut Pcg64Mcg) -> u32 {
        let random = rng.next_u64();
        let column = ((random >> 32) * self.columns.len() as u64) >> 32;
        let Column { own, other } = self.columns[column as usize];
        if random as u32 <= own { column as u32 } else { other }
    }
}

#[cfg(test)]
mod tests {
    use rand_pcg::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn draws_follow_the_square_root_of_the_counts() {
        let counts = [10_000, 900, 400, 100, 1, 1];
        let negatives = Negatives::new(&counts);
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let mut drawn = [0f64; 6];
        let draws = 400_000;
        for _ in 0..draws {
            drawn[negatives.draw(&mut rng) as usize] += 1.0;
        }
        let total: f64 = counts.iter().map(|&c| (c as f64).sqrt()).sum();
        for (count, drawn) in counts.iter().zip(drawn) {
            let expected = (*count as f64).sqrt() / total * f64::from(draws);
            assert!((drawn - expected).abs() < 5.0 * expected.sqrt(), "{count}: {drawn}");
        }
    }
}
