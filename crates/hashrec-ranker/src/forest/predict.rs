//! Prediction: the scores of rows.

use ndarray::ArrayView2;

use super::{
    block::{BLOCK, Block},
    layout::{Forest, Link},
};
use crate::{RankerError, error::expect_equal};

/// With fewer rows, walking them down the trees one by one is faster than a sweep, which asks every
/// question of the forest.
const FEW: usize = 8;

/// Work buffers of [`Forest::predict_with`] and [`Ranker::score_with`](crate::Ranker::score_with),
/// for any number of calls and any forests.
#[derive(Debug, Clone, Default)]
pub struct ForestScratch {
    pub(super) twice: Vec<f32>,
    pub(super) answers: Vec<u64>,
}

impl Forest {
    /// Writes the raw score of every row to `out`: the sum over the trees of the leaf that the row
    /// falls into, added in the order of the trees, so that it equals LightGBM's bit for bit.
    ///
    /// `rows` has shape `[rows, features]`; NaN is a missing value. Rows in standard layout
    /// (row-major and contiguous) are not copied.
    ///
    /// # Errors
    /// [`RankerError::Shape`] unless `rows` has [`Forest::features`] columns and one row per element
    /// of `out`.
    pub fn predict(&self, rows: ArrayView2<'_, f32>, out: &mut [f64]) -> Result<(), RankerError> {
        self.predict_with(rows, &mut ForestScratch::default(), out)
    }

    /// Like [`Forest::predict`], with buffers from earlier calls: once these are large enough,
    /// nothing is allocated for rows in standard layout.
    ///
    /// # Errors
    /// Those of [`Forest::predict`].
    pub fn predict_with(
        &self,
        rows: ArrayView2<'_, f32>,
        scratch: &mut ForestScratch,
        out: &mut [f64],
    ) -> Result<(), RankerError> {
        expect_equal("columns of a row", self.features, rows.ncols())?;
        expect_equal("rows", out.len(), rows.nrows())?;
        out.fill(0.0);
        let rows = rows.as_standard_layout();
        let (values, width) = (rows.as_slice().unwrap_or_default(), self.features);
        for (values, out) in values.chunks(BLOCK * width).zip(out.chunks_mut(BLOCK)) {
            let block = Block { values, width };
            match &self.sweep {
                Some(sweep) if out.len() >= FEW => {
                    let in_set = |set, x| self.in_set(set, x);
                    sweep.add(block, in_set, &mut scratch.answers, out);
                }
                _ => self.walk(block, &mut scratch.twice, out),
            }
        }
        Ok(())
    }

    /// Turns raw scores, in place, into what LightGBM's `predict` returns: the mean over the trees for
    /// an averaged forest, the probability `1 / (1 + exp(−σ·x))` for the `binary` objective, and the
    /// scores themselves otherwise.
    pub fn transform(&self, scores: &mut [f64]) {
        if self.average {
            let trees = self.trees() as f64;
            scores.iter_mut().for_each(|s| *s /= trees);
        }
        if let Link::Sigmoid { slope } = self.link {
            scores.iter_mut().for_each(|s| *s = 1.0 / (1.0 + (-slope * *s).exp()));
        }
    }

    /// Whether category `x` is in the set; missing, negative and unknown categories are in none.
    /// Categories are truncated toward zero, as in LightGBM.
    pub(super) fn in_set(&self, set: usize, x: f64) -> bool {
        if x.is_nan() || x <= -1.0 {
            return false;
        }
        let starts = &self.category_starts[set..set + 2];
        let words = &self.categories[starts[0] as usize..starts[1] as usize];
        let category = x as u64;
        usize::try_from(category / 32)
            .ok()
            .and_then(|word| words.get(word))
            .is_some_and(|word| (word >> (category % 32)) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use hashrec_storage::Table;
    use ndarray::ArrayView2;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng, seq::IndexedRandom};
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::forest::{
        check,
        layout::Tables,
        node::{CATEGORICAL, LEFT, MISSING_RIGHT, ZERO_IS_MISSING},
    };

    /// Near the places where comparisons or rounding are delicate; few enough to be met exactly.
    const DELICATE: [f32; 18] = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        f32::MIN,
        0.0,
        -0.0,
        1e-35,
        -1e-35,
        1e-40,
        -1e-40,
        0.1,
        0.099_999_994,
        -0.1,
        -1.0,
        -0.5,
        31.5,
        64.0,
    ];

    fn value(rng: &mut Pcg64Mcg) -> f32 {
        match rng.random_range(0..4) {
            0 => DELICATE.choose(rng).copied().unwrap_or_default(),
            1 => rng.random_range(0..70_u8).into(),
            _ => rng.random::<f32>() - 0.5,
        }
    }

    /// Delicate values and their neighbours, which `f32` can't tell from them, and others.
    fn threshold(rng: &mut Pcg64Mcg) -> f64 {
        let value = f64::from(value(rng));
        let near = [value, value.next_up(), value.next_down(), value * 1e9];
        let threshold = near.choose(rng).copied().unwrap_or_default();
        if threshold.is_nan() { 0.1 } else { threshold }
    }

