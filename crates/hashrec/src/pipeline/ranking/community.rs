//! Fitting the features of one community, and what they know of the whole corpus.

use hashrec_data::CommunitySpace;
use hashrec_features::{
    FeatureError, FeaturePost, FittedCommunity, LiteralIndex, Rarity, RarityBuilder, Searched,
};
use hashrec_tokenize::TextTokenizer;
use rayon::prelude::*;

use crate::{
    notes::Notes,
    prepared::{CHUNK, LabelledPost, Prepared},
};

/// Fits what the features know of one community: its hashtags as things to find in a text, the
/// counts of its posts, their past. Hit rates are those assumed without any other community.
pub(crate) fn fit_features<'a>(
    space: &CommunitySpace,
    posts: &'a [LabelledPost<'a>],
    notes: &Notes,
    tokenizer: &TextTokenizer,
    rarity: &Rarity,
) -> Result<FittedCommunity, FeatureError> {
    let names: Vec<&str> = space.hashtags().collect();
    let aliases: Vec<&[String]> =
        names.iter().map(|name| notes.aliases(space.name(), name)).collect();
    let literal = LiteralIndex::build(&names, &aliases, tokenizer, rarity)?;
    let read = |labelled: &LabelledPost<'a>| FeaturePost {
        id: &labelled.post.id,
        searched: Searched::new(&labelled.view()),
        created_at: labelled.post.created_at,
        gold: labelled.gold,
    };
    // The posts of one chunk at a time are held in memory as they are searched.
    let posts = posts
        .chunks(CHUNK)
        .flat_map(|chunk| chunk.par_iter().map(&read).collect::<Vec<FeaturePost<'a>>>());
    FittedCommunity::fit(literal, posts)
}

/// The number of posts of the corpus that each word appears in.
pub(crate) fn rarity(prepared: &Prepared<'_>) -> Rarity {
    let posts: Vec<usize> = (0..prepared.posts.len()).collect();
    let counted = posts.par_chunks(CHUNK).map(|chunk| {
        let mut builder = RarityBuilder::default();
        chunk.iter().for_each(|&post| builder.add(&prepared.labelled(post).view()));
        builder
    });
    counted
        .reduce(RarityBuilder::default, |mut all, part| {
            all.merge(part);
            all
        })
        .finish()
}
