//! Rows, labels and groups, checked and binned.

use std::collections::BTreeSet;

use super::{Params, raw::RawDataset};
use crate::{Objective, RankerError};

/// LightGBM's largest query for ranking.
const MAX_GROUP: u32 = 10_000;
/// LightGBM's largest relevance label with its default gains, 2^label − 1.
const MAX_RELEVANCE: f32 = 30.0;

/// What a [`Dataset`] is made of.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    rows: &'a [f32],
    columns: usize,
    labels: &'a [f32],
    groups: Option<&'a [u32]>,
    weights: Option<&'a [f32]>,
    names: Option<&'a [&'a str]>,
}

impl<'a> Source<'a> {
    /// Dense rows of `columns` values each, row by row (NaN: missing), and a label per row: 0 or 1
    /// for binary, a relevance of 0 to 30 for ranking.
    pub fn new(rows: &'a [f32], columns: usize, labels: &'a [f32]) -> Self {
        Self { rows, columns, labels, groups: None, weights: None, names: None }
    }

    /// Sets the sizes of consecutive groups of rows (queries), which ranking needs.
    #[must_use]
    pub fn with_groups(mut self, sizes: &'a [u32]) -> Self {
        self.groups = Some(sizes);
        self
    }

    /// Sets a weight per row.
    #[must_use]
    pub fn with_weights(mut self, weights: &'a [f32]) -> Self {
        self.weights = Some(weights);
        self
    }

    /// Sets a name per column: printable ASCII without spaces or `" , : = [ ] { }`.
    #[must_use]
    pub fn with_names(mut self, names: &'a [&'a str]) -> Self {
        self.names = Some(names);
        self
    }

    fn check(&self, params: &Params) -> Result<(), RankerError> {
        let fail = |problem: String| Err(RankerError::Rows { post: None, problem });
        let shape = |what, expected, found| {
            if expected == found {
                return Ok(());
            }
            Err(RankerError::Shape { what, expected, found })
        };
        if self.columns == 0 || self.labels.is_empty() {
            return fail("there are no rows or no columns".into());
        }
        shape("rows", self.labels.len().saturating_mul(self.columns), self.rows.len())?;
        if let Some(at) = self.rows.iter().position(|v| v.is_infinite()) {
            let (row, column) = (at / self.columns, at % self.columns);
            return fail(format!("column {column} of row {row} is infinite"));
        }
        for &column in &params.categorical {
            let column = column as usize;
            if column >= self.columns {
                let (columns, categorical) = (self.columns, column);
                return fail(format!("categorical column {categorical} of {columns} columns"));
            }
            let category = |v: f32| v.is_nan() || (v.fract() == 0.0 && (0.0..2e9).contains(&v));
            let values = self.rows.iter().skip(column).step_by(self.columns);
            if let Some(row) = values.copied().position(|v| !category(v)) {
                return fail(format!("column {column} of row {row} is no category from 0"));
            }
        }
        let (fits, expected): (fn(f32) -> bool, _) = match params.objective {
            Objective::Binary => (|l| l == 0.0 || l == 1.0, "0 or 1"),
            Objective::LambdaRank => {
                (|l| l.fract() == 0.0 && (0.0..=MAX_RELEVANCE).contains(&l), "a whole 0 to 30")
            }
        };
        if let Some(row) = self.labels.iter().position(|&l| !fits(l)) {
            return fail(format!(
                "the label of row {row} is {}, expected {expected}",
                self.labels[row]
            ));
        }
        match self.groups {
            Some(groups) => {
                let sum = groups.iter().fold(0_usize, |sum, &g| sum.saturating_add(g as usize));
                shape("sum of the group sizes", self.labels.len(), sum)?;
                if let Some(group) = groups.iter().position(|g| !(1..=MAX_GROUP).contains(g)) {
                    let size = groups[group];
                    return fail(format!(
                        "group {group} has {size} rows, expected 1 to {MAX_GROUP}"
                    ));
                }
            }
            None if params.objective == Objective::LambdaRank => {
                return fail("ranking needs groups".into());
            }
            None => {}
        }
        if let Some(weights) = self.weights {
            shape("weights", self.labels.len(), weights.len())?;
            if let Some(row) = weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
                return fail(format!("the weight of row {row} is {}", weights[row]));
            }
        }
        if let Some(names) = self.names {
            shape("feature names", self.columns, names.len())?;
            let allowed = |c: char| c.is_ascii_graphic() && !"\",:=[]{}".contains(c);
            let mut seen = BTreeSet::new();
            for name in names {
                if name.is_empty() || !name.chars().all(allowed) || !seen.insert(name) {
                    return fail(format!("{name:?} is no name for a feature, or is there twice"));
                }
            }
        }
        Ok(())
    }
}

/// Rows that LightGBM has binned; the rows themselves are no longer needed.
pub struct Dataset {
    pub(super) raw: RawDataset,
    pub(super) grouped: bool,
}

impl Dataset {
    /// Checks and bins the source. A validation set takes the bins of the training set it is to
    /// be used with: its `reference`.
    ///
    /// # Errors
    /// [`RankerError::Rows`] or [`RankerError::Shape`] for a source that makes no sense,
    /// [`RankerError::Parameter`], or [`RankerError::LightGbm`].
    pub fn new(
        source: &Source<'_>,
        params: &Params,
        reference: Option<&Dataset>,
    ) -> Result<Self, RankerError> {
        params.check()?;
        source.check(params)?;
        let reference = reference.map(|r| &r.raw);
        let mut raw = RawDataset::new(source.rows, source.columns, &params.text(), reference)?;
        raw.set_labels(source.labels)?;
        if let Some(groups) = source.groups {
            // No group is larger than MAX_GROUP.
            let groups: Vec<i32> = groups.iter().map(|&g| g as i32).collect();
            raw.set_groups(&groups)?;
        }
        if let Some(weights) = source.weights {
            raw.set_weights(weights)?;
        }
        if let Some(names) = source.names {
            raw.set_names(names)?;
        }
        Ok(Self { raw, grouped: source.groups.is_some() })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.raw.rows()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.raw.columns()
    }
}
