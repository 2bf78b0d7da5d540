//! Fitting each community's adjustment of the ranker.

use std::collections::{HashMap, HashSet};

use hashrec_candidates::{CandidateParams, CommunityModel, Loo, MeaningLoo, Scratch};
use hashrec_data::{CommunitySpace, HashtagId};
use hashrec_features::{FEATURES, FeatureGroups, FittedCommunity, ShortlistParams};
use hashrec_ranker::{
    Adjustment, AdjustmentColumn, AdjustmentSamples, Adjustments, Columns, Ranker,
};
use rayon::prelude::*;

use super::{
    adjusted::{PART, columns},
    post_rows::PostRows,
    samples::generator_scores,
};
use crate::{
    error::LearnError,
    pipeline::generators::ByMeaning,
    prepared::{CHUNK, LabelledPost, inputs},
    progress::Stage,
};

/// The most posts that a community's adjustment is fitted to. More would tell little more, and each
/// takes about as long as answering a request.
const MOST_POSTS: usize = 1_000;

/// The most posts that tell what communities have in common. Their samples are in memory together.
const MOST_SHARED: usize = 10_000;

/// The scores of generators that were not fitted to a post, for each post.
type Unseen<'a> = (&'a Loo<'a>, Option<&'a MeaningLoo>);

/// Fits adjustments of one ranker.
pub(crate) struct Adjuster<'a> {
    without: FeatureGroups,
    shortlist: &'a ShortlistParams,
    ranker: &'a Ranker,
    /// The candidates by meaning, if there is an encoder.
    by_meaning: Option<&'a ByMeaning>,
    /// The ranker's columns among the features.
    own: Columns,
    columns: Vec<AdjustmentColumn>,
    /// The adjustment's columns among the features.
    picked: Columns,
}

impl<'a> Adjuster<'a> {
    /// Adjusts a ranker of the features but those of `without`, over shortlists of these parameters.
    pub(crate) fn new(
        ranker: &'a Ranker,
        without: FeatureGroups,
        shortlist: &'a ShortlistParams,
        by_meaning: Option<&'a ByMeaning>,
    ) -> Result<Self, LearnError> {
        let failed = || LearnError::part("ranker");
        let own = ranker.columns_among(FEATURES).map_err(failed())?;
        let columns = columns(by_meaning.is_some());
        let none = Adjustment::none(columns.len());
        let none = Adjustments::new(columns.clone(), none, []).map_err(failed())?;
        let picked = none.columns_among(FEATURES).map_err(failed())?;
        Ok(Self { without, shortlist, ranker, by_meaning, own, columns, picked })
    }

    /// Which of a community's posts it asks about: spread evenly over them, so that they cover its
    /// whole time.
    pub(crate) fn wanted(posts: usize) -> Vec<u32> {
        let count = posts.min(MOST_POSTS);
        (0..count).map(|i| (i * posts / count) as u32).collect()
    }

    /// Of so many communities, by id, those that tell what all have in common, and the others. All of
    /// them tell, or an even selection where there are many posts.
    pub(crate) fn sharing(
        communities: usize,
        posts: impl Fn(usize) -> usize,
    ) -> (Vec<usize>, Vec<usize>) {
        let asked: usize = (0..communities).map(|id| posts(id).min(MOST_POSTS)).sum();
        let every = asked.div_ceil(MOST_SHARED).max(1);
        (0..communities).partition(|id| id % every == 0)
    }

