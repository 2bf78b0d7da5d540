//! The ranked answer to a request.

use std::collections::HashSet;

use hashrec_candidates::Source;
use hashrec_data::{CommunitySpace, HashtagId, normalize_hashtag};
use hashrec_features::{Evidence, FeatureGroup, GeneratorScores};
use hashrec_ranker::Objective;
use hashrec_tokenize::Worker;
use ndarray::ArrayView2;

use super::{Buffers, Reading, dense_scores, push_vector_rows};
use crate::{
    Config, RecommendError, Recommendation, Request,
    model::Model,
    system::{Generator, Ranking},
};

/// How many candidates the paper's ranker is given (section 4.2).
pub(crate) const PAPER_CANDIDATES: usize = 30;

/// A generator put a hashtag forward if it is among its so many best.
const PUT_FORWARD: usize = 10;

/// What may be answered.
struct Filter {
    chosen: Vec<HashtagId>,
    denied: Vec<HashtagId>,
    allowed: Option<Vec<HashtagId>>,
}

impl Filter {
    fn new(request: &Request, space: &CommunitySpace) -> Self {
        let ids = |names: &[String]| -> Vec<HashtagId> {
            let mut ids: Vec<_> =
                names.iter().filter_map(|name| space.id(normalize_hashtag(name))).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        Self {
            chosen: ids(&request.chosen),
            denied: ids(&request.denied),
            allowed: request.allowed.as_deref().map(ids),
        }
    }

    fn admits(&self, hashtag: HashtagId) -> bool {
        let among = |ids: &[HashtagId]| ids.binary_search(&hashtag).is_ok();
        !among(&self.chosen) && !among(&self.denied) && self.allowed.as_deref().is_none_or(among)
    }
}

/// A candidate with its final score.
struct Scored {
    hashtag: HashtagId,
    score: f32,
    sources: Vec<Source>,
}

/// Answers one request.
pub(crate) fn answer(
    model: &Model,
    worker: &mut (dyn Worker + '_),
    buffers: &mut Buffers,
    request: &Request,
) -> Result<Vec<Recommendation>, RecommendError> {
    let unknown = || RecommendError::UnknownCommunity { community: request.community.clone() };
    let community = model.space.community_id(&request.community).ok_or_else(unknown)?;
    let space = model.space.community(community).ok_or_else(unknown)?;
    if request.k == 0 {
        return Ok(Vec::new());
    }
    let filter = Filter::new(request, space);
    let Buffers { tokens, features, scratch, rows, picked, scores } = buffers;
    let post = Reading::new(model, worker, tokens, community, &request.text, request.created_at);
    let mut found = match model.config().system.ranking() {
        Ranking::None => unranked(&post, features, scratch)?,
        Ranking::Vectors => {
            let candidates = match &filter.allowed {
                Some(allowed) => allowed.clone(),
                None => paper_candidates(&post)?,
            };
            rows.clear();
            push_vector_rows(&post, &candidates, rows)?;
            let source = model.config().system.generator().source();
            rank(model, (rows, picked), scores, &candidates, |_| vec![source])?
        }
        Ranking::Features => {
            let index = post.index_scores(&filter.chosen, features, scratch);
            let classifier = classifier_scores(&post)?;
            let given = given_scores(model.config(), index.as_ref(), classifier.as_deref());
            let evidence = gather(&post, &given, &filter.chosen)?;
            let shortlist = match &filter.allowed {
                Some(allowed) => allowed.clone(),
                None => evidence.shortlist(&model.config().shortlist),
            };
            rows.clear();
            evidence.rows(&shortlist, rows);
            let top = Put::forward(&given);
            rank(model, (rows, picked), scores, &shortlist, |tag| top.sources(&evidence, tag))?
        }
    };
    found.retain(|scored| filter.admits(scored.hashtag));
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.hashtag.cmp(&b.hashtag)));
    found.truncate(request.k);
    fill_up(&mut found, space, &filter, request.k);
    let enough = |scored: &Scored| request.min_score.is_none_or(|min| scored.score >= min);
    let recommendation = |scored: Scored| {
        let hashtag = space.hashtag(scored.hashtag)?.to_owned();
        Some(Recommendation { hashtag, score: scored.score, sources: scored.sources })
    };
    Ok(found.into_iter().filter(enough).filter_map(recommendation).collect())
}

/// Hashtags that no stage looked at follow the ranked ones, most used first, with score 0, so that
/// `k` hashtags are answered wherever the community has them.
fn fill_up(found: &mut Vec<Scored>, space: &CommunitySpace, filter: &Filter, k: usize) {
    if found.len() >= k {
        return;
    }
    let seen: HashSet<HashtagId> = found.iter().map(|scored| scored.hashtag).collect();
    let rest = (0..space.len() as u32)
        .map(HashtagId)
        .filter(|id| !seen.contains(id) && filter.admits(*id))
        .map(|hashtag| Scored { hashtag, score: 0.0, sources: vec![Source::Popular] });
    found.extend(rest.take(k - found.len()));
}

fn unranked(
    post: &Reading<'_>,
    features: &mut hashrec_candidates::PostFeatures,
    scratch: &mut hashrec_candidates::Scratch,
) -> Result<Vec<Scored>, RecommendError> {
    let generator = post.model.config().system.generator();
    let scores = dense_scores(post, generator, features, scratch)?;
    Ok((0..)
        .zip(scores)
        .map(|(id, score)| Scored {
            hashtag: HashtagId(id),
            score,
            sources: vec![generator.source()],
        })
        .collect())
}

