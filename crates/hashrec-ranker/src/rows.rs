//! The training table: candidates of many posts, row by row.

use rand::{RngExt, SeedableRng, seq::index};
use rand_pcg::Pcg64Mcg;

use crate::{Negatives, Objective, RankerError, RankerParams};

/// The training table: the rows of each post's candidates and which of them are gold.
///
/// One `Vec` of `f32` holds everything. A table made with [`RankingRows::for_params`] drops, as
/// posts are pushed, the rows that training would not use; any other does so when training begins.
/// Both ways keep the same rows.
#[derive(Debug, Clone)]
pub struct RankingRows {
    names: Vec<String>,
    schema: u32,
    values: Vec<f32>,
    labels: Vec<bool>,
    /// Rows of each post that is kept, in the order pushed.
    sizes: Vec<u32>,
    /// Ordinal of each post that is kept among all pushed: what its random rows depend on.
    ordinals: Vec<u32>,
    pushed: usize,
    skipped: usize,
    selection: Option<Selection>,
}

/// What decides which rows are kept.
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

    /// The rows to keep of the post with that ordinal, in order.
    fn keep(&self, ordinal: u32, gold: &[bool]) -> Vec<usize> {
        let positives = gold.iter().filter(|&&g| g).count();
        if positives == 0 && self.objective == Objective::LambdaRank {
            return Vec::new();
        }
        let Negatives::Random { per_positive } = self.negatives else {
            return (0..gold.len()).collect();
        };
        let others: Vec<usize> = (0..gold.len()).filter(|&i| !gold[i]).collect();
        let wanted = (positives as f64 * per_positive).round() as usize;
        let mut keep: Vec<usize> = (0..gold.len()).filter(|&i| gold[i]).collect();
        if wanted >= others.len() {
            keep.extend(others);
        } else {
            // One generator per post: the choice depends on nothing that happened to other posts.
            let stream = Pcg64Mcg::seed_from_u64(self.seed).random::<u64>();
            let mut rng = Pcg64Mcg::seed_from_u64(stream ^ u64::from(ordinal));
            keep.extend(index::sample(&mut rng, others.len(), wanted).iter().map(|i| others[i]));
        }
        keep.sort_unstable();
        keep
    }
}

impl RankerParams {
    /// Which of a post's candidates training keeps, rising, where `gold` says which of them the
    /// author used and `ordinal` counts the posts: for who would rather not compute the others'
    /// rows. A table that is given only these keeps them all.
    pub fn rows_to_learn_from(&self, ordinal: u32, gold: &[bool]) -> Vec<usize> {
        Selection::of(self).keep(ordinal, gold)
    }
}

impl RankingRows {
    /// An empty table with these columns.
    pub fn new(feature_names: Vec<String>) -> Self {
        Self {
            names: feature_names,
            schema: 0,
            values: Vec::new(),
            labels: Vec::new(),
            sizes: Vec::new(),
            ordinals: Vec::new(),
            pushed: 0,
            skipped: 0,
            selection: None,
        }
    }

    /// An empty table that keeps only the rows training with `params` will use.
    pub fn for_params(feature_names: Vec<String>, params: &RankerParams) -> Self {
        Self { selection: Some(Selection::of(params)), ..Self::new(feature_names) }
    }

    /// Sets the version of the features, which the ranker keeps (0 if never set).
    #[must_use]
    pub fn with_schema_version(mut self, version: u32) -> Self {
        self.schema = version;
        self
    }

    /// Adds the candidates of one post: `rows` holds `gold.len()` rows of one value per feature,
    /// row by row (NaN: missing); `gold[i]` says whether the author used candidate `i`.
    ///
    /// # Errors
    /// [`RankerError::Rows`] if the lengths don't fit, a value is infinite, or the table would
    /// hold more rows than LightGBM can count (2³¹ − 1). The table is unchanged then.
    pub fn push_post(&mut self, rows: &[f32], gold: &[bool]) -> Result<(), RankerError> {
        let width = self.names.len();
        let fail = |problem| Err(RankerError::Rows { post: Some(self.pushed), problem });
        if rows.len() != gold.len().saturating_mul(width) {
            let (n, found) = (gold.len(), rows.len());
            return fail(format!("expected {n} rows of {width} values, got {found} values"));
        }
        if let Some(at) = rows.iter().position(|v| v.is_infinite()) {
            let (row, name) = (at / width, &self.names[at % width]);
            return fail(format!("feature {name:?} of row {row} is infinite"));
        }
        let total = self.labels.len() + gold.len();
        let Ok(ordinal) = u32::try_from(self.pushed) else {
            return fail("too many posts".to_owned());
        };
        if i32::try_from(total).is_err() {
            return fail(format!("{total} rows are more than LightGBM can count"));
        }
        match self.selection {
            None => self.keep_rows(ordinal, rows, gold, 0..gold.len()),
            Some(selection) => {
                self.keep_rows(ordinal, rows, gold, selection.keep(ordinal, gold).into_iter());
            }
        }
        self.pushed += 1;
        Ok(())
    }

