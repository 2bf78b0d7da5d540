//! The communities of a recommender and new ones, joined.

use std::collections::BTreeMap;

use hashrec_data::{CommunityId, CommunitySpace, HashtagSpace};
use hashrec_tokenize::TextTokenizer;

use crate::prepared::Prepared;

/// Where a community of the joined space comes from.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// The recommender's own, by its id there.
    Old(CommunityId),
    /// A new community with its posts; it is alone in their space.
    New(&'a Prepared<'a>),
}

/// Old and new communities in one space.
pub(crate) struct Joined<'a> {
    pub(crate) space: HashtagSpace,
    pub(crate) old: &'a HashtagSpace,
    /// The new communities by name.
    pub(crate) new: &'a BTreeMap<&'a str, Prepared<'a>>,
    pub(crate) tokenizer: &'a TextTokenizer,
}

impl<'a> Joined<'a> {
    /// Every community, in the order of ids.
    pub(crate) fn communities(
        &self,
    ) -> impl Iterator<Item = (CommunityId, &CommunitySpace, Origin<'a>)> {
        self.space.communities().filter_map(|(id, space)| {
            let new = self.new.get(space.name()).map(Origin::New);
            let old = || self.old.community_id(space.name()).map(Origin::Old);
            Some((id, space, new.or_else(old)?))
        })
    }
}
