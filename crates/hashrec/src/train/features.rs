//! What the ranker's features know of each community.

use hashrec_data::CommunityId;
use hashrec_ranker::features::{
    Analysis, CommunityFit, FeatureStore, HitRates, LiteralIndex, PostView, Rarity, RarityBuilder,
    TrainingPost,
};
use rayon::prelude::*;

use super::{
    Reporter,
    chunks::{CHUNK, in_chunks},
    run::Run,
};
use crate::{Stage, TrainError};

/// Every community, fitted.
pub(super) struct Fits {
    rarity: Rarity,
    communities: Vec<CommunityFit>,
}

impl Fits {
    pub(super) fn community(&self, id: CommunityId) -> Option<&CommunityFit> {
        self.communities.get(id.index())
    }

    /// The part of the bundle.
    pub(super) fn into_store(self) -> Result<Vec<u8>, TrainError> {
        let communities = self.communities.into_iter().map(CommunityFit::into_features).collect();
        FeatureStore::new(self.rarity, communities).write().map_err(TrainError::step(Stage::Rows))
    }
}

impl Run<'_> {
    /// A post as the features see it.
    pub(super) fn analysis(&self, post: usize) -> Analysis {
        let (post, tokens) = (&self.posts[post], &self.tokens[post]);
        Analysis::new(&PostView::new(&post.text, tokens, post.created_at))
    }
}

/// Fits the features of all communities.
pub(super) fn fit(run: &Run<'_>, reporter: &mut Reporter<'_>) -> Result<Fits, TrainError> {
    let failed = || TrainError::step(Stage::Rows);
    let rarity = rarity(run);
    let mut communities = Vec::with_capacity(run.space.len());
    for ((_, space), posts) in run.space.communities().zip(run.by_community()) {
        let names: Vec<&str> = space.hashtags().collect();
        let literal = LiteralIndex::build(&names, &run.tokenizer, &rarity).map_err(failed())?;
        let training = in_chunks(&posts, |&post| TrainingPost {
            id: &run.posts[post].id,
            analysis: run.analysis(post),
            created_at: run.posts[post].created_at,
            gold: &run.gold[post],
        });
        communities.push(CommunityFit::fit(literal, training).map_err(failed())?);
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
        chunk.iter().for_each(|&post| builder.add(&run.analysis(post)));
        builder
    });
    counted
        .reduce(RarityBuilder::default, |mut all, part| {
            all.merge(part);
            all
        })
        .finish()
}
