//! Parameters of the generators.

use hashrec_vectorize::{CharacterNgrams, TfIdfParams, Words};
use serde::{Deserialize, Serialize};

use crate::CandidatesError;

/// Parameters of all generators without a neural net.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `words` | words and word pairs | the word features of a post | see [`Words`] |
/// | `characters` | 3–5, Japanese 2–4 characters | the character n-grams of a post | see [`CharacterNgrams`] |
/// | `vocabulary` | in 2 posts or more, counting the new post | which features count | see [`TfIdfParams`] |
/// | `nearest` | 30 posts | the vote of the nearest posts | see [`NearestParams`] |
/// | `linear` | ridge penalty 0.3 | the linear classifiers | see [`LinearParams`] |
/// | `recency` | scale of a year | how much more posts close in time count in the second linear classifier | see [`RecencyParams`] |
/// | `mixture` | none | how much posts of a like meaning count in the second linear classifier | see [`MixtureParams`] |
/// | `simple` | 30 candidates per source | edit distance, popularity, nearest hashtags | see [`SimpleParams`] |
/// | `threads` | 1 | threads of the fit | at least 1 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CandidateParams {
    /// The word features of a post.
    pub words: Words,
    /// The character n-grams of a post.
    pub characters: CharacterNgrams,
    /// Which features count.
    pub vocabulary: TfIdfParams,
    /// The vote of the nearest posts.
    pub nearest: NearestParams,
    /// The linear classifiers.
    pub linear: LinearParams,
    /// How much more posts close in time count in the second linear classifier.
    pub recency: RecencyParams,
    /// How much posts of a like meaning count in the second linear classifier.
    pub mixture: MixtureParams,
    /// The paper's simple generator.
    pub simple: SimpleParams,
    /// Threads of the fit. The same number of threads gives the same bytes.
    pub threads: usize,
}

impl Default for CandidateParams {
    fn default() -> Self {
        Self {
            words: Words::default(),
            characters: CharacterNgrams::default(),
            vocabulary: TfIdfParams::default(),
            nearest: NearestParams::default(),
            linear: LinearParams::default(),
            recency: RecencyParams::default(),
            mixture: MixtureParams::default(),
            simple: SimpleParams::default(),
            threads: 1,
        }
    }
}

/// Parameters of the vote of the nearest posts.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `neighbors` | 30 | how many posts vote | at least 1 |
/// | `power` | 2 | a vote weighs the similarity to this power | above 0 |
/// | `centroid_smoothing` | 2 | posts of similarity 0 added to the mean similarity of a hashtag | above 0 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NearestParams {
    /// How many posts vote.
    pub neighbors: usize,
    /// A vote weighs the similarity to this power.
    pub power: f32,
    /// How many posts of similarity 0 are added to the mean similarity of a hashtag's posts, so that
    /// one similar post does not decide for a hashtag with few posts.
    pub centroid_smoothing: f32,
}

impl Default for NearestParams {
    fn default() -> Self {
        Self { neighbors: 30, power: 2.0, centroid_smoothing: 2.0 }
    }
}

/// Parameters of the linear classifier: kernel ridge regression, one output per hashtag.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `penalty` | 0.3 | the ridge penalty λ | above 0 |
/// | `exact_up_to` | 15,000 | larger communities use landmarks, because the exact fit needs 4 · posts² bytes | any number of posts |
/// | `landmarks` | 4,096 | posts that represent all posts of a larger community | at least 1 |
/// | `summed_from` | 64 | what a feature of so many posts adds to the scores is summed up ahead in large communities: answers take less time, bundles more space; 0: of none | any number of posts |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearParams {
    /// The ridge penalty λ.
    pub penalty: f32,
    /// Communities with more posts use landmarks.
    pub exact_up_to: usize,
    /// How many posts represent all posts of such a community.
    pub landmarks: usize,
    /// What features of so many posts add to the scores is summed up ahead; 0: of none.
    pub summed_from: usize,
}

impl Default for LinearParams {
    fn default() -> Self {
        Self { penalty: 0.3, exact_up_to: 15_000, landmarks: 4_096, summed_from: 64 }
    }
}

