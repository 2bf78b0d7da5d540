//! The communities of a recommender and new ones, joined.

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
    /// The origin of each community, by id.
    pub(crate) origins: Vec<Origin<'a>>,
    pub(crate) tokenizer: &'a TextTokenizer,
}

impl<'a> Joined<'a> {
    /// Every community, in the order of ids.
    pub(crate) fn communities(
        &self,
    ) -> impl Iterator<Item = (CommunityId, &CommunitySpace, Origin<'a>)> {
        let spaces = self.space.communities().zip(&self.origins);
        spaces.map(|((id, space), &origin)| (id, space, origin))
    }
}
