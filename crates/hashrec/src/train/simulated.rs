//! A community as it would be if it had only some of its posts: everything is fitted to them and
//! asked as it is for a community that is served.

use hashrec_candidates::{CandidateParams, CommunityFit, CommunityModel, PostFeatures, Scratch};
use hashrec_data::{CommunityId, CommunitySpace, HashtagId, HashtagSpace};
use hashrec_ranker::features::{Analysis, CommunityFeatures, HitRates, Rarity};

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
        let Some(space) = spaces.community(CommunityId(0)) else { return Ok(None) };
        let tags: Vec<Vec<HashtagId>> =
            posts.iter().map(|&post| gold(space, &run.posts[post])).collect();
        let labelled: Vec<LabelledPost<'_>> = (posts.iter().zip(&tags))
            .map(|(&post, gold)| LabelledPost { gold, ..run.labelled(post) })
            .collect();
        let features = fit::features(space, &labelled, &run.tokenizer, known.rarity)
            .map_err(failed())?
            .into_features()
            .with_hit_rates(known.rates);
        let params: CandidateParams = run.config.candidate_params().with_threads(threads);
        let generators = CommunityFit::model(&fit::inputs(&labelled), space.len(), &params)
            .map_err(TrainError::step(Stage::Candidates))?;
        Ok(Some(Self { run, spaces, features, generators }))
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
        let own = self.spaces.community(CommunityId(0));
        let whole = run.space.community(run.communities[post]);
        let logits = match (logits, own, whole) {
            (Some(logits), Some(own), Some(whole)) => in_order_of(own, whole, logits),
            _ => None,
        };
        let (post, tokens) = (&run.posts[post], &run.tokens[post]);
        let view = self.generators.view();
        view.extractor().extract(tokens, &post.text, &mut buffers.features);
        let scores = view.scores(&buffers.features, post.created_at, &[], &mut buffers.scratch);
        let given = given_scores(run.config, Some(&scores), logits.as_deref());
        let evidence = self
            .features
            .evidence(analysis, post.created_at, &given, &[])
            .map_err(TrainError::step(Stage::Rows))?;
        let gold = own.map(|space| gold(space, post));
        Ok(PostRows::of(&evidence, &gold.unwrap_or_default(), &run.config.shortlist))
    }
}

/// The scores of the hashtags of `own`, of scores of the hashtags of `whole`; `None` if one has none
/// there.
fn in_order_of(own: &CommunitySpace, whole: &CommunitySpace, scores: &[f32]) -> Option<Vec<f32>> {
    own.hashtags().map(|tag| scores.get(whole.id(tag)?.index()).copied()).collect()
}

#[cfg(test)]
mod tests {
    use hashrec_data::Post;

    use super::*;

    #[test]
    fn scores_follow_their_hashtags_into_another_order() {
        let posts = [Post::new("1", "c", "", ["z", "b"], None)];
        let whole = HashtagSpace::builder().list("c", ["a", "b", "z"]).build();
        let own = HashtagSpace::builder().list("c", ["a", "b", "z"]).posts(&posts).build();
        let community = |space: &HashtagSpace| space.community(CommunityId(0)).unwrap().clone();
        let (own, whole) = (community(&own), community(&whole));
        assert_ne!(own.hashtags().collect::<Vec<_>>(), whole.hashtags().collect::<Vec<_>>());
        let scores: Vec<f32> = whole.hashtags().map(|tag| f32::from(tag.as_bytes()[0])).collect();
        let expected: Vec<f32> = own.hashtags().map(|tag| f32::from(tag.as_bytes()[0])).collect();
        assert_eq!(in_order_of(&own, &whole, &scores), Some(expected));
        let less = community(&HashtagSpace::builder().list("c", ["a"]).build());
        assert_eq!(in_order_of(&own, &less, &[1.0]), None);
    }
}