    /// Words of a random split, without the left child.
    fn split(rng: &mut Pcg64Mcg, features: usize, odd: bool, tables: &mut Tables) -> (u64, u64) {
        let column = 2 * rng.random_range(0..features as u64);
        if odd && rng.random_range(0..4) == 0 {
            tables.categories.extend((0..rng.random_range(1..4)).map(|_| rng.random::<u32>()));
            tables.category_starts.push(tables.categories.len() as u32);
            let set = tables.category_starts.len() as u64 - 2;
            return (set, column | MISSING_RIGHT | CATEGORICAL);
        }
        let missing = [0, MISSING_RIGHT][rng.random_range(0..2)];
        let zero = if odd && rng.random() { ZERO_IS_MISSING } else { 0 };
        (threshold(rng).to_bits(), column | missing | zero)
    }

    /// Adds a tree of random shape. Only `odd` trees have splits that aren't plain.
    fn plant(rng: &mut Pcg64Mcg, leaves: usize, features: usize, tables: &mut Tables) {
        let odd = rng.random();
        let (mut splits, mut reached) = (leaves - 1, 1);
        for at in 0..2 * leaves - 1 {
            let last = at + 1 == reached;
            let (threshold, word, left, output) = if splits > 0 && (last || rng.random()) {
                let (threshold, word) = split(rng, features, odd, tables);
                (splits, reached) = (splits - 1, reached + 2);
                (threshold, word, reached - 2, 0.0)
            } else {
                (f64::INFINITY.to_bits(), 0, at, rng.random::<f64>() - 0.5)
            };
            tables.nodes.extend([threshold, word | (left as u64) << LEFT]);
            tables.output.push(output);
        }
        tables.starts.push(tables.output.len() as u32);
    }

    fn forest(rng: &mut Pcg64Mcg, most_leaves: usize, features: usize) -> Forest {
        let mut tables = Tables::new();
        for _ in 0..rng.random_range(1..12) {
            let leaves = rng.random_range(1..=most_leaves);
            plant(rng, leaves, features, &mut tables);
        }
        let forest = Forest {
            features,
            link: Link::Identity,
            average: false,
            starts: Table::from(tables.starts),
            nodes: Table::from(tables.nodes),
            output: Table::from(tables.output),
            category_starts: Table::from(tables.category_starts),
            categories: Table::from(tables.categories),
            plain: Vec::new(),
            sweep: None,
        };
        check::check(&forest).unwrap();
        forest.prepared()
    }

    /// The score of one row, from node to node.
    fn naive(forest: &Forest, row: &[f32]) -> f64 {
        let (nodes, _) = forest.nodes.as_chunks::<2>();
        let mut score = 0.0;
        for span in forest.starts.windows(2) {
            let nodes = &nodes[span[0] as usize..span[1] as usize];
            let mut at = 0;
            while (nodes[at][1] >> LEFT) as usize != at {
                at = forest.step_any(nodes, at, row);
            }
            score += forest.output[span[0] as usize + at];
        }
        score
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        // 64 leaves are the most that are swept.
        #[test]
        fn scores_are_those_of_a_naive_walk_bit_for_bit(
            seed: u64,
            most_leaves in prop_oneof![1_usize..8, 40_usize..67],
            features in 1_usize..8,
            counts in prop::collection::vec(0_usize..150, 1..4),
        ) {
            let rng = &mut Pcg64Mcg::seed_from_u64(seed);
            let mut scratch = ForestScratch::default();
            for count in counts {
                let forest = forest(rng, most_leaves, features);
                let rows: Vec<f32> = (0..count * features).map(|_| value(rng)).collect();
                let view = ArrayView2::from_shape((count, features), &rows).unwrap();
                let mut scores = vec![f64::NAN; count];
                forest.predict_with(view, &mut scratch, &mut scores).unwrap();
                for (row, score) in rows.chunks(features).zip(scores) {
                    prop_assert_eq!(score.to_bits(), naive(&forest, row).to_bits(), "{:?}", row);
                }
            }
        }
    }

    #[test]
    fn buffers_that_are_large_enough_stay_where_they_are() {
        let rng = &mut Pcg64Mcg::seed_from_u64(1);
        let forest = forest(rng, 60, 5);
        let mut scratch = ForestScratch::default();
        let mut places = Vec::new();
        for count in [60, 7, 60, 9, 7, 1] {
            let rows: Vec<f32> = (0..count * 5).map(|_| value(rng)).collect();
            let view = ArrayView2::from_shape((count, 5), &rows).unwrap();
            forest.predict_with(view, &mut scratch, &mut vec![0.0; count]).unwrap();
            places.push((scratch.twice.as_ptr(), scratch.answers.as_ptr()));
        }
        // The first two calls warm up.
        let places = &places[1..];
        assert!(places.windows(2).all(|pair| pair[0] == pair[1]), "{places:?}");
    }
}
