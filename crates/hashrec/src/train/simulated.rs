//! A community as it would be if it had only some of its posts: everything is fitted to them and
//! asked as it is for a community that is served.

use hashrec_candidates::{CandidateParams, CommunityModel, PostFeatures, Scratch};
use hashrec_data::{CommunityId, CommunitySpace, HashtagId, HashtagSpace};
use hashrec_features::{Analysis, CommunityFeatures, HitRates, Rarity};

use super::{rows::PostRows, run::Run};
use crate::{
    Stage, TrainError,
    fit::{self, LabelledPost, gold},
    serve::given_scores,
};

/// What is known beside the community's posts.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// How rare words are.
    pub(super) rarity: &'a Rarity,
    /// How reliable hits are in other communities.
    pub(super) rates: HitRates,
}

/// The buffers of one thread.
#[derive(Default)]
pub(super) struct Buffers {
    scratch: Scratch,
    features: PostFeatures,
}

/// A community with some of its posts.
pub(super) struct Simulated<'a> {
    run: &'a Run<'a>,
    /// With this community alone, its hashtags in the order of their use in those posts.
    spaces: HashtagSpace,
    /// Those hashtags in the community's whole space.
    whole: Vec<HashtagId>,
    features: CommunityFeatures,
    generators: CommunityModel,
}

impl<'a> Simulated<'a> {
    /// The community of that space with `posts` alone, fitted on so many threads; `None` if it has
    /// no hashtags.
    pub(super) fn new(
        run: &'a Run<'a>,
        space: &CommunitySpace,
        posts: &[usize],
        known: Known<'_>,
        threads: usize,
    ) -> Result<Option<Self>, TrainError> {
        let failed = || TrainError::step(Stage::Rows);
        let own = posts.iter().map(|&post| &run.posts[post]);
        let spaces =
            HashtagSpace::builder().list(space.name(), space.hashtags()).posts(own).build();
        let Some(own) = spaces.community(CommunityId(0)) else { return Ok(None) };
        let whole = in_whole(own, space);
        let tags: Vec<Vec<HashtagId>> =
            posts.iter().map(|&post| gold(own, &run.posts[post])).collect();
        let labelled: Vec<LabelledPost<'_>> = (posts.iter().zip(&tags))
            .map(|(&post, gold)| LabelledPost { gold, ..run.labelled(post) })
            .collect();
        let features = fit::features(own, &labelled, &run.tokenizer, known.rarity)
            .map_err(failed())?
            .into_features()
            .with_hit_rates(known.rates);
        let params: CandidateParams = run.config.candidate_params().with_threads(threads);
        let generators = CommunityModel::fit(&fit::inputs(&labelled), own.len(), &params)
            .map_err(TrainError::step(Stage::Candidates))?;
        Ok(Some(Self { run, spaces, whole, features, generators }))
    }

    /// The rows of a post that is not one of its own, with the net's `logits` for the community's
    /// whole space if they are known.
    pub(super) fn rows(
        &self,
        post: usize,
        analysis: &Analysis,
        logits: Option<&[f32]>,
        buffers: &mut Buffers,
    ) -> Result<PostRows, TrainError> {
        let run = self.run;
        let logits: Option<Vec<f32>> = logits
            .and_then(|all| self.whole.iter().map(|id| all.get(id.index()).copied()).collect());
        let (post, tokens) = (&run.posts[post], &run.tokens[post]);
        let view = self.generators.view();
        view.extractor().extract(tokens, &post.text, &mut buffers.features);
        let scores = view.scores(&buffers.features, post.created_at, &[], &mut buffers.scratch);
        let given = given_scores(run.config, Some(&scores), logits.as_deref());
        let evidence = self
            .features
            .evidence(analysis, post.created_at, &given, &[])
            .map_err(TrainError::step(Stage::Rows))?;
        let gold = self.spaces.community(CommunityId(0)).map(|space| gold(space, post));
        Ok(PostRows::of(&evidence, &gold.unwrap_or_default(), &run.config.shortlist))
    }
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
