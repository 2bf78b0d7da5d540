//! Fitting the features of one community.

use hashrec_data::CommunitySpace;
use hashrec_features::{FeatureError, FeaturePost, FittedCommunity, LiteralIndex, Rarity};
use hashrec_tokenize::TextTokenizer;
use rayon::prelude::*;

use crate::prepared::{CHUNK, LabelledPost};

/// Fits what the features know of one community: its hashtags as things to find in a text, the
/// counts of its posts, their past. Hit rates are those assumed without any other community.
pub(crate) fn fit_features<'a>(
    space: &CommunitySpace,
    posts: &'a [LabelledPost<'a>],
    tokenizer: &TextTokenizer,
    rarity: &Rarity,
) -> Result<FittedCommunity, FeatureError> {
    let names: Vec<&str> = space.hashtags().collect();
    let literal = LiteralIndex::build(&names, tokenizer, rarity)?;
    let analysed = |labelled: &LabelledPost<'a>| FeaturePost {
        id: &labelled.post.id,
        analysis: labelled.analysis(),
        created_at: labelled.post.created_at,
        gold: labelled.gold,
    };
    // The analyses of one chunk at a time are held in memory.
    let posts = posts
        .chunks(CHUNK)
        .flat_map(|chunk| chunk.par_iter().map(&analysed).collect::<Vec<FeaturePost<'a>>>());
    FittedCommunity::fit(literal, posts)
}