/// The candidates that the paper's ranker orders, by id.
pub(crate) fn paper_candidates(post: &Reading<'_>) -> Result<Vec<HashtagId>, RecommendError> {
    let generator = post.model.config().system.generator();
    if generator == Generator::Everything {
        return Ok((0..post.hashtags() as u32).map(HashtagId).collect());
    }
    let scores = dense_scores(post, generator, &mut Default::default(), &mut Default::default())?;
    // The simple generator's three sources give thirty each; what none of them names has score 0.
    let limit = if generator == Generator::Simple { usize::MAX } else { PAPER_CANDIDATES };
    let mut best = hashrec_candidates::IndexScores::best(&scores, limit.min(scores.len()));
    if generator == Generator::Simple {
        best.retain(|&tag| scores.get(tag).is_some_and(|&score| score > 0.0));
    }
    best.sort_unstable();
    Ok(best.into_iter().map(|tag| HashtagId(tag as u32)).collect())
}

/// The net's logits, if the system has a net.
pub(crate) fn classifier_scores(post: &Reading<'_>) -> Result<Option<Vec<f32>>, RecommendError> {
    let Some(classifier) = &post.model.classifier else { return Ok(None) };
    let logits = classifier
        .logits(post.community, post.tokens.texts())
        .map_err(|source| RecommendError::Score { source: Box::new(source) })?;
    Ok(Some(logits))
}

/// The generators' scores in the form the features take them, without what the configuration leaves
/// out.
pub(crate) fn given_scores<'a>(
    config: &Config,
    index: Option<&'a hashrec_candidates::IndexScores>,
    classifier: Option<&'a [f32]>,
) -> GeneratorScores<'a> {
    let mut given = GeneratorScores::default();
    if let Some(index) = index {
        given = given
            .with_linear(&index.linear)
            .with_nearest(&index.nearest)
            .with_nearest_best(&index.nearest_best)
            .with_nearest_max(index.nearest_max)
            .with_centroid(&index.centroid);
        if let Some(recent) = &index.recent {
            given = given.with_recent(recent);
        }
        if let Some(company) = &index.cooccurrence {
            given = given.with_nearest_chosen(company);
        }
    }
    if let Some(logits) = classifier {
        given = given.with_classifier(logits);
    }
    given.without(config.features.without)
}

fn gather<'a>(
    post: &'a Reading<'_>,
    given: &GeneratorScores<'a>,
    chosen: &[HashtagId],
) -> Result<Evidence<'a>, RecommendError> {
    let missing = || RecommendError::UnknownCommunity { community: String::new() };
    let features = post.model.features.as_ref().and_then(|store| store.community(post.community));
    features
        .ok_or_else(missing)?
        .evidence(post.analysis(), post.created_at, given, chosen)
        .map_err(|source| RecommendError::Score { source: Box::new(source) })
}

fn rank(
    model: &Model,
    (rows, picked): (&[f32], &mut Vec<f32>),
    scores: &mut Vec<f64>,
    candidates: &[HashtagId],
    sources: impl Fn(HashtagId) -> Vec<Source>,
) -> Result<Vec<Scored>, RecommendError> {
    let Some(ranker) = &model.ranker else { return Ok(Vec::new()) };
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let shape = (candidates.len(), rows.len() / candidates.len());
    let rows = ArrayView2::from_shape(shape, rows)
        .map_err(|source| RecommendError::Score { source: Box::new(source) })?;
    ranker
        .score(model.columns.pick(rows, picked), scores)
        .map_err(|source| RecommendError::Score { source: Box::new(source) })?;
    if model.config().ranker_params().objective == Objective::LambdaRank {
        // Lambda-rank's scores have no bounds; between 0 and 1 they stand above what fills up.
        scores.iter_mut().for_each(|score| *score = 1.0 / (1.0 + (-*score).exp()));
    }
    Ok(candidates
        .iter()
        .zip(scores.iter())
        .map(|(&hashtag, &score)| Scored {
            hashtag,
            score: score as f32,
            sources: sources(hashtag),
        })
        .collect())
}

/// Which hashtags each generator has among its best.
struct Put {
    linear: Vec<usize>,
    nearest: Vec<usize>,
    classifier: Vec<usize>,
}

impl Put {
    fn forward(given: &GeneratorScores<'_>) -> Self {
        let best = |scores: Option<&[f32]>| {
            scores.map_or(Vec::new(), |s| hashrec_candidates::IndexScores::best(s, PUT_FORWARD))
        };
        let mut nearest = best(given.nearest);
        nearest.retain(|&tag| given.nearest.is_some_and(|votes| votes[tag] > 0.0));
        Self { linear: best(given.linear), nearest, classifier: best(given.classifier) }
    }

    fn sources(&self, evidence: &Evidence<'_>, hashtag: HashtagId) -> Vec<Source> {
        let tag = hashtag.index();
        let found = evidence.matches().get(hashtag);
        [
            (Source::Literal, found.in_title() || found.in_text()),
            (Source::Linear, self.linear.contains(&tag)),
            (Source::NearestPost, self.nearest.contains(&tag)),
            (Source::Classifier, self.classifier.contains(&tag)),
            (Source::Popular, tag < PUT_FORWARD && !evidence.is_without(FeatureGroup::Frequency)),
        ]
        .into_iter()
        .filter_map(|(source, forward)| forward.then_some(source))
        .collect()
    }
}
