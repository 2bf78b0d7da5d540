//! The training table: the candidates of many posts, row by row.

use ndarray::ArrayView2;
use rand::{RngExt, SeedableRng, seq::index};
use rand_pcg::Pcg64Mcg;

use crate::{Negatives, Objective, RankerError, RankerParams, error::expect_equal};

/// The training table: one row of features per candidate of each post, and whether it is gold.
///
/// Rows that training doesn't use (see [`Negatives`]) are dropped when a post is pushed. All values
/// are stored in one `Vec` of `f32`.
#[derive(Debug, Clone)]
pub struct RankingRows {
    names: Vec<String>,
    pub(crate) schema: u32,
    /// Row-major, one value per name.
    pub(crate) values: Vec<f32>,
    pub(crate) labels: Vec<bool>,
    /// Number of rows of each post in the table.
    pub(crate) sizes: Vec<u32>,
    pushed: u32,
    skipped: usize,
    selection: Selection,
}

/// The parameters that decide which rows are used.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Selection {
    objective: Objective,
    negatives: Negatives,
    seed: u64,
}

impl Selection {
    fn of(params: &RankerParams) -> Self {
        Self { objective: params.objective, negatives: params.negatives, seed: params.seed }
    }

    /// The rows to use of the post with that ordinal, in ascending order.
    fn rows(&self, ordinal: u32, gold: &[bool]) -> Vec<usize> {
        let positives = gold.iter().filter(|&&g| g).count();
        if positives == 0 && self.objective == Objective::LambdaRank {
            return Vec::new();
        }
        let Negatives::Random { per_positive } = self.negatives else {
            return (0..gold.len()).collect();
        };
        let (mut selected, negatives): (Vec<usize>, Vec<usize>) =
            (0..gold.len()).partition(|&row| gold[row]);
        let wanted = (positives as f64 * per_positive).round() as usize;
        if wanted >= negatives.len() {
            selected.extend(negatives);
        } else {
            // One generator per post: the choice doesn't depend on the other posts.
            let stream = Pcg64Mcg::seed_from_u64(self.seed).random::<u64>();
            let mut rng = Pcg64Mcg::seed_from_u64(stream ^ u64::from(ordinal));
            let drawn = index::sample(&mut rng, negatives.len(), wanted);
            selected.extend(drawn.iter().map(|at| negatives[at]));
        }
        selected.sort_unstable();
        selected
    }
}

impl RankerParams {
    /// The rows of a post that training uses, in ascending order. `gold` says which candidates the
    /// author used; `ordinal` numbers the posts. A caller can use this to compute only those rows: a
    /// [`RankingRows`] that is given only these uses all of them.
    pub fn rows_to_learn_from(&self, ordinal: u32, gold: &[bool]) -> Vec<usize> {
        Selection::of(self).rows(ordinal, gold)
    }
}

impl RankingRows {
    /// An empty table with these features, for training with `params`.
    pub fn new(feature_names: Vec<String>, params: &RankerParams) -> Self {
        Self {
            names: feature_names,
            schema: 0,
            values: Vec::new(),
            labels: Vec::new(),
            sizes: Vec::new(),
            pushed: 0,
            skipped: 0,
            selection: Selection::of(params),
        }
    }

    /// Sets the version of the features, which the ranker records (0 by default).
    #[must_use]
    pub fn with_schema_version(mut self, version: u32) -> Self {
        self.schema = version;
        self
    }

    /// Adds the candidates of one post. `rows` has shape `[candidates, features]`, with NaN for
    /// missing values; `gold[i]` says whether the author used candidate `i`.
    ///
    /// # Errors
    /// [`RankerError::Shape`], [`RankerError::Infinite`], or [`RankerError::TooMany`] if the table
    /// would have more rows than LightGBM can count (2³¹ − 1). The table is unchanged then.
    pub fn push_post(
        &mut self,
        rows: ArrayView2<'_, f32>,
        gold: &[bool],
    ) -> Result<(), RankerError> {
        expect_equal("rows of a post", gold.len(), rows.nrows())?;
        expect_equal("columns of a row", self.names.len(), rows.ncols())?;
        let width = self.names.len();
        let rows = rows.as_standard_layout();
        let values = rows.as_slice().unwrap_or_default();
        if let Some(at) = values.iter().position(|value| value.is_infinite()) {
            let (post, feature) = (self.pushed as usize, self.names[at % width].clone());
            return Err(RankerError::Infinite { post, row: at / width, feature });
        }
        let maximum = i32::MAX as usize;
        let counts =
            [("rows", self.labels.len() + gold.len()), ("posts", self.pushed as usize + 1)];
        if let Some((what, found)) = counts.into_iter().find(|&(_, found)| found > maximum) {
            return Err(RankerError::TooMany { what, found, maximum });
        }
        let selected = self.selection.rows(self.pushed, gold);
        self.pushed += 1;
        if selected.is_empty() {
            self.skipped += 1;
            return Ok(());
        }
        self.sizes.push(selected.len() as u32);
        for row in selected {
            self.values.extend_from_slice(&values[row * width..(row + 1) * width]);
            self.labels.push(gold[row]);
        }
        Ok(())
    }

