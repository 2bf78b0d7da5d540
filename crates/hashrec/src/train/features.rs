//! What the ranker's features know of each community.

use hashrec_features::{FeatureStore, FittedCommunity, HitRates, Rarity};

use crate::{
    error::TrainError,
    pipeline::{
        fitting::Run,
        ranking::community::{fit_features, rarity},
    },
    progress::Stage,
};

/// The features of every community.
pub(super) struct Fits {
    /// How rare words are in the whole corpus.
    pub(super) rarity: Rarity,
    /// By community id.
    pub(super) communities: Vec<FittedCommunity>,
}

impl Fits {
    /// Fits the features of all communities.
    pub(super) fn new(run: &Run<'_>) -> Result<Self, TrainError> {
        let prepared = run.prepared;
        let rarity = rarity(prepared);
        let mut communities = Vec::with_capacity(prepared.space.len());
        for ((_, space), posts) in prepared.space.communities().zip(prepared.by_community()) {
            let posts: Vec<_> = posts.iter().map(|&post| prepared.labelled(post)).collect();
            let fitted = fit_features(space, &posts, &prepared.notes, run.tokenizer, &rarity);
            communities.push(fitted.map_err(TrainError::step(Stage::Rows))?);
            run.reporter.step(Stage::Rows, 0, prepared.posts.len())?;
        }
        let rates = HitRates::over(communities.iter().map(|fit| fit.features().statistics()));
        let communities = communities.into_iter().map(|fit| fit.with_hit_rates(rates)).collect();
        Ok(Self { rarity, communities })
    }

    /// For each community, the hit rates of all others.
    pub(super) fn rates_of_others(&self) -> Vec<HitRates> {
        let all = self.communities.iter().map(|fit| fit.features().statistics());
        HitRates::over_others(&all.collect::<Vec<_>>())
    }

    /// The part of the bundle.
    pub(super) fn into_part(self) -> Result<Vec<u8>, TrainError> {
        let communities = self.communities.into_iter().map(FittedCommunity::into_features);
        let store = FeatureStore::new(self.rarity, communities.collect());
        store.write().map_err(TrainError::step(Stage::Rows))
    }
}
