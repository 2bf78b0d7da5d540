//! One request: filter → candidates → rows → scores → answer.

use std::{cell::Cell, collections::HashSet};

use hashrec_candidates::Source;
use hashrec_data::{CommunitySpace, HashtagId};
use hashrec_tokenize::{Tokenizer, Tokens, Worker};

use crate::{
    error::RecommendError,
    model::Model,
    pipeline::{
        reading::Reading,
        stage::{Asked, Buffers, Scored},
    },
    request::{Recommendation, Request},
};

/// What one thread reuses from request to request, of any model.
#[derive(Default)]
struct Reused {
    tokens: Tokens,
    buffers: Buffers,
}

thread_local! {
    static REUSED: Cell<Option<Box<Reused>>> = const { Cell::new(None) };
}

/// Answers requests on one thread.
pub(crate) struct Answerer<'a> {
    model: &'a Model,
    worker: Box<dyn Worker + 'a>,
    reused: Option<Box<Reused>>,
}

impl<'a> Answerer<'a> {
    /// Takes what the thread's last one has left. A second one on the same thread, which an encoder
    /// of the host could ask for, begins with nothing; so does one on a thread that is ending.
    pub(crate) fn new(model: &'a Model) -> Self {
        let reused = REUSED.try_with(Cell::take).ok().flatten();
        Self { model, worker: model.tokenizer.worker(), reused }
    }

    /// The ranked answer to a request.
    pub(crate) fn answer(
        &mut self,
        request: &Request,
    ) -> Result<Vec<Recommendation>, RecommendError> {
        let Self { model, worker, reused } = self;
        let Reused { tokens, buffers } = &mut **reused.get_or_insert_default();
        let unknown = || RecommendError::UnknownCommunity { community: request.community.clone() };
        let found = model.segments.find(&request.community).ok_or_else(unknown)?;
        let (segment, space) = (found.segment, found.space);
        if request.k == 0 {
            return Ok(Vec::new());
        }
        let asked = asked(request, space);
        worker.tokenize(&request.text, tokens);
        let post = Reading::new((found.id, space), &request.text, tokens, request.created_at);
        let mut found = segment.ranking.rank(&post, &segment.generators, &asked, buffers)?;
        found.retain(|scored| asked.admits(scored.hashtag));
        // A damaged bundle can make sums overflow; an answer has numbers all the same.
        found.iter_mut().filter(|s| !s.score.is_finite()).for_each(|scored| scored.score = 0.0);
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.hashtag.cmp(&b.hashtag)));
        found.truncate(request.k);
        fill_up(&mut found, space, &asked, request.k);
        let enough = |scored: &Scored| request.min_score.is_none_or(|min| scored.score >= min);
        let recommendation = |scored: Scored| {
            let hashtag = space.hashtag(scored.hashtag)?.to_owned();
            Some(Recommendation { hashtag, score: scored.score, sources: scored.sources })
        };
        Ok(found.into_iter().filter(enough).filter_map(recommendation).collect())
    }
}

impl Drop for Answerer<'_> {
    fn drop(&mut self) {
        // Where the thread ends, so do its values, and nobody needs these any more.
        let _ = REUSED.try_with(|reused| reused.set(self.reused.take()));
    }
}

/// The hashtags that a request names, if the community has them.
fn asked(request: &Request, space: &CommunitySpace) -> Asked {
    let ids = |names: &[String]| -> Vec<HashtagId> {
        let mut ids: Vec<_> = names.iter().filter_map(|name| space.id(name)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    Asked {
        chosen: ids(&request.chosen),
        denied: ids(&request.denied),
        allowed: request.allowed.as_deref().map(ids),
    }
}

/// Appends hashtags that nothing ranked, the most used first, with score 0, so that an answer has
/// `k` hashtags wherever the community has as many.
fn fill_up(found: &mut Vec<Scored>, space: &CommunitySpace, asked: &Asked, k: usize) {
    if found.len() >= k {
        return;
    }
    let seen: HashSet<HashtagId> = found.iter().map(|scored| scored.hashtag).collect();
    let rest = (0..space.len() as u32)
        .map(HashtagId)
        .filter(|id| !seen.contains(id) && asked.admits(*id))
        .map(|hashtag| Scored { hashtag, score: 0.0, sources: vec![Source::Popular] });
    found.extend(rest.take(k - found.len()));
}