    fn keep_rows(
        &mut self,
        ordinal: u32,
        rows: &[f32],
        gold: &[bool],
        keep: impl ExactSizeIterator<Item = usize>,
    ) {
        let width = self.names.len();
        if keep.len() == 0 {
            self.skipped += 1;
            return;
        }
        self.sizes.push(keep.len() as u32);
        self.ordinals.push(ordinal);
        for row in keep {
            self.values.extend_from_slice(&rows[row * width..(row + 1) * width]);
            self.labels.push(gold[row]);
        }
    }

    /// Names of the columns.
    pub fn feature_names(&self) -> &[String] {
        &self.names
    }

    /// Posts in the table.
    pub fn posts(&self) -> usize {
        self.sizes.len()
    }

    /// Posts pushed and left out so far, because they have no candidates or, where the table was
    /// made for certain parameters, no gold candidate to learn from.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Rows in the table.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }

    /// Gold rows in the table.
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|&&g| g).count()
    }
}

#[cfg(any(feature = "train", test))]
impl RankingRows {
    /// Drops the rows training with `params` doesn't use, in place.
    pub(crate) fn select(&mut self, params: &RankerParams) -> Result<(), RankerError> {
        let wanted = Selection::of(params);
        match self.selection {
            Some(done) if done == wanted => return Ok(()),
            Some(_) => {
                let problem = "the table was made for other parameters (objective, negatives or \
                               seed) than training is asked for"
                    .to_owned();
                return Err(RankerError::Rows { post: None, problem });
            }
            None => {}
        }
        let width = self.names.len();
        let (mut from, mut to) = (0, 0);
        let mut kept = 0;
        for post in 0..self.sizes.len() {
            let size = self.sizes[post] as usize;
            let keep = wanted.keep(self.ordinals[post], &self.labels[from..from + size]);
            for &row in &keep {
                let row = from + row;
                self.values.copy_within(row * width..(row + 1) * width, to * width);
                self.labels[to] = self.labels[row];
                to += 1;
            }
            if keep.is_empty() {
                self.skipped += 1;
            } else {
                self.sizes[kept] = keep.len() as u32;
                self.ordinals[kept] = self.ordinals[post];
                kept += 1;
            }
            from += size;
        }
        self.truncate(to, kept);
        self.selection = Some(wanted);
        Ok(())
    }

    /// Moves a share of the posts, drawn at random, to a table of their own. At least one post is
    /// moved if `share` is above 0, and at least one stays.
    pub(crate) fn hold_out(&mut self, share: f64, seed: u64) -> Self {
        let posts = self.sizes.len();
        let mut held = Self { schema: self.schema, ..Self::new(self.names.clone()) };
        if share <= 0.0 || posts < 2 {
            return held;
        }
        let wanted = ((posts as f64 * share).round() as usize).clamp(1, posts - 1);
        // Another stream than the one negatives are drawn from.
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x9e37_79b9_7f4a_7c15);
        let mut out = vec![false; posts];
        index::sample(&mut rng, posts, wanted).iter().for_each(|post| out[post] = true);
        let width = self.names.len();
        let (mut from, mut to, mut kept) = (0, 0, 0);
        for (post, &moves) in out.iter().enumerate() {
            let size = self.sizes[post] as usize;
            let values = from * width..(from + size) * width;
            if moves {
                held.sizes.push(self.sizes[post]);
                held.ordinals.push(self.ordinals[post]);
                held.values.extend_from_slice(&self.values[values]);
                held.labels.extend_from_slice(&self.labels[from..from + size]);
            } else {
                self.values.copy_within(values, to * width);
                self.labels.copy_within(from..from + size, to);
                self.sizes[kept] = self.sizes[post];
                self.ordinals[kept] = self.ordinals[post];
                to += size;
                kept += 1;
            }
            from += size;
        }
        self.truncate(to, kept);
        held
    }

    fn truncate(&mut self, rows: usize, posts: usize) {
        self.values.truncate(rows * self.names.len());
        self.labels.truncate(rows);
        self.sizes.truncate(posts);
        self.ordinals.truncate(posts);
    }
}

