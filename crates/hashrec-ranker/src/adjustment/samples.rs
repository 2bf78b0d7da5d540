//! The candidates of a community's posts.

use std::ops::Range;

use ndarray::ArrayView2;

use super::column::AdjustmentColumn;
use crate::{RankerError, error::expect_equal};

/// The candidates of a community's posts: what an
/// [`Adjustment`](crate::Adjustment) is fitted to.
#[derive(Clone, Debug)]
pub struct AdjustmentSamples<'a> {
    columns: &'a [AdjustmentColumn],
    /// The ranker's score and the columns on their scales, by candidate.
    pub(super) values: Vec<f32>,
    pub(super) posts: Vec<Candidates>,
}

/// The candidates of one post.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    /// Their rows among all.
    pub(super) rows: Range<usize>,
    /// The rows of the gold ones.
    pub(super) gold: Vec<usize>,
}

impl<'a> AdjustmentSamples<'a> {
    /// No posts yet.
    pub fn new(columns: &'a [AdjustmentColumn]) -> Self {
        Self { columns, values: Vec::new(), posts: Vec::new() }
    }

    /// Adds the candidates of a post: the ranker's scores, the features in the order of the columns
    /// (shape `[candidates, columns]`), and which are gold. Scores and features must come from
    /// generators that have not seen the post. A post whose candidates are all gold, or none, teaches
    /// nothing and is left out.
    ///
    /// # Errors
    /// [`RankerError::Shape`].
    pub fn push_post(
        &mut self,
        scores: &[f64],
        features: ArrayView2<'_, f32>,
        gold: &[bool],
    ) -> Result<(), RankerError> {
        expect_equal("scores of a post", gold.len(), scores.len())?;
        expect_equal("rows of a post", gold.len(), features.nrows())?;
        expect_equal("columns of a row", self.columns.len(), features.ncols())?;
        let first = self.values.len() / self.width();
        let numbered = (first..).zip(gold);
        let of_gold: Vec<usize> = numbered.filter_map(|(row, &gold)| gold.then_some(row)).collect();
        if of_gold.is_empty() || of_gold.len() == gold.len() {
            return Ok(());
        }
        for (score, row) in scores.iter().zip(features.rows()) {
            self.values.push(*score as f32);
            let columns = self.columns.iter().zip(row);
            let values = columns.map(|(column, &value)| column.value(value) as f32);
            self.values.extend(values);
        }
        self.posts.push(Candidates { rows: first..first + gold.len(), gold: of_gold });
        Ok(())
    }

    /// The number of posts that teach something.
    pub fn posts(&self) -> usize {
        self.posts.len()
    }

    /// Values of a row.
    pub(super) fn width(&self) -> usize {
        self.columns.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::AdjustmentScale;

    #[test]
    fn posts_that_teach_nothing_are_left_out_and_wrong_shapes_refused() {
        let columns =
            ["a", "b"].map(|name| AdjustmentColumn::new(name, AdjustmentScale::Times(1.0)));
        let mut samples = AdjustmentSamples::new(&columns);
        let rows = array![[1.0, f32::NAN], [2.0, 3.0]];
        samples.push_post(&[0.0, 1.0], rows.view(), &[true, true]).unwrap();
        samples.push_post(&[0.0, 1.0], rows.view(), &[false, false]).unwrap();
        assert_eq!(samples.posts(), 0);
        assert!(samples.push_post(&[0.0], rows.view(), &[true, false]).is_err());
        assert!(
            samples.push_post(&[0.0, 1.0], array![[1.0], [2.0]].view(), &[true, false]).is_err()
        );
        samples.push_post(&[0.0, 1.0], rows.view(), &[true, false]).unwrap();
        assert_eq!((samples.posts(), samples.values.len()), (1, 6));
    }
}
