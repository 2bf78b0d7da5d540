//! Joins new communities to those of a recommender.

use std::collections::BTreeMap;

use hashrec_data::{CommunitySpace, HashtagSpace, HashtagSpaceBuilder, NameFolding, Post};
use hashrec_tokenize::Tokens;
use rayon::prelude::*;

use super::community::NewCommunity;
use crate::{
    bundle::manifest::{FORMAT_VERSION, Manifest, WRITTEN_BY, entries, segment_entries},
    error::LearnError,
    fingerprint::posts_hasher,
    model::Model,
    notes::Notes,
    pipeline::{joined::Joined, parts::Parts},
    prepared::{Prepared, tokenize},
    segments::Segment,
};

/// A new community whose posts and hashtags were checked.
pub(super) struct Arrival {
    posts: Vec<Post>,
    /// A space with this community alone.
    space: HashtagSpace,
    notes: Notes,
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
        let mut notes = Notes::new(names);
        notes.add(community.name(), community.notes.clone());
        Ok(Self { posts, space, notes })
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
        self.notes.update(&mut hasher);
        hasher.finalize()
    }

    fn prepared(&self, model: &Model) -> Result<Prepared<'_>, LearnError> {
        let tokens: Vec<Tokens> = tokenize(&model.tokenizer, &self.posts).collect();
        let mut prepared = Prepared::new(&self.posts, self.space.clone(), tokens);
        prepared.notes = self.notes.clone();
        if let Some(meaning) = &model.meaning {
            let texts: Vec<&str> = self.posts.iter().map(|post| post.text.as_str()).collect();
            prepared.encoded = meaning.encode(&texts, &self.space, &self.notes)?;
        }
        Ok(prepared)
    }
}

/// The model with these communities added, or in place of its own of the same name. What doesn't
/// depend on communities is shared with it, and so are the segments that stay as they are.
pub(super) fn join(model: &Model, arrivals: &BTreeMap<&str, Arrival>) -> Result<Model, LearnError> {
    let kept = model.segments.kept_beside(arrivals.values().flat_map(Arrival::community));
    merge(model, arrivals, kept)
}

/// The model with all its communities in one segment.
pub(super) fn compact(model: &Model) -> Result<Model, LearnError> {
    merge(model, &BTreeMap::new(), 0)
}

/// The model with so many of its segments as they are, and one of all other communities. That goes
/// through its bytes as in training, so that what is made and what is loaded later are the same
/// thing.
fn merge(
    model: &Model,
    arrivals: &BTreeMap<&str, Arrival>,
    kept: usize,
) -> Result<Model, LearnError> {
    let refused = || LearnError::System { system: model.config().system };
    if model.vectors.is_some() {
        return Err(refused());
    }
    let first = model.segments.first();
    let prepared: Vec<_> =
        arrivals.values().map(|arrival| arrival.prepared(model)).collect::<Result<_, _>>()?;
    let merged = model.segments.iter().skip(kept).map(|old| (&old.space, &old.parts));
    let tokenizer = (first.space.folding(), &model.tokenizer);
    let joined = Joined::new(merged, &prepared, tokenizer, kept == 0);
    let mut parts = if joined.is_first { first.parts.clone() } else { Parts::new() };
    let space = joined.space.write().map_err(LearnError::part("space"))?;
    parts.insert("space".to_owned(), space.into());
    let mut generators = Vec::with_capacity(first.generators.len());
    for generator in &first.generators {
        generators.push(generator.join(&joined, &mut parts)?.ok_or_else(refused)?);
    }
    let ranking = first.ranking.join(&joined, &mut parts)?.ok_or_else(refused)?;
    let manifest = manifest(&model.manifest, arrivals, kept, &parts);
    let segment = Segment { space: joined.space, generators, ranking, parts };
    segment.check_space()?;
    let segments = model.segments.with_newest(kept, segment);
    let (tokenizer, meaning) = (model.tokenizer.clone(), model.meaning.clone());
    Ok(Model { manifest, tokenizer, vectors: None, meaning, segments })
}

/// The manifest of a model with so many of the old one's segments and a new one of these parts.
fn manifest(
    old: &Manifest,
    arrivals: &BTreeMap<&str, Arrival>,
    kept: usize,
    newest: &Parts,
) -> Manifest {
    let mut manifest = Manifest {
        format_version: FORMAT_VERSION,
        written_by: WRITTEN_BY.to_owned(),
        fingerprint: fingerprint(old, arrivals),
        ..old.clone()
    };
    manifest.segments.truncate(kept.saturating_sub(1));
    match kept {
        0 => manifest.parts = entries(newest),
        number => manifest.segments.push(segment_entries(number, newest)),
    }
    manifest
}

/// The old fingerprint and what was added to it.
fn fingerprint(old: &Manifest, arrivals: &BTreeMap<&str, Arrival>) -> String {
    if arrivals.is_empty() {
        return old.fingerprint.clone();
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(old.fingerprint.as_bytes());
    for (name, arrival) in arrivals {
        hasher.update(name.as_bytes()).update(arrival.hash().as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