#[cfg(feature = "train")]
impl RankingRows {
    pub(crate) fn schema_version(&self) -> u32 {
        self.schema
    }

    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = bool> + '_ {
        self.labels.iter().copied()
    }

    pub(crate) fn sizes(&self) -> &[u32] {
        &self.sizes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["a".into(), "b".into()]
    }

    /// Post `p` has `p + 2` candidates, every third gold; values tell post and candidate.
    fn fill(mut rows: RankingRows, posts: usize) -> RankingRows {
        for post in 0..posts {
            let gold: Vec<bool> = (0..post + 2).map(|i| (i + post) % 3 == 0).collect();
            let values: Vec<f32> = (0..gold.len()).flat_map(|i| [post as f32, i as f32]).collect();
            rows.push_post(&values, &gold).unwrap();
        }
        rows
    }

    fn random(per_positive: f64) -> RankerParams {
        RankerParams::default()
            .with_objective(Objective::Binary)
            .with_negatives(Negatives::Random { per_positive })
    }

    #[test]
    fn selecting_late_or_early_keeps_the_same_rows() {
        for params in [random(1.0), random(0.4), RankerParams::default(), RankerParams::paper()] {
            let early = fill(RankingRows::for_params(names(), &params), 40);
            let mut late = fill(RankingRows::new(names()), 40);
            late.select(&params).unwrap();
            assert_eq!(early.values, late.values);
            assert_eq!(early.labels, late.labels);
            assert_eq!(early.sizes, late.sizes);
            assert_eq!(early.skipped(), late.skipped());
            assert_eq!(early.posts() + early.skipped(), 40);
        }
    }

    #[test]
    fn as_many_negatives_as_positives_and_all_positives() {
        let rows = fill(RankingRows::for_params(names(), &random(1.0)), 60);
        let all = fill(RankingRows::new(names()), 60);
        assert_eq!(rows.positives(), all.positives());
        assert!(rows.rows() <= 2 * rows.positives());
        assert!(rows.rows() > 19 * rows.positives() / 10);
        let other = fill(RankingRows::for_params(names(), &random(1.0).with_seed(2)), 60);
        assert_ne!(rows.values, other.values);
    }

    #[test]
    fn posts_without_gold_are_skipped_for_lambdarank_and_kept_for_binary() {
        let mut ranked = RankingRows::for_params(names(), &RankerParams::default());
        let params = RankerParams::default().with_objective(Objective::Binary);
        let mut binary = RankingRows::for_params(names(), &params);
        for rows in [&mut ranked, &mut binary] {
            rows.push_post(&[1.0, 2.0, 3.0, 4.0], &[false, false]).unwrap();
            rows.push_post(&[], &[]).unwrap();
            rows.push_post(&[1.0, 2.0, 3.0, 4.0], &[false, true]).unwrap();
        }
        assert_eq!((ranked.posts(), ranked.skipped(), ranked.rows()), (1, 2, 2));
        assert_eq!((binary.posts(), binary.skipped(), binary.rows()), (2, 1, 4));
    }

    #[test]
    fn holding_out_moves_whole_posts_and_loses_none() {
        let mut rows = fill(RankingRows::new(names()), 50);
        let before = rows.clone();
        let held = rows.hold_out(0.2, 3);
        assert_eq!((rows.posts(), held.posts()), (40, 10));
        assert_eq!(rows.rows() + held.rows(), before.rows());
        for table in [&rows, &held] {
            let mut at = 0;
            for (&size, &ordinal) in table.sizes.iter().zip(&table.ordinals) {
                assert_eq!(size, ordinal + 2);
                for i in 0..size {
                    assert_eq!(table.values[at..at + 2], [ordinal as f32, i as f32]);
                    at += 2;
                }
            }
            assert_eq!(at, table.values.len());
        }
        let mut again = before.clone();
        assert_eq!(again.hold_out(0.2, 3).ordinals, held.ordinals);
    }

    #[test]
    fn bad_posts_are_refused_and_change_nothing() {
        let mut rows = fill(RankingRows::new(names()), 2);
        let before = rows.values.clone();
        assert!(rows.push_post(&[1.0], &[true]).is_err());
        assert!(rows.push_post(&[1.0, 2.0], &[true, false]).is_err());
        let error = rows.push_post(&[1.0, f32::INFINITY], &[true]).unwrap_err().to_string();
        assert!(error.contains("post 2") && error.contains("\"b\""), "{error}");
        rows.push_post(&[1.0, f32::NAN], &[true]).unwrap();
        assert_eq!(rows.values[..before.len()], before);
        assert_eq!(rows.rows(), 2 + 3 + 1);
    }

    #[test]
    fn a_table_for_other_parameters_is_refused() {
        let mut rows = fill(RankingRows::for_params(names(), &random(1.0)), 5);
        assert!(matches!(rows.select(&random(2.0)), Err(RankerError::Rows { post: None, .. })));
        rows.select(&random(1.0)).unwrap();
    }
}
