//! The rankings as they are configured, and so what they learn from.

use hashrec_candidates::{CandidateParams, IndexScores, MeaningScores};
use hashrec_features::{FeatureGroups, FeatureParams, GeneratorScores, ShortlistParams};
use hashrec_ranker::RankerParams;

use crate::{
    config::{RankerSource, SmallCommunityParams, VectorKind},
    pipeline::generators::ByMeaning,
};

/// What a ranking learns from.
#[cfg(feature = "train")]
pub(crate) enum Samples<'a> {
    /// Features of each post's candidates, with scores of generators that were not fitted to the
    /// post.
    Features(&'a FeatureRanking),
    /// Vectors of each post and its own hashtags and some others.
    Vectors(&'a VectorRanking),
}

/// The ranker of features.
#[derive(Clone, serde::Serialize)]
pub(crate) struct FeatureRanking {
    /// The candidates by meaning, if there is an encoder.
    #[cfg_attr(not(feature = "learn"), expect(dead_code, reason = "only fitting reads it"))]
    #[serde(skip)]
    pub(crate) by_meaning: Option<ByMeaning>,
    /// How generators are fitted to a part of a community's posts.
    #[cfg_attr(not(feature = "learn"), expect(dead_code, reason = "only fitting reads it"))]
    #[serde(skip)]
    pub(crate) candidates: CandidateParams,
    pub(crate) shortlist: ShortlistParams,
    pub(crate) features: FeatureParams,
    pub(crate) ranker_posts: usize,
    pub(crate) chosen_share: f64,
    pub(crate) newest_share: f64,
    pub(crate) hidden_share: f64,
    pub(crate) small_communities: SmallCommunityParams,
    pub(crate) ranker_source: RankerSource,
    /// Whether a net is among the generators, which the built-in ranker doesn't know.
    #[cfg_attr(not(feature = "learn"), expect(dead_code, reason = "only fitting reads it"))]
    #[serde(skip)]
    pub(crate) has_net: bool,
    pub(crate) ranker: RankerParams,
    #[cfg_attr(not(feature = "train"), expect(dead_code, reason = "only training reads it"))]
    #[serde(skip)]
    pub(crate) seed: u64,
}

/// The paper's ranker.
#[derive(Clone, serde::Serialize)]
pub(crate) struct VectorRanking {
    #[serde(skip)]
    pub(crate) kind: VectorKind,
    pub(crate) paper_ranker: RankerParams,
}

/// The generators' scores as the features take them, except those of `without`.
pub(crate) fn generator_scores<'a>(
    without: FeatureGroups,
    index: Option<&'a IndexScores>,
    logits: Option<&'a [f32]>,
    meaning: Option<&'a MeaningScores>,
) -> GeneratorScores<'a> {
    let mut scores = GeneratorScores::default();
    if let Some(index) = index {
        scores.linear = Some(&index.linear);
        scores.recent = index.recent.as_deref();
        scores.nearest = Some(&index.nearest);
        scores.nearest_best = Some(&index.nearest_best);
        scores.nearest_max = index.nearest_max;
        scores.nearest_chosen = index.cooccurrence.as_deref();
        scores.centroid = Some(&index.centroid);
    }
    scores.classifier = logits;
    scores.meaning = meaning.map(|meaning| hashrec_features::MeaningScores {
        linear: &meaning.linear,
        nearest: &meaning.nearest,
        nearest_best: &meaning.nearest_best,
        nearest_max: meaning.nearest_max,
        centroid: &meaning.centroid,
        text_name: &meaning.text_name,
        title_name: &meaning.title_name,
    });
    scores.without(without)
}
