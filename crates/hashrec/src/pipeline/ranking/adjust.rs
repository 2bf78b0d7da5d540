//! Fitting each community's adjustment of the ranker.

use hashrec_candidates::{CandidateParams, CommunityModel, Loo, Scratch};
use hashrec_data::CommunitySpace;
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
    prepared::{CHUNK, LabelledPost, inputs},
    progress::Stage,
};

/// The most posts that a community's adjustment is fitted to. More would tell little more, and each
/// takes about as long as answering a request.
const MOST_POSTS: usize = 300;

/// Fits adjustments of one ranker.
pub(crate) struct Adjuster<'a> {
    without: FeatureGroups,
    shortlist: &'a ShortlistParams,
    ranker: &'a Ranker,
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
    ) -> Result<Self, LearnError> {
        let failed = || LearnError::part("ranker");
        let own = ranker.columns_among(FEATURES).map_err(failed())?;
        let columns = columns();
        let none = Adjustments::new(columns.clone(), []).map_err(failed())?;
        let picked = none.columns_among(FEATURES).map_err(failed())?;
        Ok(Self { without, shortlist, ranker, own, columns, picked })
    }

    /// Which of a community's posts it asks about: spread evenly over them, so that they cover its
    /// whole time.
    pub(crate) fn wanted(posts: usize) -> Vec<u32> {
        let count = posts.min(MOST_POSTS);
        (0..count).map(|i| (i * posts / count) as u32).collect()
    }

    /// The adjustment of a community whose generators have these parameters.
    pub(crate) fn of(
        &self,
        fit: &FittedCommunity,
        space: &CommunitySpace,
        posts: &[LabelledPost<'_>],
        params: &CandidateParams,
    ) -> Result<Adjustment, LearnError> {
        let (inputs, wanted) = (inputs(posts.iter().copied()), Self::wanted(posts.len()));
        let (_, scores) = CommunityModel::fit_with_loo_for(&inputs, space.len(), params, &wanted)
            .map_err(LearnError::fit(space.name()))?;
        self.adjust(fit, &scores, posts)
    }

    /// The adjustment of a community, fitted to the wanted ones among its posts.
    pub(crate) fn adjust(
        &self,
        fit: &FittedCommunity,
        scores: &Loo<'_>,
        posts: &[LabelledPost<'_>],
    ) -> Result<Adjustment, LearnError> {
        let failed = || LearnError::step(Stage::Candidates);
        let mut samples = AdjustmentSamples::new(&self.columns);
        for chunk in Self::wanted(posts.len()).chunks(CHUNK) {
            let computed: Vec<Result<PostRows, LearnError>> = chunk
                .par_iter()
                .map_init(Scratch::default, |scratch, &number| {
                    let post = posts[number as usize];
                    self.rows(fit, scores, (number as usize, post), scratch)
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
        Ok(samples.fit())
    }

    /// The candidates of one post, which is the community's `number`th.
    fn rows(
        &self,
        fit: &FittedCommunity,
        scores: &Loo<'_>,
        (number, post): (usize, LabelledPost<'_>),
        scratch: &mut Scratch,
    ) -> Result<PostRows, LearnError> {
        let index = scores.scores(number, &[], scratch);
        let given = generator_scores(self.without, Some(&index), None);
        let analysis = post.analysis();
        let evidence = fit.evidence(number, &analysis, &given, &[]);
        let evidence = evidence.map_err(LearnError::step(Stage::Candidates))?;
        Ok(PostRows::of(&evidence, post.gold, self.shortlist))
    }

    /// The adjustments of all communities, as a part.
    pub(crate) fn part(self, communities: Vec<Adjustment>) -> Result<Vec<u8>, LearnError> {
        let adjustments = Adjustments::new(self.columns, communities);
        let part = adjustments.and_then(|adjustments| adjustments.write());
        part.map_err(LearnError::part(PART))
    }
}
