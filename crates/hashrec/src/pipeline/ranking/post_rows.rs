//! The rows that a ranker learns from.

use std::collections::HashSet;

use hashrec_data::HashtagId;
use hashrec_features::{Evidence, FEATURES, ShortlistParams};
use ndarray::{ArrayView2, ShapeError};

/// The rows of one post with one set of chosen hashtags.
pub(crate) struct PostRows {
    rows: Vec<f32>,
    /// Whether the author used the hashtag of each row.
    pub(crate) gold: Vec<bool>,
}

impl PostRows {
    /// Rows of these hashtags.
    pub(crate) fn new(hashtags: &[HashtagId], gold: &[HashtagId], rows: Vec<f32>) -> Self {
        let gold: HashSet<&HashtagId> = gold.iter().collect();
        Self { rows, gold: hashtags.iter().map(|tag| gold.contains(tag)).collect() }
    }

    /// The rows of the shortlist.
    #[cfg(feature = "train")]
    pub(crate) fn of(
        evidence: &Evidence<'_>,
        gold: &[HashtagId],
        params: &ShortlistParams,
    ) -> Self {
        Self::without(evidence, gold, params, |_| false)
    }

    /// The rows of the shortlist but for some hashtags.
    pub(crate) fn without(
        evidence: &Evidence<'_>,
        gold: &[HashtagId],
        params: &ShortlistParams,
        left_out: impl Fn(HashtagId) -> bool,
    ) -> Self {
        let mut shortlist = evidence.shortlist(params);
        shortlist.retain(|&tag| !left_out(tag));
        let mut rows = Vec::with_capacity(shortlist.len() * FEATURES.len());
        evidence.rows(&shortlist, &mut rows);
        Self::new(&shortlist, gold, rows)
    }

    /// The rows, of shape `[hashtags, columns]`.
    pub(crate) fn matrix(&self, columns: usize) -> Result<ArrayView2<'_, f32>, ShapeError> {
        ArrayView2::from_shape((self.gold.len(), columns), &self.rows)
    }
}
