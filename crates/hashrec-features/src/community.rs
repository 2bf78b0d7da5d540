//! What the features know of one community.

use crate::{
    error::FeatureError,
    history::{
        statistics::{HitRates, Statistics},
        timeline::Timeline,
    },
    literal::index::LiteralIndex,
    section::{SectionReader, SectionWriter},
};

/// What the features know of one community: its hashtags as things to find in a text, its counts,
/// its past. Immutable and shared by all threads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommunityFeatures {
    literal: LiteralIndex,
    statistics: Statistics,
    timeline: Timeline,
    hit_rates: HitRates,
}

impl CommunityFeatures {
    /// Joins the three; `hit_rates` are the whole corpus's.
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

    /// Its hashtags, to be found in posts.
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

    /// What was believed of it before its own posts were seen.
    pub fn hit_rates(&self) -> HitRates {
        self.hit_rates
    }

    /// The same community with other beliefs: once all communities are counted,
    /// [`HitRates::over`] gives those of the corpus.
    pub fn with_hit_rates(mut self, hit_rates: HitRates) -> Self {
        self.hit_rates = hit_rates;
        self
    }

    pub(crate) fn write(&self, out: &mut SectionWriter) {
        self.literal.write(out);
        self.statistics.write(out);
        self.timeline.write(out);
        out.push("hit_rates", &[self.hit_rates.title, self.hit_rates.text]);
    }

    pub(crate) fn read(from: &mut SectionReader<'_>) -> Result<Self, FeatureError> {
        let literal = LiteralIndex::read(from)?;
        let statistics = Statistics::read(from, literal.len())?;
        let timeline = Timeline::read(from, literal.len())?;
        let rates = from.finite("hit_rates", 2)?;
        let &[title, text] = &rates[..] else {
            return Err(from.wrong("hit_rates", "is not two numbers".into()));
        };
        Ok(Self { literal, statistics, timeline, hit_rates: HitRates { title, text } })
    }
}
