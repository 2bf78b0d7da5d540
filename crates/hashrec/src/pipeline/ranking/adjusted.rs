//! The built-in ranker's scores, adjusted to each community.

use hashrec_data::{CommunityId, HashtagSpace};
use hashrec_features::FEATURES;
#[cfg(feature = "learn")]
use hashrec_ranker::{
    Adjustment, AdjustmentColumn,
    AdjustmentScale::{self, Rank, Times},
};
use hashrec_ranker::{Adjustments, Columns};
use ndarray::ArrayView2;

#[cfg(feature = "learn")]
use crate::{
    error::LearnError,
    pipeline::stage::{Joined, Origin, Parts},
};
use crate::{
    error::{BundleError, RecommendError},
    pipeline::stage::{PartReader, same_hashtags},
};

/// The part, which bundles with a trained ranker don't have.
pub(crate) const PART: &str = "adjustments";

/// The features whose weight differs most from one community to the next: what each generator says,
/// how recent and frequent a hashtag is, what it looks like, and how it is named. Each on a scale on
/// which most values lie between -1 and 1.
#[cfg(feature = "learn")]
const COLUMNS: &[(&str, AdjustmentScale)] = &[
    ("linear", Times(1.0)),
    ("recent", Times(1.0)),
    ("nearest", Times(1.0)),
    ("nearest_best", Times(1.0)),
    ("centroid", Times(1.0)),
    ("linear_rank", Rank),
    ("recent_rank", Rank),
    ("nearest_rank", Rank),
    ("centroid_rank", Rank),
    ("log_count", Times(0.2)),
    ("steady_use", Times(1.0)),
    ("recent_use", Times(1.0)),
    ("previous", Times(1.0)),
    ("trend", Times(2.0)),
    ("posts_since_use", Times(0.1)),
    ("posts_since_first", Times(0.1)),
    ("days_since_use", Times(0.1)),
    ("cooccurrence", Times(1.0)),
    ("hashtag_words", Times(0.5)),
    ("hashtag_chars", Times(0.1)),
    ("hashtag_japanese", Times(1.0)),
    ("rarity_max", Times(0.1)),
    ("named", Times(1.0)),
    ("title_cover", Times(1.0)),
    ("text_cover", Times(1.0)),
    ("title_grams", Times(1.0)),
    ("text_grams", Times(1.0)),
    ("text_phrases", Times(0.5)),
    ("title_phrases", Times(0.5)),
    ("title_runs", Times(0.5)),
    ("body_runs", Times(0.3)),
    ("longest", Times(1.0)),
    ("title_edit", Times(1.0)),
    ("text_edit", Times(1.0)),
    ("title_jaro", Times(1.0)),
    ("title_rate", Times(1.0)),
    ("text_rate", Times(1.0)),
    ("position", Times(1.0)),
];

/// More of them, where there is an encoder.
#[cfg(feature = "learn")]
const BY_MEANING: &[(&str, AdjustmentScale)] = &[
    ("meaning_linear", Times(1.0)),
    ("meaning_nearest", Times(1.0)),
    ("meaning_best", Times(2.0)),
    ("meaning_centroid", Times(2.0)),
    ("meaning_linear_rank", Rank),
    ("meaning_nearest_rank", Rank),
    ("meaning_centroid_rank", Rank),
    ("text_name", Times(2.0)),
    ("title_name", Times(2.0)),
    ("text_name_rank", Rank),
    ("title_name_rank", Rank),
    ("text_name_deviation", Times(0.2)),
    ("title_name_deviation", Times(0.2)),
];

/// What an adjustment weighs beside the ranker's score.
#[cfg(feature = "learn")]
pub(super) fn columns(has_meaning: bool) -> Vec<AdjustmentColumn> {
    let by_meaning = if has_meaning { BY_MEANING } else { &[] };
    COLUMNS
        .iter()
        .chain(by_meaning)
        .map(|&(feature, scale)| AdjustmentColumn::new(feature, scale))
        .collect()
}

/// The adjustments of a bundle.
#[derive(Clone)]
pub(super) struct Adjusted {
    adjustments: Adjustments,
    /// Their columns among those that are computed.
    columns: Columns,
}

impl Adjusted {
    /// Reads the part, if there is one.
    pub(super) fn read_if_there(parts: &PartReader<'_>) -> Result<Option<Self>, BundleError> {
        parts.parts.contains_key(PART).then(|| Self::read(parts)).transpose()
    }

    /// Reads the part.
    pub(super) fn read(parts: &PartReader<'_>) -> Result<Self, BundleError> {
        let adjustments = parts.read(PART, Adjustments::read)?;
        let columns = adjustments.columns_among(FEATURES).map_err(BundleError::part(PART))?;
        Ok(Self { adjustments, columns })
    }

    /// Replaces the ranker's scores of a post's candidates by those of its community.
    pub(super) fn apply(
        &self,
        community: CommunityId,
        rows: ArrayView2<'_, f32>,
        buffer: &mut Vec<f32>,
        scores: &mut [f64],
    ) -> Result<(), RecommendError> {
        let rows = self.columns.pick(rows, buffer);
        self.adjustments.apply(community.index(), rows, scores).map_err(RecommendError::score)
    }

    pub(super) fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError> {
        let communities = self.adjustments.communities();
        same_hashtags(PART, space, |id| {
            let len = space.community(id)?.len();
            (communities == space.len()).then_some(len)
        })
    }

    /// What the communities that the bundle was made of have in common.
    #[cfg(feature = "learn")]
    pub(super) fn shared(&self) -> &Adjustment {
        self.adjustments.shared()
    }

    /// Sets the part for joined communities; `new` are the adjustments of the new ones, in order.
    #[cfg(feature = "learn")]
    pub(super) fn join(
        &self,
        joined: &Joined<'_>,
        new: Vec<Adjustment>,
        parts: &mut Parts,
    ) -> Result<(), LearnError> {
        let columns = self.adjustments.columns().to_vec();
        let none = Adjustment::none(columns.len());
        let old = joined.read(PART, Adjustments::read)?;
        let mut new = new.into_iter();
        let of = |(_, _, origin): (_, _, Origin<'_>)| match origin {
            Origin::Old { segment, id } => {
                old[segment].of(id.index()).unwrap_or_else(|| none.clone())
            }
            Origin::New(_) => new.next().unwrap_or_else(|| none.clone()),
        };
        let shared = self.adjustments.shared().clone();
        let adjustments = Adjustments::new(columns, shared, joined.communities().map(of));
        let adjustments = adjustments.map_err(LearnError::part(PART))?;
        let bytes = adjustments.write().map_err(LearnError::part(PART))?;
        parts.insert(PART.to_owned(), bytes.into());
        Ok(())
    }
}
