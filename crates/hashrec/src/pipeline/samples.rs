//! What rankings learn from: how posts become the rows of a ranker.

use hashrec_candidates::{CandidateParams, IndexScores};
use hashrec_features::{FeatureGroups, FeatureParams, GeneratorScores, ShortlistParams};
use hashrec_ranker::RankerParams;

use crate::config::{SmallCommunityParams, VectorKind};

/// The training samples of a ranking.
#[cfg(feature = "train")]
pub(crate) enum Samples<'a> {
    /// None: there is nothing to learn.
    None,
    /// Features of each post's candidates.
    Features(&'a FeatureSamples),
    /// Vectors of posts and hashtags.
    Vectors(&'a VectorSamples),
}

/// Posts whose candidates are described by features, with scores of generators that were not
/// fitted to the post.
#[derive(Clone)]
pub(crate) struct FeatureSamples {
    /// How generators are fitted to a part of a community's posts.
    #[cfg_attr(not(feature = "train"), expect(dead_code, reason = "only training reads it"))]
    pub(crate) candidates: CandidateParams,
    pub(crate) shortlist: ShortlistParams,
    pub(crate) features: FeatureParams,
    pub(crate) ranker_posts: usize,
    pub(crate) chosen_share: f64,
    pub(crate) newest_share: f64,
    pub(crate) small_communities: SmallCommunityParams,
    pub(crate) ranker: RankerParams,
    #[cfg_attr(not(feature = "train"), expect(dead_code, reason = "only training reads it"))]
    pub(crate) seed: u64,
}

/// The paper's samples: each post with its own hashtags and some others.
#[derive(Clone)]
pub(crate) struct VectorSamples {
    pub(crate) kind: VectorKind,
    pub(crate) ranker: RankerParams,
}

/// The generators' scores as the features take them, except those of `without`.
pub(crate) fn generator_scores<'a>(
    without: FeatureGroups,
    index: Option<&'a IndexScores>,
    logits: Option<&'a [f32]>,
) -> GeneratorScores<'a> {
    let mut scores = GeneratorScores::default();
    if let Some(index) = index {
        scores = scores
            .with_linear(&index.linear)
            .with_nearest(&index.nearest)
            .with_nearest_best(&index.nearest_best)
            .with_nearest_max(index.nearest_max)
            .with_centroid(&index.centroid);
        if let Some(recent) = &index.recent {
            scores = scores.with_recent(recent);
        }
        if let Some(cooccurrence) = &index.cooccurrence {
            scores = scores.with_nearest_chosen(cooccurrence);
        }
    }
    if let Some(logits) = logits {
        scores = scores.with_classifier(logits);
    }
    scores.without(without)
}
