//! Fitting one community: what training does for each of them, and taking in a new one does again.

mod chunks;
mod posts;
mod tokens;

#[cfg(feature = "train")]
pub(crate) use chunks::CHUNK;
pub(crate) use chunks::in_chunks;
pub(crate) use posts::{LabelledPost, gold};
pub(crate) use tokens::tokenize;

use hashrec_candidates::PostInput;
use hashrec_data::CommunitySpace;
use hashrec_features::{FeatureError, FeaturePost, FittedCommunity, LiteralIndex, Rarity};
use hashrec_tokenize::TextTokenizer;

/// The posts as the generators take them.
pub(crate) fn inputs<'a>(posts: &[LabelledPost<'a>]) -> Vec<PostInput<'a>> {
    posts.iter().map(LabelledPost::input).collect()
}

/// Fits what the features know of one community: its hashtags as things to find in a text, its
/// posts' counts, their past. Of how reliable hits are, what is believed without any corpus.
pub(crate) fn features(
    space: &CommunitySpace,
    posts: &[LabelledPost<'_>],
    tokenizer: &TextTokenizer,
    rarity: &Rarity,
) -> Result<FittedCommunity, FeatureError> {
    let names: Vec<&str> = space.hashtags().collect();
    let literal = LiteralIndex::build(&names, tokenizer, rarity)?;
    let training = in_chunks(posts, |labelled| FeaturePost {
        id: &labelled.post.id,
        analysis: labelled.analysis(),
        created_at: labelled.post.created_at,
        gold: labelled.gold,
    });
    FittedCommunity::fit(literal, training)
}
