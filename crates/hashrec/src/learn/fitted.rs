//! A community fitted to its posts, beside what a recommender knows of others.

use hashrec_candidates::{CandidateParams, CandidatesError, CommunityModel};
use hashrec_data::{CommunityId, CommunitySpace, HashtagId, HashtagSpace};
use hashrec_features::{CommunityFeatures, FeatureError, FeatureStore};
use hashrec_tokenize::Tokens;
use rayon::prelude::*;

use super::NewCommunity;
use crate::{
    LearnError, System,
    fingerprint::posts_hasher,
    fit::{self, LabelledPost, gold, tokenize},
    model::Model,
    system::Ranking,
};

/// A community, fitted.
pub(super) struct Fitted {
    /// A space with this community alone.
    pub(super) space: HashtagSpace,
    pub(super) index: Option<CommunityModel>,
    pub(super) features: Option<CommunityFeatures>,
    /// A hash of everything that went into it.
    pub(super) hash: blake3::Hash,
}

/// Why a system can't take in communities, if it can't.
fn obstacle(system: System) -> Option<&'static str> {
    if system.has_classifier() {
        return Some("its net has no output layer for another community: train again");
    }
    if system.has_vectors() {
        return Some("its parts are of fixed communities: train again");
    }
    None
}

impl Fitted {
    pub(super) fn new(model: &Model, community: &NewCommunity) -> Result<Self, LearnError> {
        let config = model.config();
        if let Some(problem) = obstacle(config.system) {
            return Err(LearnError::System { system: config.system, problem });
        }
        if community.name.trim().is_empty() {
            return Err(LearnError::NoName);
        }
        let posts = community.checked_posts()?;
        let space =
            HashtagSpace::builder().list(&community.name, community.list()).posts(&posts).build();
        let own = space.community(CommunityId(0)).filter(|own| !own.is_empty());
        let no_hashtags = || LearnError::NoHashtags { community: community.name.clone() };
        let own = own.ok_or_else(no_hashtags)?;
        let mut hasher = posts_hasher(&posts);
        own.hashtags().for_each(|tag| {
            hasher.update(tag.as_bytes()).update(&[0]);
        });
        let hash = hasher.finalize();

        let gold: Vec<Vec<HashtagId>> = posts.iter().map(|post| gold(own, post)).collect();
        let tokens: Vec<Tokens> = tokenize(&model.tokenizer, &posts).collect();
        let labelled: Vec<LabelledPost<'_>> = (posts.iter().zip(&tokens).zip(&gold))
            .map(|((post, tokens), gold)| LabelledPost { post, tokens, gold })
            .filter(|post| !post.gold.is_empty())
            .collect();
        let index = match config.system.has_index() {
            true => {
                Some(index(own, &labelled, config.candidate_params()).map_err(failed(community))?)
            }
            false => None,
        };
        let features = match (&model.features, config.system.ranking()) {
            (Some(store), Ranking::Features) => {
                Some(features(model, own, &labelled, store).map_err(failed(community))?)
            }
            _ => None,
        };
        Ok(Self { space, index, features, hash })
    }
}

fn failed<E>(community: &NewCommunity) -> impl FnOnce(E) -> LearnError
where
    E: std::error::Error + Send + Sync + 'static,
{
    let community = community.name.clone();
    move |source| LearnError::Fit { community, source: Box::new(source) }
}

fn index(
    space: &CommunitySpace,
    posts: &[LabelledPost<'_>],
    params: CandidateParams,
) -> Result<CommunityModel, CandidatesError> {
    // The calling thread alone: a service has others to answer with, and the bytes don't depend
    // on the machine.
    let params = params.with_threads(1);
    CommunityModel::fit(&fit::inputs(posts), space.len(), &params)
}

fn features(
    model: &Model,
    space: &CommunitySpace,
    posts: &[LabelledPost<'_>],
    store: &FeatureStore,
) -> Result<CommunityFeatures, FeatureError> {
    let fit = fit::features(space, posts, &model.tokenizer, store.rarity())?;
    Ok(fit.with_hit_rates(store.hit_rates()).into_features())
}
