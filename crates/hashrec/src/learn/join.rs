//! Joins new communities to those of a recommender.

use std::collections::BTreeMap;

use hashrec_data::{CommunitySpace, HashtagSpace, HashtagSpaceBuilder, NameFolding, Post};
use hashrec_tokenize::Tokens;
use rayon::prelude::*;

use super::community::NewCommunity;
use crate::{
    bundle::manifest::{FORMAT_VERSION, Manifest, WRITTEN_BY, entries},
    error::LearnError,
    fingerprint::posts_hasher,
    model::Model,
    pipeline::joined::Joined,
    prepared::{Prepared, tokenize},
};

/// A new community whose posts and hashtags were checked.
pub(super) struct Arrival {
    posts: Vec<Post>,
    /// A space with this community alone.
    space: HashtagSpace,
}

impl Arrival {
    /// Checks a community.
    pub(super) fn new(community: &NewCommunity, names: NameFolding) -> Result<Self, LearnError> {
        let posts = community.checked_posts(names)?;
        let space = HashtagSpaceBuilder::new(names)
            .list(community.name(), &community.hashtags)
            .posts(&posts)
            .build();
        if space.hashtags() == 0 {
            return Err(LearnError::NoHashtags { community: community.name.clone() });
        }
        Ok(Self { posts, space })
    }

    fn community(&self) -> impl Iterator<Item = &CommunitySpace> {
        self.space.communities().map(|(_, community)| community)
    }

    /// A hash of everything that the community is fitted to.
    fn hash(&self) -> blake3::Hash {
        let mut hasher = posts_hasher(&self.posts);
        for tag in self.community().flat_map(CommunitySpace::hashtags) {
            hasher.update(tag.as_bytes()).update(&[0]);
        }
        hasher.finalize()
    }

    fn prepared(&self, model: &Model) -> Prepared<'_> {
        let tokens: Vec<Tokens> = tokenize(&model.tokenizer, &self.posts).collect();
        Prepared::new(&self.posts, self.space.clone(), tokens)
    }
}

/// The model with these communities added, or in place of its own of the same name. What doesn't
/// depend on communities is shared with it. The rest goes through its bytes as in training, so
/// that what is made and what is loaded later are the same thing.
pub(super) fn join(model: &Model, arrivals: &BTreeMap<&str, Arrival>) -> Result<Model, LearnError> {
    let refused = || LearnError::System { system: model.config().system };
    if model.vectors.is_some() {
        return Err(refused());
    }
    let prepared: BTreeMap<&str, Prepared<'_>> =
        arrivals.iter().map(|(name, arrival)| (*name, arrival.prepared(model))).collect();
    let old = model.space.communities().map(|(_, community)| community);
    let all = old.chain(arrivals.values().flat_map(Arrival::community));
    let all =
        all.fold(HashtagSpaceBuilder::new(model.space.folding()), |all, one| all.community(one));
    let (space, tokenizer) = (all.build(), &model.tokenizer);
    let joined = Joined { space, old: &model.space, new: &prepared, tokenizer };
    let mut parts = model.parts.clone();
    let space = joined.space.write().map_err(LearnError::part("space"))?;
    parts.insert("space".to_owned(), space.into());
    let mut generators = Vec::with_capacity(model.generators.len());
    for generator in &model.generators {
        generators.push(generator.join(&joined, &mut parts)?.ok_or_else(refused)?);
    }
    let ranking = model.ranking.join(&joined, &mut parts)?.ok_or_else(refused)?;
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        written_by: WRITTEN_BY.to_owned(),
        fingerprint: fingerprint(&model.manifest, arrivals),
        parts: entries(&parts),
        ..model.manifest.clone()
    };
    let (space, tokenizer, vectors) = (joined.space, model.tokenizer.clone(), None);
    let model = Model { manifest, parts, space, tokenizer, vectors, generators, ranking };
    model.check_space()?;
    Ok(model)
}

/// The old fingerprint and what was added to it.
fn fingerprint(old: &Manifest, arrivals: &BTreeMap<&str, Arrival>) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(old.fingerprint.as_bytes());
    for (name, arrival) in arrivals {
        hasher.update(name.as_bytes()).update(arrival.hash().as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
