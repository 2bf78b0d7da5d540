//! The hashtags that are ranked at all.

use hashrec_data::HashtagId;
use serde::{Deserialize, Serialize};

use super::{evidence::Evidence, groups::FeatureGroup, scores::best};
use crate::error::FeatureError;

/// How many hashtags each source may nominate for the shortlist.
///
/// | name | default | meaning | range |
/// |---|--:|---|---|
/// | `whole_space` | 60 | in a community with at most this many hashtags, all are ranked | any |
/// | `linear` | 25 | highest scores of the linear model | any |
/// | `recent` | 12 | highest scores of the linear model in which posts close in time count more | any |
/// | `nearest` | 12 | most votes of the nearest posts | any |
/// | `nearest_chosen` | 12 | most votes of the nearest posts that carry a chosen hashtag | any |
/// | `classifier` | 25 | highest scores of the classifier | any |
/// | `meaning` | 15 | highest scores of the linear model of an encoder's vectors | any |
/// | `named` | 3 | names that mean most nearly what the title means | any |
/// | `frequent` | 8 | carried by most posts | any |
/// | `cooccurring` | 8 | used most often together with the likeliest | any |
/// | `covered` | 6 | largest share of words in title and text | any |
/// | `text_rate` | 0.1 | a hashtag found only in the body is nominated if such matches are right more often than this | 0–1 |
///
/// Hashtags found in the title, in any spelling, are always on the shortlist. A source set to 0
/// nominates none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)] // The table above says it.
pub struct ShortlistParams {
    pub whole_space: usize,
    pub linear: usize,
    pub recent: usize,
    pub nearest: usize,
    pub nearest_chosen: usize,
    pub classifier: usize,
    pub meaning: usize,
    pub named: usize,
    pub frequent: usize,
    pub cooccurring: usize,
    pub covered: usize,
    pub text_rate: f32,
}

impl Default for ShortlistParams {
    fn default() -> Self {
        Self {
            whole_space: 60,
            linear: 25,
            recent: 12,
            nearest: 12,
            nearest_chosen: 12,
            classifier: 25,
            meaning: 15,
            named: 3,
            frequent: 8,
            cooccurring: 8,
            covered: 6,
            text_rate: 0.1,
        }
    }
}

impl ShortlistParams {
    hashrec_storage::setters! {
        with_whole_space: whole_space, usize;
        with_linear: linear, usize;
        with_recent: recent, usize;
        with_nearest: nearest, usize;
        with_nearest_chosen: nearest_chosen, usize;
        with_classifier: classifier, usize;
        with_meaning: meaning, usize;
        with_named: named, usize;
        with_frequent: frequent, usize;
        with_cooccurring: cooccurring, usize;
        with_covered: covered, usize;
        with_text_rate: text_rate, f32;
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`FeatureError::Parameter`].
    pub fn check(&self) -> Result<(), FeatureError> {
        let value = self.text_rate;
        match (0.0..=1.0).contains(&value) {
            true => Ok(()),
            false => Err(FeatureError::Parameter { name: "text_rate", value, expected: "0 to 1" }),
        }
    }
}

impl Evidence<'_> {
    /// The hashtags worth ranking, by id, without those already chosen.
    pub fn shortlist(&self, params: &ShortlistParams) -> Vec<HashtagId> {
        let hashtags = self.statistics.hashtags();
        let mut tags: Vec<u32> = if hashtags <= params.whole_space {
            (0..hashtags as u32).collect()
        } else {
            self.nominate(params)
        };
        tags.sort_unstable();
        tags.dedup();
        tags.retain(|&tag| !self.chosen.contains(tag));
        tags.into_iter().map(HashtagId).collect()
    }

    fn nominate(&self, params: &ShortlistParams) -> Vec<u32> {
        let scores = &self.scores;
        let any = f32::NEG_INFINITY;
        let frequent = if self.is_without(FeatureGroup::Frequency) { 0 } else { params.frequent };
        let mut tags: Vec<u32> = [
            scores.linear.best(params.linear, any),
            scores.recent.best(params.recent, any),
            scores.nearest.best(params.nearest, 0.0),
            scores.nearest_chosen.best(params.nearest_chosen, 0.0),
            scores.classifier.best(params.classifier, any),
            scores.meaning.linear.best(params.meaning, any),
            scores.meaning.title_name.best(params.named, any),
            self.frequency.best(frequent, any),
            best(&self.cooccurrence.expected, params.cooccurring, 0.0),
            self.covered(params.covered),
        ]
        .iter()
        .flatten()
        .map(|&(tag, _)| tag)
        .collect();
        for (tag, found) in self.matches.iter() {
            let named = found.in_title() || found.variant == 1.0;
            let usage = || self.statistics.usage(tag.index(), self.rates);
            if named || (found.in_text() && usage().text_rate > params.text_rate) {
                tags.push(tag.0);
            }
        }
        tags
    }

    /// The `n` hashtags with the largest share of their words in title and text.
    fn covered(&self, n: usize) -> Vec<(u32, f32)> {
        let (tags, covers): (Vec<u32>, Vec<f32>) = {
            let mut found: Vec<(u32, f32)> =
                self.matches.iter().map(|(t, m)| (t.0, m.title_cover + m.text_cover)).collect();
            found.sort_unstable_by_key(|&(tag, _)| tag);
            found.into_iter().unzip()
        };
        let best = best(&covers, n, 0.0).into_iter();
        best.filter_map(|(at, cover)| Some((*tags.get(at as usize)?, cover))).collect()
    }
}