/// How much more posts close in time count in the second linear classifier.
///
/// The similarity k of two posts that are d days apart becomes
/// k · (1 − `share` + `share` · e) + `offset` · e with e = exp(−d / `scale_days`). A community gets
/// this classifier if more than half of its posts have a time.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `scale_days` | 365 | days after which the nearness e of two posts has fallen to 1/e | above 0 |
/// | `share` | 0.5 | share of the similarity that falls with the nearness; if `share` and `offset` are 0, the classifier is not fitted | 0 to 1 |
/// | `offset` | 0.05 | similarity of two posts of the same time with nothing else in common | 0 or more |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecencyParams {
    /// Days after which the nearness of two posts has fallen to 1/e.
    pub scale_days: f32,
    /// Share of the similarity that falls with the nearness.
    pub share: f32,
    /// Similarity of two posts of the same time with nothing else in common.
    pub offset: f32,
}

impl Default for RecencyParams {
    fn default() -> Self {
        Self { scale_days: 365.0, share: 0.5, offset: 0.05 }
    }
}

/// Parameters of the paper's simple generator.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `per_source` | 30 | candidates of each of the three sources | at least 1 |
/// | `edit_similarity` | 0.8 | smallest similarity of a word and a hashtag: 1 − edits / longer length | above 0, at most 1 |
/// | `edit_min_length` | 3 | shorter ASCII words are not compared | any length |
/// | `fusion` | 60 | the constant k of reciprocal rank fusion | above 0 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimpleParams {
    /// Candidates of each source.
    pub per_source: usize,
    /// Smallest similarity of a word and a hashtag: 1 − edits / longer length.
    pub edit_similarity: f32,
    /// Shorter ASCII words are not compared.
    pub edit_min_length: usize,
    /// The constant k of reciprocal rank fusion.
    pub fusion: f32,
}

impl Default for SimpleParams {
    fn default() -> Self {
        Self { per_source: 30, edit_similarity: 0.8, edit_min_length: 3, fusion: 60.0 }
    }
}

fn require(
    holds: bool,
    name: &'static str,
    found: impl ToString,
    expected: &'static str,
) -> Result<(), CandidatesError> {
    if holds {
        return Ok(());
    }
    Err(CandidatesError::Parameter { name, found: found.to_string(), expected })
}

/// Above 0 and finite.
pub(crate) fn positive(value: f32, name: &'static str) -> Result<(), CandidatesError> {
    require(value > 0.0 && value.is_finite(), name, value, "a number above 0")
}

impl CandidateParams {
    hashrec_storage::setters! {
        with_threads: threads, usize;
        with_linear: linear, LinearParams;
        with_recency: recency, RecencyParams;
        with_mixture: mixture, MixtureParams;
        with_nearest: nearest, NearestParams;
        with_simple: simple, SimpleParams;
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] or [`CandidatesError::Features`] for the first parameter that is
    /// not.
    pub fn check(&self) -> Result<(), CandidatesError> {
        self.characters.check()?;
        self.vocabulary.check()?;
        self.nearest.check()?;
        self.linear.check()?;
        self.recency.check()?;
        self.mixture.check()?;
        self.simple.check()?;
        require(self.threads > 0, "threads", self.threads, "at least 1")
    }
}

impl NearestParams {
    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] for the first parameter that is not.
    pub fn check(&self) -> Result<(), CandidatesError> {
        require(self.neighbors > 0, "nearest.neighbors", self.neighbors, "at least 1")?;
        positive(self.power, "nearest.power")?;
        positive(self.centroid_smoothing, "nearest.centroid_smoothing")
    }
}

impl LinearParams {
    hashrec_storage::setters! {
        with_penalty: penalty, f32;
        with_exact_up_to: exact_up_to, usize;
        with_landmarks: landmarks, usize;
        with_summed_from: summed_from, usize;
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] for the first parameter that is not.
    pub fn check(&self) -> Result<(), CandidatesError> {
        positive(self.penalty, "linear.penalty")?;
        require(self.landmarks > 0, "linear.landmarks", self.landmarks, "at least 1")
    }
}

