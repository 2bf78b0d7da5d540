//! The ranked answer to a request.

use std::collections::HashSet;

use hashrec_candidates::Source;
use hashrec_data::{CommunitySpace, HashtagId, normalize_hashtag};
use hashrec_tokenize::{Tokens, Worker};

use crate::{
    error::RecommendError,
    model::Model,
    pipeline::{
        reading::Reading,
        stage::{Asked, RankBuffers, Scored},
    },
    request::{Recommendation, Request},
};

/// What one thread reuses from request to request.
#[derive(Default)]
pub(crate) struct Buffers {
    tokens: Tokens,
    rank: RankBuffers,
}

/// The hashtags that may be in the answer.
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

    fn asked(&self) -> Asked<'_> {
        Asked { chosen: &self.chosen, allowed: self.allowed.as_deref() }
    }

    fn admits(&self, hashtag: HashtagId) -> bool {
        let among = |ids: &[HashtagId]| ids.binary_search(&hashtag).is_ok();
        !among(&self.chosen) && !among(&self.denied) && self.allowed.as_deref().is_none_or(among)
    }
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
    let Buffers { tokens, rank } = buffers;
    worker.tokenize(&request.text, tokens);
    let post = Reading::new((community, space), &request.text, tokens, request.created_at);
    let mut found = model.ranking.rank(&post, &model.generators, filter.asked(), rank)?;
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

/// Appends hashtags that nothing ranked, the most used first, with score 0, so that an answer has
/// `k` hashtags wherever the community has as many.
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