    /// Names of the features.
    pub fn feature_names(&self) -> &[String] {
        &self.names
    }

    /// All rows, of shape `[rows, features]`.
    pub(crate) fn matrix(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((self.labels.len(), self.names.len()), &self.values)
            .unwrap_or_else(|_| ArrayView2::from(&[[0.0; 0]; 0]))
    }

    /// Number of posts in the table.
    pub fn posts(&self) -> usize {
        self.sizes.len()
    }

    /// Number of posts left out: those without candidates and, for [`Objective::LambdaRank`], those
    /// without a gold candidate.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Number of rows in the table.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }

    /// Number of gold rows in the table.
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|&&g| g).count()
    }

    /// Whether the table selected its rows for training with `params`.
    pub(crate) fn is_for(&self, params: &RankerParams) -> bool {
        self.selection == Selection::of(params)
    }

    /// Moves a random share of the posts to a table of their own. At least one post moves if `share`
    /// is above 0, and at least one stays.
    pub(crate) fn hold_out(&mut self, share: f64, seed: u64) -> Self {
        let posts = self.sizes.len();
        let (names, selection) = (self.names.clone(), self.selection);
        let (values, labels, sizes) = (Vec::new(), Vec::new(), Vec::new());
        let mut held = Self { names, values, labels, sizes, selection, skipped: 0, ..*self };
        if share <= 0.0 || posts < 2 {
            return held;
        }
        let wanted = ((posts as f64 * share).round() as usize).clamp(1, posts - 1);
        // Another stream than the one that negatives are drawn from.
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x9e37_79b9_7f4a_7c15);
        let mut out = vec![false; posts];
        index::sample(&mut rng, posts, wanted).iter().for_each(|post| out[post] = true);
        let width = self.names.len();
        let (mut from, mut to, mut kept) = (0, 0, 0);
        for (post, &moves) in out.iter().enumerate() {
            let size = self.sizes[post] as usize;
            let rows = from..from + size;
            let values = from * width..(from + size) * width;
            if moves {
                held.sizes.push(self.sizes[post]);
                held.values.extend_from_slice(&self.values[values]);
                held.labels.extend_from_slice(&self.labels[rows]);
            } else {
                self.values.copy_within(values, to * width);
                self.labels.copy_within(rows, to);
                self.sizes[kept] = self.sizes[post];
                to += size;
                kept += 1;
            }
            from += size;
        }
        self.values.truncate(to * width);
        self.labels.truncate(to);
        self.sizes.truncate(kept);
        held
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    fn names() -> Vec<String> {
        vec!["a".into(), "b".into()]
    }

    /// Post `p` has `p + 2` candidates, every third gold; the features are post and candidate.
    fn table(params: &RankerParams, posts: usize) -> RankingRows {
        let mut table = RankingRows::new(names(), params);
        for post in 0..posts {
            let gold: Vec<bool> = (0..post + 2).map(|i| (i + post) % 3 == 0).collect();
            let rows =
                Array2::from_shape_fn((gold.len(), 2), |(i, column)| [post, i][column] as f32);
            table.push_post(rows.view(), &gold).unwrap();
        }
        table
    }

    fn all() -> RankerParams {
        RankerParams::default().with_objective(Objective::Binary)
    }

    fn random(per_positive: f64) -> RankerParams {
        all().with_negatives(Negatives::Random { per_positive })
    }

    #[test]
    fn rows_that_were_selected_before_are_all_used() {
        for params in [random(1.0), random(0.4), RankerParams::paper()] {
            let whole = table(&params, 40);
            let mut selected = RankingRows::new(names(), &params);
            for post in 0..40 {
                let gold: Vec<bool> = (0..post + 2).map(|i| (i + post) % 3 == 0).collect();
                let used = params.rows_to_learn_from(post as u32, &gold);
                let rows =
                    Array2::from_shape_fn((used.len(), 2), |(i, c)| [post, used[i]][c] as f32);
                let gold: Vec<bool> = used.iter().map(|&row| gold[row]).collect();
                selected.push_post(rows.view(), &gold).unwrap();
            }
            assert_eq!(whole.values, selected.values);
            assert_eq!(whole.labels, selected.labels);
            assert_eq!(whole.sizes, selected.sizes);
        }
    }

    #[test]
    fn as_many_negatives_as_positives_and_all_positives() {
        let (rows, whole) = (table(&random(1.0), 60), table(&all(), 60));
        assert_eq!(rows.positives(), whole.positives());
        assert!(rows.rows() <= 2 * rows.positives());
        assert!(rows.rows() > 19 * rows.positives() / 10);
    }

    #[test]
    fn another_seed_draws_other_negatives_of_the_same_posts() {
        let (one, two) = (table(&random(1.0), 60), table(&random(1.0).with_seed(2), 60));
        let rows = |table: &RankingRows, gold: bool| -> Vec<[f32; 2]> {
            let rows = table.values.as_chunks::<2>().0.iter().zip(&table.labels);
            rows.filter_map(|(row, label)| (*label == gold).then_some(*row)).collect()
        };
        assert_eq!((rows(&one, true), &one.sizes), (rows(&two, true), &two.sizes));
        assert_ne!(rows(&one, false), rows(&two, false));
    }

    #[test]
    fn posts_without_gold_are_skipped_for_lambdarank_and_kept_for_binary() {
        let mut ranked = RankingRows::new(names(), &RankerParams::default());
        let mut binary = RankingRows::new(names(), &all());
        let two = array![[1.0, 2.0], [3.0, 4.0]];
        for rows in [&mut ranked, &mut binary] {
            rows.push_post(two.view(), &[false, false]).unwrap();
            rows.push_post(Array2::zeros((0, 2)).view(), &[]).unwrap();
            rows.push_post(two.view(), &[false, true]).unwrap();
        }
        assert_eq!((ranked.posts(), ranked.skipped(), ranked.rows()), (1, 2, 2));
        assert_eq!((binary.posts(), binary.skipped(), binary.rows()), (2, 1, 4));
    }

    #[test]
    fn holding_out_moves_whole_posts_and_loses_none() {
        let mut rows = table(&all(), 50);
        let before = rows.clone();
        let held = rows.hold_out(0.2, 3);
        assert_eq!((rows.posts(), held.posts()), (40, 10));
        assert_eq!(rows.rows() + held.rows(), before.rows());
        let mut seen = Vec::new();
        for table in [&rows, &held] {
            let mut values = table.values.as_chunks::<2>().0.iter();
            for &size in &table.sizes {
                let post = (size - 2) as f32;
                for i in 0..size {
                    assert_eq!(values.next(), Some(&[post, i as f32]));
                }
                seen.push(size);
            }
            assert_eq!(values.next(), None);
        }
        seen.sort_unstable();
        assert_eq!(seen, before.sizes);
        assert_eq!(before.clone().hold_out(0.2, 3).values, held.values);
    }

    #[test]
    fn bad_posts_are_refused_and_change_nothing() {
        let mut rows = table(&all(), 2);
        let before = rows.values.clone();
        assert!(rows.push_post(array![[1.0]].view(), &[true]).is_err());
        assert!(rows.push_post(array![[1.0, 2.0]].view(), &[true, false]).is_err());
        let infinite = array![[1.0, f32::INFINITY]];
        let error = rows.push_post(infinite.view(), &[true]).unwrap_err().to_string();
        assert!(error.contains("post 2") && error.contains("\"b\""), "{error}");
        rows.push_post(array![[1.0, f32::NAN]].view(), &[true]).unwrap();
        assert_eq!(rows.values[..before.len()], before);
        assert_eq!(rows.rows(), 2 + 3 + 1);
    }
}
