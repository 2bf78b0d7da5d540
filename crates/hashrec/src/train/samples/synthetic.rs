//! A synthetic community: a community as it would be with only some of its posts. Everything is
//! fitted to them, and asked as for a community that is served.

use hashrec_candidates::{CandidateParams, CommunityModel, MeaningModel};
use hashrec_data::{CommunityId, CommunitySpace, HashtagId, HashtagSpace, HashtagSpaceBuilder};
use hashrec_features::{Analysis, CommunityFeatures, HitRates, Rarity};

use crate::{
    error::TrainError,
    pipeline::{
        fitting::Run,
        ranking::{FeatureRanking, PostRows, community::fit_features, generator_scores},
        stage::Buffers,
    },
    prepared::{Encoded, LabelledPost, gold, inputs},
    progress::Stage,
};

/// What synthetic communities are made from.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) ranking: &'a FeatureRanking,
    pub(super) run: &'a Run<'a>,
    /// How rare words are.
    pub(super) rarity: &'a Rarity,
    /// For each community, the hit rates of all others.
    pub(super) rates: &'a [HitRates],
}

/// A community with some of its posts.
pub(super) struct Synthetic<'a> {
    known: Known<'a>,
    /// A space with this community alone, its hashtags in the order of their use in those posts.
    spaces: HashtagSpace,
    /// Those hashtags in the community's whole space.
    whole: Vec<HashtagId>,
    features: CommunityFeatures,
    index: CommunityModel,
    meaning: Option<MeaningModel>,
}

impl<'a> Synthetic<'a> {
    /// The community of that id with only these posts; `None` if it has no hashtags.
    pub(super) fn new(
        known: Known<'a>,
        id: CommunityId,
        posts: &[usize],
        params: &CandidateParams,
    ) -> Result<Option<Self>, TrainError> {
        let prepared = known.run.prepared;
        let Some(space) = prepared.space.community(id) else { return Ok(None) };
        let own = posts.iter().map(|&post| &prepared.posts[post]);
        let spaces = HashtagSpaceBuilder::new(space.folding()).list(space.name(), space.hashtags());
        let spaces = spaces.posts(own).build();
        let Some(own) = spaces.community(CommunityId(0)) else { return Ok(None) };
        let whole = in_whole(own, space);
        let tags: Vec<Vec<HashtagId>> =
            posts.iter().map(|&post| gold(own, &prepared.posts[post])).collect();
        let labelled: Vec<LabelledPost<'_>> = (posts.iter().zip(&tags))
            .map(|(&post, gold)| LabelledPost { gold, ..prepared.labelled(post) })
            .collect();
        let features =
            fit_features(own, &labelled, &prepared.notes, known.run.tokenizer, known.rarity)
                .map_err(TrainError::step(Stage::Rows))?
                .into_features()
                .with_hit_rates(known.rates[id.index()]);
        let index = CommunityModel::fit(&inputs(labelled.iter().copied()), own.len(), params)
            .map_err(TrainError::step(Stage::Candidates))?;
        let by_meaning = known.ranking.by_meaning.as_ref();
        let meaning = by_meaning.map(|by| {
            let names = names(&prepared.encoded, id, &whole);
            by.of(own, &names, &labelled, &[], 1).map(|(model, _)| model)
        });
        let meaning = meaning.transpose()?;
        Ok(Some(Self { known, spaces, whole, features, index, meaning }))
    }

    /// The rows of a post that is not one of its own; `logits` are the net's for the community's
    /// whole space, if they are known.
    pub(super) fn rows(
        &self,
        post: usize,
        analysis: &Analysis,
        logits: Option<&[f32]>,
        buffers: &mut Buffers,
    ) -> Result<PostRows, TrainError> {
        let Known { ranking, run, .. } = self.known;
        let logits: Option<Vec<f32>> = logits
            .and_then(|all| self.whole.iter().map(|id| all.get(id.index()).copied()).collect());
        let meaning = self.meaning.as_ref();
        let meaning = meaning.map(|model| model.view().scores(run.prepared.encoded.post(post)));
        let (post, tokens) = (&run.prepared.posts[post], &run.prepared.tokens[post]);
        let view = self.index.view();
        view.extractor().extract(tokens, &post.text, &mut buffers.features);
        let cosines = meaning.as_ref().map(|meaning| &meaning.cosines[..]);
        let (features, time) = (&buffers.features, post.created_at);
        let scores = view.scores(features, time, cosines, &[], &mut buffers.scratch);
        let (without, logits) = (ranking.features.without, logits.as_deref());
        let given = generator_scores(without, Some(&scores), logits, meaning.as_ref());
        let evidence = self
            .features
            .evidence(analysis, post.created_at, &given, &[])
            .map_err(TrainError::step(Stage::Rows))?;
        let gold = self.spaces.community(CommunityId(0)).map(|space| gold(space, post));
        Ok(PostRows::of(&evidence, &gold.unwrap_or_default(), &ranking.shortlist))
    }
}

/// The vectors of the names of hashtags, given by their ids in the whole space of a community.
fn names(encoded: &Encoded, community: CommunityId, whole: &[HashtagId]) -> Vec<f32> {
    let (all, dim) = (encoded.names(community), encoded.dim);
    let name = |tag: &HashtagId| all.get(tag.index() * dim..(tag.index() + 1) * dim);
    whole.iter().flat_map(|tag| name(tag).unwrap_or_default()).copied().collect()
}

/// The ids in the `whole` space of a community of the hashtags of its `own`.
fn in_whole(own: &CommunitySpace, whole: &CommunitySpace) -> Vec<HashtagId> {
    own.hashtags().filter_map(|tag| whole.id(tag)).collect()
}

#[cfg(test)]
mod tests {
    use hashrec_data::Post;

    use super::*;

    #[test]
    fn hashtags_are_found_in_another_order() {
        let posts = [Post::new("1", "c", "", ["z", "b"], None)];
        let whole = HashtagSpace::builder().list("c", ["a", "b", "z"]).build();
        let own = HashtagSpace::builder().list("c", ["a", "b", "z"]).posts(&posts).build();
        let community = |space: &HashtagSpace| space.community(CommunityId(0)).unwrap().clone();
        let (own, whole) = (community(&own), community(&whole));
        assert_ne!(own.hashtags().collect::<Vec<_>>(), whole.hashtags().collect::<Vec<_>>());
        let found = in_whole(&own, &whole).into_iter().map(|id| whole.hashtag(id).unwrap());
        assert_eq!(found.collect::<Vec<_>>(), own.hashtags().collect::<Vec<_>>());
    }
}
