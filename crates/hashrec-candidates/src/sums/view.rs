//! Scoring with sums.

use hashrec_storage::Table;

use crate::{bf16, features::FIELDS, index::SummedColumns};

/// The sums of one community; all tables are empty where they would save nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    /// The columns that have a row, for each kind of features.
    pub(crate) columns: [Table<u32>; FIELDS],
    /// Rows × hashtags, for the first classifier.
    pub(crate) linear: Table<u16>,
    /// For the second one: rows × hashtags, and so many again for each knot.
    pub(crate) recent: Table<u16>,
    /// The knots in Unix seconds, rising; none where the second classifier has no sums.
    pub(crate) knots: Table<i64>,
    /// Knots × hashtags: the sums of nearness alone.
    pub(crate) near: Table<f32>,
}

/// The same, read in place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SumsView<'a> {
    pub(crate) columns: SummedColumns<'a>,
    pub(crate) linear: &'a [u16],
    pub(crate) recent: &'a [u16],
    pub(crate) knots: &'a [i64],
    pub(crate) near: &'a [f32],
}

impl Sums {
    pub(crate) fn view(&self) -> SumsView<'_> {
        SumsView {
            columns: self.columns.each_ref().map(|columns| &columns[..]),
            linear: &self.linear,
            recent: &self.recent,
            knots: &self.knots,
            near: &self.near,
        }
    }
}

impl SumsView<'_> {
    /// The number of rows of one set.
    pub(crate) fn rows(&self) -> usize {
        self.columns.iter().map(|columns| columns.len()).sum()
    }

    /// Adds rows of the first classifier, given which and how much each counts.
    pub(crate) fn add_linear(&self, terms: &[(u32, f32)], out: &mut [f32]) {
        add(self.linear, terms, 1.0, out);
    }

    /// Adds rows of the second classifier that no time counts in, `factor` times.
    pub(crate) fn add_timeless(&self, terms: &[(u32, f32)], factor: f32, out: &mut [f32]) {
        add(self.recent, terms, factor, out);
    }

    /// Adds those of a knot: rows `factor` times, and `offset` times nearness alone.
    pub(crate) fn add_knot(
        &self,
        knot: usize,
        terms: &[(u32, f32)],
        (factor, offset): (f32, f32),
        out: &mut [f32],
    ) {
        let start = (knot + 1) * self.rows() * out.len();
        add(self.recent.get(start..).unwrap_or_default(), terms, factor, out);
        let near = self.near.get(knot * out.len()..).unwrap_or_default();
        out.iter_mut().zip(near).for_each(|(o, near)| *o += offset * near);
    }
}

/// Rows that a damaged file lacks add nothing.
fn add(rows: &[u16], terms: &[(u32, f32)], factor: f32, out: &mut [f32]) {
    let hashtags = out.len();
    let row = |&(row, weight): &(u32, f32)| {
        let start = row as usize * hashtags;
        Some((weight * factor, rows.get(start..start + hashtags)?))
    };
    bf16::add_rows(terms.iter().filter_map(row), out);
}
