//! Evaluates a recommender on posts that it was not trained on.

use hashrec_data::Post;
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
/// Posts without any, and posts of communities that the recommender doesn't know, are excluded and
/// counted.
pub struct Evaluation<'a> {
    recommender: &'a Recommender,
    metrics: Accumulator,
}

impl<'a> Evaluation<'a> {
    /// An evaluation of the first `k` recommendations, without posts so far.
    pub fn new(recommender: &'a Recommender, k: usize) -> Self {
        let sizes =
            recommender.spaces().map(|space| (space.name().to_owned(), u64::from(space.posts())));
        Self { recommender, metrics: Accumulator::new(k).with_train_posts(sizes) }
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
            let recommended = match answer {
                Err(RecommendError::UnknownCommunity { .. }) => Vec::new(),
                answer => answer?,
            };
            let space = self.recommender.space(&post.community);
            let gold = post
                .hashtags
                .iter()
                .map(String::as_str)
                .filter(|hashtag| space.is_some_and(|space| space.id(hashtag).is_some()));
            let predicted = recommended.iter().map(|hit| hit.hashtag.as_str());
            self.metrics.add(&post.community, predicted, gold);
            all.push(recommended);
        }
        Ok(all)
    }

    /// The means over all posts so far, with 95 % bootstrap intervals of NDCG.
    pub fn report(&self) -> Report {
        // The default bootstrap is in range, so the intervals are there; else the means stand alone.
        self.metrics
            .report_with_intervals(&Bootstrap::default())
            .unwrap_or_else(|_| self.metrics.report())
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
/// [`RecommendError::Score`] if a part of the bundle fails in use.
pub fn evaluate(
    recommender: &Recommender,
    posts: &[Post],
    k: usize,
) -> Result<Report, RecommendError> {
    let mut evaluation = Evaluation::new(recommender, k);
    evaluation.add(posts)?;
    Ok(evaluation.report())
}
