//! The ranker's training rows, and the ranker.

use hashrec_candidates::{
    CandidateStoreBuilder, CandidatesError, CommunityModel, IndexScores, Loo, PostInput, Scratch,
};
use hashrec_data::{CommunityId, HashtagId};
use hashrec_features::{
    Evidence, FEATURES, FeatureError, SCHEMA_VERSION, ShortlistParams, simulate_chosen,
};
use hashrec_ranker::{Ranker, RankerError, RankerParams, RankingRows, TreeProgress};
use ndarray::ArrayView2;
use rayon::prelude::*;

use super::{Reporter, features::Fits, newest, run::Run, small};
use crate::{
    RecommendError, Stage, TrainError,
    fit::CHUNK,
    model::Model,
    serve::{Reading, given_scores, push_vector_rows, vector_row_names},
};

/// The rows of one post for one state of its author's mind.
pub(super) struct PostRows {
    rows: Vec<f32>,
    gold: Vec<bool>,
}

impl PostRows {
    pub(super) fn new(shortlist: &[HashtagId], gold: &[HashtagId], rows: Vec<f32>) -> Self {
        Self { rows, gold: shortlist.iter().map(|tag| gold.contains(tag)).collect() }
    }

    /// The rows of the shortlist that the parameters ask for.
    pub(super) fn of(
        evidence: &Evidence<'_>,
        gold: &[HashtagId],
        params: &ShortlistParams,
    ) -> Self {
        let shortlist = evidence.shortlist(params);
        let mut rows = Vec::with_capacity(shortlist.len() * FEATURES.len());
        evidence.rows(&shortlist, &mut rows);
        Self::new(&shortlist, gold, rows)
    }

    pub(super) fn push_to(&self, table: &mut RankingRows) -> Result<(), TrainError> {
        let shape = (self.gold.len(), table.feature_names().len());
        let rows = ArrayView2::from_shape(shape, &self.rows);
        let rows = rows.map_err(TrainError::step(Stage::Rows))?;
        table.push_post(rows, &self.gold).map_err(TrainError::step(Stage::Rows))
    }
}

/// Fits the generators over each community's posts, and, where there is a ranker of features,
/// collects its rows: every post with the scores of models that have not seen it.
pub(super) fn candidates(
    run: &Run<'_>,
    fits: Option<&Fits>,
    classifier: Option<&[Vec<f32>]>,
    reporter: &mut Reporter<'_>,
) -> Result<(Vec<u8>, Option<RankingRows>), TrainError> {
    let failed = || TrainError::step::<CandidatesError>(Stage::Candidates);
    let params = run.config.candidate_params().with_threads(run.threads);
    let mut builder = CandidateStoreBuilder::new(&params);
    let mut table = fits.map(|_| {
        let names = FEATURES.iter().map(|&name| name.to_owned()).collect();
        RankingRows::new(names, &ranker_params(run)).with_schema_version(SCHEMA_VERSION)
    });
    let teaching = run.teaching();
    let mut done = 0;
    for ((id, space), posts) in run.space.communities().zip(run.by_community()) {
        let inputs: Vec<PostInput<'_>> =
            posts.iter().map(|&post| run.labelled(post).input()).collect();
        let numbered = posts.iter().copied().enumerate();
        let teaching: Vec<_> = numbered.filter(|&(_, post)| teaching[post]).collect();
        let asked: Vec<u32> = match fits {
            Some(_) => teaching.iter().map(|&(number, _)| number as u32).collect(),
            None => Vec::new(),
        };
        let (model, loo) = CommunityModel::fit_with_loo_for(&inputs, space.len(), &params, &asked)
            .map_err(failed())?;
        builder.add(id, model).map_err(failed())?;
        if let (Some(fits), Some(table)) = (fits, &mut table) {
            push_rows(run, fits, classifier, id, &teaching, &loo, table)?;
        }
        done += posts.len();
        reporter.step(Stage::Candidates, done, run.posts.len())?;
    }
    if let (Some(fits), Some(table)) = (fits, &mut table) {
        let rates = fits.rates_of_others();
        newest::push_rows(run, &teaching, classifier, fits.rarity(), &rates, table, reporter)?;
        small::push_rows(run, fits.rarity(), &rates, table, reporter)?;
    }
    Ok((builder.write().map_err(failed())?, table))
}