/// How much posts that mean about the same count in the second linear classifier, where an encoder
/// says what they mean.
///
/// The similarity k of two posts of cosine c becomes (1 − `share`) · k + `share` · exp(`sharpness` ·
/// (c − 1)), before their times count. A product or sum of kernels is a kernel, so the fit and the exact
/// leave-one-out scores stay what they are. But all posts are alike to some degree: every post of the
/// community counts in every recommendation, which takes two or three times as long. That gained .001
/// to .002 NDCG@10 on posts held out of training, which is too little for it: the default does without.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `share` | 0 | share of the similarity that comes from what posts mean | 0 to 1 |
/// | `sharpness` | 3 | how fast it falls with the distance of two posts | above 0 |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MixtureParams {
    /// Share of the similarity that comes from what posts mean.
    pub share: f32,
    /// How fast it falls with the distance of two posts.
    pub sharpness: f32,
}

impl Default for MixtureParams {
    fn default() -> Self {
        Self { share: 0.0, sharpness: 3.0 }
    }
}

impl MixtureParams {
    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] for the first parameter that is not.
    pub fn check(&self) -> Result<(), CandidatesError> {
        require((0.0..=1.0).contains(&self.share), "mixture.share", self.share, "from 0 to 1")?;
        positive(self.sharpness, "mixture.sharpness")
    }

    /// The similarity of two posts, mixed with the cosine of what they mean.
    pub(crate) fn mix(&self, similarity: f32, cosine: f32) -> f32 {
        let alike = (self.sharpness * (cosine.clamp(-1.0, 1.0) - 1.0)).exp();
        (1.0 - self.share) * similarity + self.share * alike
    }
}

impl RecencyParams {
    /// Parameters without a classifier in which time counts.
    pub fn none() -> Self {
        Self { share: 0.0, offset: 0.0, ..Self::default() }
    }

    /// Whether there is no such classifier.
    pub fn is_none(&self) -> bool {
        self.share == 0.0 && self.offset == 0.0
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] for the first parameter that is not.
    pub fn check(&self) -> Result<(), CandidatesError> {
        positive(self.scale_days, "recency.scale_days")?;
        require((0.0..=1.0).contains(&self.share), "recency.share", self.share, "from 0 to 1")?;
        let offset = self.offset >= 0.0 && self.offset.is_finite();
        require(offset, "recency.offset", self.offset, "a number of 0 or more")
    }
}

impl SimpleParams {
    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`CandidatesError::Parameter`] for the first parameter that is not.
    pub fn check(&self) -> Result<(), CandidatesError> {
        require(self.per_source > 0, "simple.per_source", self.per_source, "at least 1")?;
        let similarity = self.edit_similarity;
        require(
            similarity > 0.0 && similarity <= 1.0,
            "simple.edit_similarity",
            similarity,
            "above 0 and at most 1",
        )?;
        positive(self.fusion, "simple.fusion")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_in_range_and_survive_json() {
        let params = CandidateParams::default();
        params.check().unwrap();
        let json = serde_json::to_string(&params).unwrap();
        assert_eq!(serde_json::from_str::<CandidateParams>(&json).unwrap(), params);
        assert_eq!(serde_json::from_str::<CandidateParams>("{}").unwrap(), params);
        assert!(serde_json::from_str::<CandidateParams>(r#"{"neighbours": 3}"#).is_err());
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let named = |params: CandidateParams, name: &str| {
            let message = params.check().unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        };
        let base = CandidateParams::default;
        named(base().with_threads(0), "threads");
        named(base().with_linear(LinearParams::default().with_penalty(0.0)), "penalty");
        named(base().with_linear(LinearParams::default().with_penalty(f32::NAN)), "penalty");
        named(base().with_linear(LinearParams::default().with_landmarks(0)), "landmarks");
        let recency = |share, offset, scale_days| {
            base().with_recency(RecencyParams { scale_days, share, offset })
        };
        named(recency(1.1, 0.0, 1.0), "recency.share");
        named(recency(0.5, f32::INFINITY, 1.0), "recency.offset");
        named(recency(0.5, 0.0, 0.0), "recency.scale_days");
        recency(0.0, 0.0, 1.0).check().unwrap();
        named(
            base().with_nearest(NearestParams { neighbors: 0, ..NearestParams::default() }),
            "neighbors",
        );
        named(
            base().with_simple(SimpleParams { edit_similarity: 1.5, ..SimpleParams::default() }),
            "edit_similarity",
        );
    }
}