    /// What communities have in common.
    pub(crate) fn shared<'s>(
        &self,
        communities: impl IntoIterator<Item = &'s AdjustmentSamples<'s>>,
    ) -> Result<Adjustment, LearnError> {
        let shared = Adjustment::shared(self.columns.len(), communities);
        shared.map_err(LearnError::step(Stage::Candidates))
    }

    /// The adjustment of a community whose generators have these parameters.
    pub(crate) fn of(
        &self,
        shared: &Adjustment,
        fit: &FittedCommunity,
        (space, names): (&CommunitySpace, &[f32]),
        posts: &[LabelledPost<'_>],
        params: &CandidateParams,
    ) -> Result<Adjustment, LearnError> {
        let (inputs, wanted) = (inputs(posts.iter().copied()), Self::wanted(posts.len()));
        let (_, scores) = CommunityModel::fit_with_loo_for(&inputs, space.len(), params, &wanted)
            .map_err(LearnError::fit(space.name()))?;
        let meaning = self.by_meaning.map(|by| by.of(space, names, posts, &wanted, 1));
        let meaning = meaning.transpose()?.map(|(_, scores)| scores);
        let samples = self.samples(fit, space, (&scores, meaning.as_ref()), posts)?;
        samples.fit(shared).map_err(LearnError::step(Stage::Candidates))
    }

    /// What the adjustment of a community is fitted to: the candidates of the wanted ones among its
    /// posts.
    pub(crate) fn samples(
        &self,
        fit: &FittedCommunity,
        space: &CommunitySpace,
        scores: Unseen<'_>,
        posts: &[LabelledPost<'_>],
    ) -> Result<AdjustmentSamples<'_>, LearnError> {
        let failed = || LearnError::step(Stage::Candidates);
        let mut samples = AdjustmentSamples::new(&self.columns);
        let known_alone = known_alone(space.len(), posts);
        for chunk in Self::wanted(posts.len()).chunks(CHUNK) {
            let computed: Vec<Result<PostRows, LearnError>> = chunk
                .par_iter()
                .map_init(Scratch::default, |scratch, &number| {
                    let post = posts[number as usize];
                    self.rows(fit, scores, (number as usize, post), &known_alone, scratch)
                })
                .collect();
            let (mut own, mut picked, mut margins) = (Vec::new(), Vec::new(), Vec::new());
            for post in computed {
                let post = post?;
                let rows = post.matrix(FEATURES.len()).map_err(failed())?;
                let own = self.own.pick(rows, &mut own);
                self.ranker
                    .score(own, &mut margins)
                    .map_err(LearnError::step(Stage::Candidates))?;
                let picked = self.picked.pick(rows, &mut picked);
                samples
                    .push_post(&margins, picked, &post.gold)
                    .map_err(LearnError::step(Stage::Candidates))?;
            }
        }
        Ok(samples)
    }

    /// The candidates of one post, which is the community's `number`th, without its hashtags that the
    /// community knows from it alone.
    fn rows(
        &self,
        fit: &FittedCommunity,
        (index, meaning): Unseen<'_>,
        (number, post): (usize, LabelledPost<'_>),
        known_alone: &HashSet<HashtagId>,
        scratch: &mut Scratch,
    ) -> Result<PostRows, LearnError> {
        let index = index.scores(number, &[], scratch);
        let meaning = meaning.and_then(|meaning| meaning.scores(number));
        let given = generator_scores(self.without, Some(&index), None, meaning.as_ref());
        let analysis = post.analysis();
        let evidence = fit.evidence(number, &analysis, &given, &[]);
        let evidence = evidence.map_err(LearnError::step(Stage::Candidates))?;
        let left_out = |tag: HashtagId| post.gold.contains(&tag) && known_alone.contains(&tag);
        Ok(PostRows::without(&evidence, post.gold, self.shortlist, left_out))
    }

    /// The adjustments of all communities, and what they have in common, as a part.
    pub(crate) fn part(
        self,
        shared: Adjustment,
        communities: Vec<Adjustment>,
    ) -> Result<Vec<u8>, LearnError> {
        let adjustments = Adjustments::new(self.columns, shared, communities);
        let part = adjustments.and_then(|adjustments| adjustments.write());
        part.map_err(LearnError::part(PART))
    }
}

/// The hashtags that a community of so many knows from one post alone. Without that post it wouldn't
/// know them, and that nobody uses them would give them away. None if there are as many that no post
/// carries: then the community knows its hashtags from a list, and an unused one may well be gold.
fn known_alone(hashtags: usize, posts: &[LabelledPost<'_>]) -> HashSet<HashtagId> {
    let mut uses: HashMap<HashtagId, usize> = HashMap::new();
    posts.iter().flat_map(|post| post.gold).for_each(|&tag| *uses.entry(tag).or_default() += 1);
    let unused = hashtags.saturating_sub(uses.len());
    let once: HashSet<HashtagId> =
        uses.into_iter().filter_map(|(tag, uses)| (uses == 1).then_some(tag)).collect();
    if unused < once.len() { once } else { HashSet::new() }
}

#[cfg(test)]
mod tests {
    use hashrec_data::Post;
    use hashrec_tokenize::Tokens;

    use super::*;

    #[test]
    fn a_hashtag_known_from_one_post_is_left_out_unless_there_is_a_list() {
        let posts: Vec<Post> =
            (0..3).map(|id| Post::new(id.to_string(), "c", "t", [""; 0], None)).collect();
        let gold = [[0u32, 1], [1, 2], [1, 3]].map(|tags| tags.map(HashtagId));
        let tokens = Tokens::default();
        let posts: Vec<LabelledPost<'_>> = (posts.iter().zip(&gold))
            .map(|(post, gold)| LabelledPost { post, tokens: &tokens, gold, meaning: &[] })
            .collect();
        let alone = |hashtags| {
            let mut alone: Vec<u32> =
                known_alone(hashtags, &posts).into_iter().map(|tag| tag.0).collect();
            alone.sort_unstable();
            alone
        };
        assert_eq!(alone(4), [0, 2, 3]);
        assert_eq!(alone(6), [0, 2, 3]);
        assert_eq!(alone(7), [0; 0]);
    }

    #[test]
    fn every_community_shares_unless_there_are_very_many_posts() {
        let sharing = |sizes: &[usize]| {
            let (sharing, others) = Adjuster::sharing(sizes.len(), |id| sizes[id]);
            let mut all = [&sharing[..], &others].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..sizes.len()));
            sharing
        };
        assert_eq!(sharing(&[]), [0; 0]);
        assert_eq!(sharing(&[5, 100_000, 0]), [0, 1, 2]);
        let many = vec![25; 1_000];
        let asked = sharing(&many).len() * 25;
        assert!(asked <= MOST_SHARED && asked > MOST_SHARED / 2, "{asked}");
    }
}
