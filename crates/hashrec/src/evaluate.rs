//! Evaluates a recommender on posts that it was not trained on.

use std::collections::BTreeMap;

use hashrec_data::{Post, normalize_community};
use hashrec_metrics::{Accumulator, Bootstrap, Report};

use crate::{
    error::RecommendError,
    recommender::Recommender,
    request::{Recommendation, Request},
};

/// Recommends hashtags for posts and compares them with those that the authors chose, a chunk of
/// posts at a time.
///
/// Only hashtags that the post's community has count as gold: no system could recommend others.
/// Posts without any are excluded and counted. Posts of communities that the recommender doesn't
/// know are counted apart, by [`Evaluation::unknown_communities`].
pub struct Evaluation<'a> {
    recommender: &'a Recommender,
    metrics: Accumulator,
    unknown: BTreeMap<String, u64>,
}

/// Why there is no result of an evaluation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// No post could be measured.
    #[error(
        "nothing to measure in {posts} posts: {without_gold} have no hashtag that their community has{}", said(.unknown)
    )]
    NothingMeasured {
        /// How many posts were given.
        posts: u64,
        /// How many of them have no hashtag that their community has.
        without_gold: u64,
        /// Communities that the bundle doesn't know, and how many posts they have.
        unknown: BTreeMap<String, u64>,
    },
    /// A part of the bundle failed in use.
    #[error(transparent)]
    Recommend(#[from] RecommendError),
}

/// The unknown communities as the end of a sentence.
fn said(unknown: &BTreeMap<String, u64>) -> String {
    const NAMED: usize = 5;
    if unknown.is_empty() {
        return String::new();
    }
    let posts: u64 = unknown.values().sum();
    let names: Vec<String> = unknown.keys().take(NAMED).map(|name| format!("{name:?}")).collect();
    let more = unknown.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        ", {posts} belong to communities that the bundle does not know: {}{more}; evaluate on posts of the communities that it was trained on",
        names.join(", ")
    )
}

impl<'a> Evaluation<'a> {
    /// An evaluation of the first `k` recommendations, without posts so far.
    pub fn new(recommender: &'a Recommender, k: usize) -> Self {
        let spaces = recommender.spaces();
        let sizes = spaces.iter().map(|space| (space.name().to_owned(), u64::from(space.posts())));
        let metrics = Accumulator::new(k).with_train_posts(sizes);
        Self { recommender, metrics, unknown: BTreeMap::new() }
    }

    /// Evaluates posts on all cores. Returns the recommendations for each post, in order.
    ///
    /// # Errors
    /// [`RecommendError::Score`] if a part of the bundle fails in use.
    pub fn add(&mut self, posts: &[Post]) -> Result<Vec<Vec<Recommendation>>, RecommendError> {
        let requests: Vec<Request> =
            posts.iter().map(|post| request_of(post, self.metrics.k())).collect();
        let mut all = Vec::with_capacity(posts.len());
        for (post, answer) in posts.iter().zip(self.recommender.recommend_batch(&requests)) {
            let Some(space) = self.recommender.space(&post.community) else {
                let name = normalize_community(&post.community).to_owned();
                *self.unknown.entry(name).or_default() += 1;
                all.push(Vec::new());
                continue;
            };
            let recommended = answer?;
            let gold = post.hashtags.iter().filter_map(|tag| space.hashtag(space.id(tag)?));
            let predicted = recommended.iter().map(|hit| hit.hashtag.as_str());
            self.metrics.add(space.name(), predicted, gold);
            all.push(recommended);
        }
        Ok(all)
    }

    /// The communities that the recommender doesn't know, and how many of the posts so far belong to
    /// each.
    pub fn unknown_communities(&self) -> &BTreeMap<String, u64> {
        &self.unknown
    }

    /// What was measured so far.
    #[cfg(feature = "train")]
    pub(crate) fn into_metrics(self) -> Accumulator {
        self.metrics
    }

    /// The means over all posts so far, with 95 % bootstrap intervals of NDCG.
    ///
    /// # Errors
    /// [`EvaluationError::NothingMeasured`] if there is no post to take a mean over.
    pub fn report(&self) -> Result<Report, EvaluationError> {
        // The default bootstrap is in range, so the intervals are there; else the means stand alone.
        let report = self.metrics.report_with_intervals(&Bootstrap::default());
        let report = report.unwrap_or_else(|_| self.metrics.report());
        if report.posts > 0 {
            return Ok(report);
        }
        let (without_gold, unknown) = (report.excluded as u64, self.unknown.clone());
        let posts = without_gold + unknown.values().sum::<u64>();
        Err(EvaluationError::NothingMeasured { posts, without_gold, unknown })
    }
}

/// A request for a post without its hashtags, at the time it was written.
fn request_of(post: &Post, k: usize) -> Request {
    let request = Request::new(&post.community, &post.text).with_k(k);
    Request { created_at: post.created_at, ..request }
}

/// Evaluates the first `k` recommendations for posts; see [`Evaluation`].
///
/// # Errors
/// [`EvaluationError`]: no post could be measured, or a part of the bundle fails in use.
pub fn evaluate(
    recommender: &Recommender,
    posts: &[Post],
    k: usize,
) -> Result<Report, EvaluationError> {
    let mut evaluation = Evaluation::new(recommender, k);
    evaluation.add(posts)?;
    evaluation.report()
}
