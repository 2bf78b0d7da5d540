//! The generators' scores of a post, and how each hashtag's score compares with the others'.

use std::borrow::Cow;

use super::groups::{FeatureGroup, FeatureGroups};
use crate::error::FeatureError;

/// The highest rank: hashtags further down share it.
pub(crate) const LAST_RANK: usize = 64;

/// The scores of the generators for one post: one number for each hashtag of the community, in
/// the order of ids. In training they must come from models that have not seen the post.
///
/// The features of a generator without scores are missing, and so are those of a score that is not
/// finite.
#[derive(Clone, Copy, Debug, Default)]
pub struct GeneratorScores<'a> {
    /// The linear model.
    pub linear: Option<&'a [f32]>,
    /// The linear model in which posts close in time count more.
    pub recent: Option<&'a [f32]>,
    /// The vote of the nearest posts.
    pub nearest: Option<&'a [f32]>,
    /// The highest similarity to a post that carries the hashtag.
    pub nearest_best: Option<&'a [f32]>,
    /// The highest similarity to any post: one number.
    pub nearest_max: f32,
    /// The vote of the nearest posts that carry a hashtag the author has chosen.
    pub nearest_chosen: Option<&'a [f32]>,
    /// The similarity to the posts that carry the hashtag, averaged.
    pub centroid: Option<&'a [f32]>,
    /// The multi-label classifier.
    pub classifier: Option<&'a [f32]>,
    /// What post and hashtags mean.
    pub meaning: Option<MeaningScores<'a>>,
    /// Groups of features that are left out.
    pub(crate) without: FeatureGroups,
}

/// The scores by the vectors of an encoder: one number for each hashtag of the community, in the order
/// of ids.
#[derive(Clone, Copy, Debug, Default)]
pub struct MeaningScores<'a> {
    /// The linear model of the vectors.
    pub linear: &'a [f32],
    /// The vote of the posts that mean about the same.
    pub nearest: &'a [f32],
    /// The highest weight of such a post that carries the hashtag.
    pub nearest_best: &'a [f32],
    /// The highest weight of any post: one number.
    pub nearest_max: f32,
    /// The mean weight of the posts that carry the hashtag.
    pub centroid: &'a [f32],
    /// The cosine of the text and the hashtag's name.
    pub text_name: &'a [f32],
    /// The cosine of the title and the hashtag's name.
    pub title_name: &'a [f32],
}

impl<'a> GeneratorScores<'a> {
    hashrec_storage::setters! {
        with_linear: linear, &'a [f32];
        with_recent: recent, &'a [f32];
        with_nearest: nearest, &'a [f32];
        with_nearest_best: nearest_best, &'a [f32];
        with_nearest_max: nearest_max, f32;
        with_nearest_chosen: nearest_chosen, &'a [f32];
        with_centroid: centroid, &'a [f32];
        with_classifier: classifier, &'a [f32];
        with_meaning: meaning, MeaningScores<'a>;
    }

    /// Leaves out groups of features: their columns are missing, and what they are computed from
    /// nominates no candidate. This drops the scores of generators in those groups, so call it after
    /// setting them. [`recent`](Self::recent) belongs to two groups, the linear model and time;
    /// [`nearest_chosen`](Self::nearest_chosen) to the nearest posts and the chosen hashtags.
    pub fn without(mut self, groups: FeatureGroups) -> Self {
        self.without = groups;
        let out = |group| groups.contains(group);
        if out(FeatureGroup::Nearest) {
            self.nearest_max = f32::NAN;
        }
        for (scores, group) in [
            (&mut self.linear, FeatureGroup::Linear),
            (&mut self.nearest, FeatureGroup::Nearest),
            (&mut self.nearest_best, FeatureGroup::Nearest),
            (&mut self.centroid, FeatureGroup::Nearest),
            (&mut self.classifier, FeatureGroup::Classifier),
        ] {
            *scores = scores.filter(|_| !out(group));
        }
        self.meaning = self.meaning.filter(|_| !out(FeatureGroup::Meaning));
        for (scores, groups) in [
            (&mut self.recent, [FeatureGroup::Linear, FeatureGroup::Time]),
            (&mut self.nearest_chosen, [FeatureGroup::Nearest, FeatureGroup::Chosen]),
        ] {
            *scores = scores.filter(|_| !groups.into_iter().any(out));
        }
        self
    }
}

