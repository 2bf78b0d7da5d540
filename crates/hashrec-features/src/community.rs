//! The data of one community that the features are computed from.

use hashrec_storage::{Section, SectionWriter, StorageError};

use crate::{
    error::FeatureError,
    history::{
        statistics::{HitRates, Statistics},
        timeline::Timeline,
    },
    literal::index::LiteralIndex,
};

/// The data of one community that the features are computed from: its hashtags as search patterns,
/// its counts and its past. It is immutable, and threads share it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommunityFeatures {
    literal: LiteralIndex,
    statistics: Statistics,
    timeline: Timeline,
    hit_rates: HitRates,
}

impl CommunityFeatures {
    /// Joins the three parts. `hit_rates` are those of the whole corpus.
    ///
    /// # Errors
    /// [`FeatureError::SpaceMismatch`] if they were made for spaces of different sizes.
    pub fn new(
        literal: LiteralIndex,
        statistics: Statistics,
        timeline: Timeline,
        hit_rates: HitRates,
    ) -> Result<Self, FeatureError> {
        let expected = literal.len();
        for (part, found) in
            [("statistics", statistics.hashtags()), ("timeline", timeline.hashtags())]
        {
            if found != expected {
                return Err(FeatureError::SpaceMismatch { part, expected, found });
            }
        }
        Ok(Self { literal, statistics, timeline, hit_rates })
    }

    /// How many hashtags the community has.
    pub fn hashtags(&self) -> usize {
        self.literal.len()
    }

    /// Its hashtags as search patterns.
    pub fn literal(&self) -> &LiteralIndex {
        &self.literal
    }

    /// Its counts.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Its past.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The prior for its hit rates.
    pub fn hit_rates(&self) -> HitRates {
        self.hit_rates
    }

    /// The same community with another prior. Once all communities are counted,
    /// [`HitRates::over`] gives that of the corpus.
    pub fn with_hit_rates(mut self, hit_rates: HitRates) -> Self {
        self.hit_rates = hit_rates;
        self
    }

    pub(crate) fn write(&self, out: &mut SectionWriter<'_>) {
        self.literal.write(out);
        self.statistics.write(out);
        self.timeline.write(out);
        out.push("hit_rates", &[self.hit_rates.title, self.hit_rates.text]);
    }

    pub(crate) fn read(section: Section<'_>) -> Result<Self, StorageError> {
        let literal = LiteralIndex::read(section)?;
        let hashtags = literal.len();
        let rates = section.finite("hit_rates", 2)?;
        let rate = |at: usize| rates.get(at).copied().unwrap_or_default();
        Ok(Self {
            statistics: Statistics::read(section, hashtags)?,
            timeline: Timeline::read(section, hashtags)?,
            hit_rates: HitRates { title: rate(0), text: rate(1) },
            literal,
        })
    }
}
