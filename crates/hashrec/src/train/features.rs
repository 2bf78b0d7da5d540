//! What the ranker's features know of each community.

use hashrec_data::CommunityId;
use hashrec_features::{FeatureStore, FittedCommunity, HitRates, Rarity, RarityBuilder};
use rayon::prelude::*;

use super::{Reporter, run::Run};
use crate::{
    Stage, TrainError,
    fit::{self, CHUNK, LabelledPost},
};

/// Every community, fitted.
pub(super) struct Fits {
    rarity: Rarity,
    communities: Vec<FittedCommunity>,
}

impl Fits {
    /// How rare words are in the whole corpus.
    pub(super) fn rarity(&self) -> &Rarity {
        &self.rarity
    }

    /// For each community, how reliable hits are in all others.
    pub(super) fn rates_of_others(&self) -> Vec<HitRates> {
        let statistics: Vec<_> =
            self.communities.iter().map(|fit| fit.features().statistics()).collect();
        HitRates::over_others(&statistics)
    }

    pub(super) fn community(&self, id: CommunityId) -> Option<&FittedCommunity> {
        self.communities.get(id.index())
    }

    /// The part of the bundle.
    pub(super) fn into_store(self) -> Result<Vec<u8>, TrainError> {
        let communities =
            self.communities.into_iter().map(FittedCommunity::into_features).collect();
        FeatureStore::new(self.rarity, communities).write().map_err(TrainError::step(Stage::Rows))
    }
}

/// Fits the features of all communities.
pub(super) fn fit(run: &Run<'_>, reporter: &mut Reporter<'_>) -> Result<Fits, TrainError> {
    let failed = || TrainError::step(Stage::Rows);
    let rarity = rarity(run);
    let mut communities = Vec::with_capacity(run.space.len());
    for ((_, space), posts) in run.space.communities().zip(run.by_community()) {
        let posts: Vec<LabelledPost<'_>> = posts.iter().map(|&post| run.labelled(post)).collect();
        let fitted = fit::features(space, &posts, &run.tokenizer, &rarity).map_err(failed())?;
        communities.push(fitted);
        reporter.step(Stage::Rows, 0, run.posts.len())?;
    }
    let rates = HitRates::over(communities.iter().map(|fit| fit.features().statistics()));
    let communities = communities.into_iter().map(|fit| fit.with_hit_rates(rates)).collect();
    Ok(Fits { rarity, communities })
}

/// In how many posts of the corpus each word stands.
fn rarity(run: &Run<'_>) -> Rarity {
    let posts: Vec<usize> = (0..run.posts.len()).collect();
    let counted = posts.par_chunks(CHUNK).map(|chunk| {
        let mut builder = RarityBuilder::default();
        chunk.iter().for_each(|&post| builder.add(&run.labelled(post).analysis()));
        builder
    });
    counted
        .reduce(RarityBuilder::default, |mut all, part| {
            all.merge(part);
            all
        })
        .finish()
}
