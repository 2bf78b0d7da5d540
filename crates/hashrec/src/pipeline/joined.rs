//! Communities that make up a new segment: new ones, and those of segments that they are merged with.

use std::collections::BTreeMap;

use hashrec_data::{CommunityId, CommunitySpace, HashtagSpace, HashtagSpaceBuilder, NameFolding};
use hashrec_storage::Bytes;
use hashrec_tokenize::TextTokenizer;

use super::parts::Parts;
use crate::{error::LearnError, prepared::Prepared};

/// Where a community of the new segment comes from.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// One of the merged segments, and the community's id there.
    Old { segment: usize, id: CommunityId },
    /// A new community with its posts; it is alone in their space.
    New(&'a Prepared<'a>),
}

/// The communities of a new segment.
pub(crate) struct Joined<'a> {
    pub(crate) space: HashtagSpace,
    /// By id.
    origins: Vec<Origin<'a>>,
    /// The parts of the merged segments.
    old: Vec<&'a Parts>,
    pub(crate) tokenizer: &'a TextTokenizer,
    /// Whether it takes the place of the first segment. That has, beside its communities, what is
    /// common to all.
    pub(crate) is_first: bool,
}

impl<'a> Joined<'a> {
    /// Merges segments, the newest last, with new communities; of communities with the same name
    /// the newest counts.
    pub(crate) fn new(
        merged: impl IntoIterator<Item = (&'a HashtagSpace, &'a Parts)>,
        new: impl IntoIterator<Item = &'a Prepared<'a>>,
        (folding, tokenizer): (NameFolding, &'a TextTokenizer),
        is_first: bool,
    ) -> Self {
        let mut old = Vec::new();
        let mut communities: BTreeMap<&str, (&CommunitySpace, Origin<'_>)> = BTreeMap::new();
        for (segment, (space, parts)) in merged.into_iter().enumerate() {
            let all = space.communities();
            communities.extend(
                all.map(|(id, space)| (space.name(), (space, Origin::Old { segment, id }))),
            );
            old.push(parts);
        }
        for prepared in new {
            let all = prepared.space.communities();
            communities
                .extend(all.map(|(_, space)| (space.name(), (space, Origin::New(prepared)))));
        }
        let (mut builder, mut origins) = (HashtagSpaceBuilder::new(folding), Vec::new());
        for (space, origin) in communities.into_values() {
            builder = builder.community(space);
            origins.push(origin);
        }
        Self { space: builder.build(), origins, old, tokenizer, is_first }
    }

    /// Every community, in the order of ids.
    pub(crate) fn communities(
        &self,
    ) -> impl Iterator<Item = (CommunityId, &CommunitySpace, Origin<'a>)> {
        self.space.communities().zip(&self.origins).map(|((id, space), &from)| (id, space, from))
    }

    /// A part of each of the merged segments, read.
    pub(crate) fn read<T, E>(
        &self,
        part: &'static str,
        parse: impl Fn(Bytes) -> Result<T, E>,
    ) -> Result<Vec<T>, LearnError>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let bytes = self.old.iter().map(|parts| parts.get(part).cloned().unwrap_or_default());
        bytes.map(|bytes| parse(bytes).map_err(LearnError::part(part))).collect()
    }
}