/// All generators' scores, each with the highest ones, which ranks and gaps are taken against.
pub(crate) struct ScoreColumns<'a> {
    pub(crate) linear: Ranked<'a>,
    pub(crate) recent: Ranked<'a>,
    pub(crate) nearest: Ranked<'a>,
    pub(crate) nearest_best: Ranked<'a>,
    pub(crate) nearest_max: f32,
    pub(crate) nearest_chosen: Ranked<'a>,
    pub(crate) centroid: Ranked<'a>,
    pub(crate) classifier: Ranked<'a>,
    pub(crate) meaning: MeaningColumns<'a>,
}

/// The scores by meaning.
pub(crate) struct MeaningColumns<'a> {
    pub(crate) linear: Ranked<'a>,
    pub(crate) nearest: Ranked<'a>,
    pub(crate) nearest_best: Ranked<'a>,
    pub(crate) nearest_max: f32,
    pub(crate) centroid: Ranked<'a>,
    pub(crate) text_name: Ranked<'a>,
    pub(crate) title_name: Ranked<'a>,
}

impl<'a> ScoreColumns<'a> {
    pub(crate) fn new(given: &GeneratorScores<'a>, expected: usize) -> Result<Self, FeatureError> {
        let rank = |generator, scores: Option<&'a [f32]>| match scores {
            Some(scores) if scores.len() != expected => {
                Err(FeatureError::ScoreCount { generator, expected, found: scores.len() })
            }
            scores => Ok(Ranked::new(scores.unwrap_or_default())),
        };
        let finite = |max: f32| if max.is_finite() { max } else { f32::NAN };
        let meaning = given.meaning;
        let by_meaning = |name, scores: fn(&MeaningScores<'a>) -> &'a [f32]| {
            rank(name, meaning.as_ref().map(scores))
        };
        Ok(Self {
            linear: rank("linear", given.linear)?,
            recent: rank("recent", given.recent)?,
            nearest: rank("nearest", given.nearest)?,
            nearest_best: rank("nearest_best", given.nearest_best)?,
            nearest_max: finite(given.nearest_max),
            nearest_chosen: rank("nearest_chosen", given.nearest_chosen)?,
            centroid: rank("centroid", given.centroid)?,
            classifier: rank("classifier", given.classifier)?,
            meaning: MeaningColumns {
                linear: by_meaning("meaning_linear", |scores| scores.linear)?,
                nearest: by_meaning("meaning_nearest", |scores| scores.nearest)?,
                nearest_best: by_meaning("meaning_best", |scores| scores.nearest_best)?,
                nearest_max: meaning.map_or(f32::NAN, |scores| finite(scores.nearest_max)),
                centroid: by_meaning("meaning_centroid", |scores| scores.centroid)?,
                text_name: by_meaning("text_name", |scores| scores.text_name)?,
                title_name: by_meaning("title_name", |scores| scores.title_name)?,
            },
        })
    }
}

/// One generator's scores and the highest of them.
pub(crate) struct Ranked<'a> {
    scores: Cow<'a, [f32]>,
    /// The [`LAST_RANK`] highest, falling.
    top: Vec<f32>,
}

impl<'a> Ranked<'a> {
    pub(crate) fn new(scores: impl Into<Cow<'a, [f32]>>) -> Self {
        let scores = scores.into();
        let mut top: Vec<f32> = scores.iter().copied().filter(|s| s.is_finite()).collect();
        if top.len() > LAST_RANK {
            top.select_nth_unstable_by(LAST_RANK - 1, |a, b| b.total_cmp(a));
            top.truncate(LAST_RANK);
        }
        top.sort_unstable_by(|a, b| b.total_cmp(a));
        Self { scores, top }
    }

    /// The score of a hashtag; NaN if there is none.
    pub(crate) fn score(&self, tag: usize) -> f32 {
        self.scores.get(tag).copied().filter(|score| score.is_finite()).unwrap_or(f32::NAN)
    }

    /// How many hashtags score higher, at most [`LAST_RANK`]; NaN if there is no score.
    pub(crate) fn rank(&self, tag: usize) -> f32 {
        let score = self.score(tag);
        if score.is_nan() {
            return f32::NAN;
        }
        self.top.partition_point(|&top| top > score) as f32
    }