/// The rows of posts of one community, each with its number among the community's posts.
fn push_rows(
    run: &Run<'_>,
    fits: &Fits,
    classifier: Option<&[Vec<f32>]>,
    community: CommunityId,
    posts: &[(usize, usize)],
    loo: &Loo<'_>,
    table: &mut RankingRows,
) -> Result<(), TrainError> {
    let Some(fit) = fits.community(community) else { return Ok(()) };
    let rows_of = |scratch: &mut Scratch, number: usize, post: usize| {
        let (id, gold) = (&run.posts[post].id, &run.gold[post]);
        let chosen = simulate_chosen(id, gold, run.config.chosen_share, run.config.seed);
        let mut index = loo.scores(number, &chosen, scratch);
        // Only the rows for which they are chosen know of their company.
        let company = index.cooccurrence.take();
        let logits = classifier.and_then(|all| all.get(post)).map(Vec::as_slice);
        let analysis = run.labelled(post).analysis();
        let rows = |index: &IndexScores, chosen: &[HashtagId]| {
            let given = given_scores(run.config, Some(index), logits);
            let evidence = fit.evidence(number, &analysis, &given, chosen)?;
            Ok::<_, FeatureError>(PostRows::of(&evidence, gold, &run.config.shortlist))
        };
        let mut all = vec![rows(&index, &[])?];
        if !chosen.is_empty() {
            index.cooccurrence = company;
            all.push(rows(&index, &chosen)?);
        }
        Ok(all)
    };
    for chunk in posts.chunks(CHUNK) {
        let computed: Vec<Result<Vec<PostRows>, FeatureError>> = chunk
            .par_iter()
            .map_init(Scratch::default, |scratch, &(number, post)| rows_of(scratch, number, post))
            .collect();
        for post in computed {
            for rows in post.map_err(TrainError::step(Stage::Rows))? {
                rows.push_to(table)?;
            }
        }
    }
    Ok(())
}

/// The paper's rows: the gold hashtags of each post, and as many others as the parameters say.
pub(super) fn vectors(
    run: &Run<'_>,
    model: &Model,
    reporter: &mut Reporter<'_>,
) -> Result<RankingRows, TrainError> {
    let dim = model.vectors.as_ref().map_or(0, |vectors| vectors.dim());
    let params = ranker_params(run);
    let names = vector_row_names(run.config.vectors.kind, dim);
    let mut table = RankingRows::new(names, &params);
    let numbers: Vec<usize> = (0..run.posts.len()).collect();
    for chunk in numbers.chunks(CHUNK) {
        let computed: Vec<Result<PostRows, RecommendError>> = chunk
            .par_iter()
            .map(|&post| {
                let gold = &run.gold[post];
                let (text, community) = (&run.posts[post].text, run.communities[post]);
                let tokens = &run.tokens[post];
                let reading = Reading::of_tokens(model, tokens, community, text, None);
                let all = (0..reading.hashtags() as u32).map(HashtagId);
                let is_gold: Vec<bool> = all.map(|tag| gold.contains(&tag)).collect();
                let picked: Vec<HashtagId> = params
                    .rows_to_learn_from(post as u32, &is_gold)
                    .into_iter()
                    .map(|tag| HashtagId(tag as u32))
                    .collect();
                let mut rows = Vec::new();
                push_vector_rows(&reading, &picked, &mut rows)?;
                Ok(PostRows::new(&picked, gold, rows))
            })
            .collect();
        for post in computed {
            post.map_err(TrainError::step(Stage::Rows))?.push_to(&mut table)?;
        }
        let done = chunk.last().map_or(0, |last| last + 1);
        reporter.step(Stage::Rows, done, run.posts.len())?;
    }
    Ok(table)
}

/// The parameters of the system's ranker.
fn ranker_params(run: &Run<'_>) -> RankerParams {
    // LightGBM takes 31 bits.
    run.config.ranker_params().clone().with_seed(run.config.seed & 0x7fff_ffff)
}

/// Trains the ranker: a part.
pub(super) fn train_ranker(
    run: &Run<'_>,
    rows: RankingRows,
    reporter: &mut Reporter<'_>,
) -> Result<Vec<u8>, TrainError> {
    let params = ranker_params(run);
    tracing::info!(posts = rows.posts(), rows = rows.rows(), "training the ranker");
    let ranker = Ranker::train(rows, &params, |progress: TreeProgress| {
        let (done, total) = (progress.trees, params.trees as usize);
        reporter.report(Stage::Ranker, done, total, String::new)
    })
    .map_err(|error| match error {
        RankerError::Cancelled { .. } => TrainError::Cancelled { stage: Stage::Ranker.name() },
        error => TrainError::step(Stage::Ranker)(error),
    })?;
    ranker.write().map_err(TrainError::step(Stage::Ranker))
}