    /// The highest score; NaN if there is none.
    pub(crate) fn max(&self) -> f32 {
        self.top.first().copied().unwrap_or(f32::NAN)
    }

    /// The score less the highest.
    pub(crate) fn gap(&self, tag: usize) -> f32 {
        self.score(tag) - self.max()
    }

    /// The sum of the highest scores, each between 0 and 1: how many hashtags the generator
    /// believes in. NaN if there is no score.
    pub(crate) fn sum(&self) -> f32 {
        if self.top.is_empty() {
            return f32::NAN;
        }
        self.top.iter().map(|score| score.clamp(0.0, 1.0)).sum()
    }

    /// The mean of the scores, and the inverse of their standard deviation; NaN if there is no score.
    pub(crate) fn spread(&self) -> (f32, f32) {
        let finite = || self.scores.iter().copied().filter(|score| score.is_finite());
        let count = finite().count() as f32;
        let mean = finite().sum::<f32>() / count;
        let variance = finite().map(|score| (score - mean).powi(2)).sum::<f32>() / count;
        // Equal scores deviate by nothing.
        (mean, variance.sqrt().max(f32::MIN_POSITIVE).recip())
    }

    /// The `n` hashtags of highest score above `above`, best first, ties by id.
    pub(crate) fn best(&self, n: usize, above: f32) -> Vec<(u32, f32)> {
        best(&self.scores, n, above)
    }
}

/// The `n` hashtags of highest score above `above`, best first, ties by id.
pub(crate) fn best(scores: &[f32], n: usize, above: f32) -> Vec<(u32, f32)> {
    let mut best: Vec<(u32, f32)> = (0u32..)
        .zip(scores.iter().copied())
        .filter(|&(_, score)| score > above && score.is_finite())
        .collect();
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if n == 0 {
        return Vec::new();
    }
    if best.len() > n {
        best.select_nth_unstable_by(n - 1, order);
        best.truncate(n);
    }
    best.sort_unstable_by(order);
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_gap_max_and_sum() {
        let scores = [0.2, 2.0, f32::NAN, 0.2, -1.0];
        let ranked = Ranked::new(&scores[..]);
        let ranks: Vec<f32> = [0, 1, 3, 4].map(|tag| ranked.rank(tag)).to_vec();
        assert_eq!(ranks, [1.0, 0.0, 1.0, 3.0]);
        assert!(ranked.rank(2).is_nan() && ranked.score(2).is_nan() && ranked.score(9).is_nan());
        assert_eq!((ranked.max(), ranked.gap(3)), (2.0, -1.8));
        assert!((ranked.sum() - 1.4).abs() < 1e-6);
        assert_eq!(ranked.best(2, 0.0), [(1, 2.0), (0, 0.2)]);
        assert_eq!(ranked.best(9, 0.5), [(1, 2.0)]);
        assert_eq!(ranked.best(0, 0.0), []);
    }

    #[test]
    fn spread_is_of_the_finite_scores() {
        let (mean, inverse) = Ranked::new(&[1.0, f32::NAN, 3.0][..]).spread();
        assert_eq!((mean, inverse), (2.0, 1.0));
        let (mean, inverse) = Ranked::new(&[5.0][..]).spread();
        assert!(mean == 5.0 && ((5.0 - mean) * inverse) == 0.0);
        assert!(Ranked::new(Vec::new()).spread().0.is_nan());
    }

    #[test]
    fn ranks_end_somewhere() {
        let scores: Vec<f32> = (0..200).map(|n| n as f32).collect();
        let ranked = Ranked::new(&scores[..]);
        assert_eq!((ranked.rank(199), ranked.rank(0)), (0.0, LAST_RANK as f32));
    }

    #[test]
    fn an_absent_generator_is_missing() {
        let ranked = Ranked::new(Vec::new());
        assert!(ranked.max().is_nan() && ranked.sum().is_nan() && ranked.rank(0).is_nan());
        assert!(ranked.best(3, 0.0).is_empty());
    }

    #[test]
    fn scores_of_another_length_are_an_error() {
        let given = GeneratorScores::default().with_nearest(&[0.0; 3]);
        assert!(matches!(
            ScoreColumns::new(&given, 2),
            Err(FeatureError::ScoreCount { generator: "nearest", expected: 2, found: 3 })
        ));
    }
}
