//! A candidate and its source.

use hashrec_data::HashtagId;
use serde::{Deserialize, Serialize};

/// What proposes a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The edit distance between a word of the post and the hashtag.
    Edit,
    /// How often the community uses the hashtag.
    Popular,
    /// The cosine of the vectors of the post and the hashtag.
    NearestTag,
    /// The vote of the most similar posts.
    NearestPost,
    /// The linear one-vs-rest classifier.
    Linear,
    /// The multi-label neural net.
    Classifier,
    /// The text contains the hashtag.
    Literal,
    /// What post and hashtag mean, by an encoder's vectors.
    Meaning,
    /// Co-occurrence with likely or chosen hashtags.
    Cooccurrence,
}

/// A hashtag, how much its source is for it, and which source that is. IndexScores of different
/// sources are on different scales.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The hashtag, in the space of the post's community.
    pub hashtag: HashtagId,
    /// Higher is better, on the source's own scale.
    pub score: f32,
    /// What proposes it.
    pub source: Source,
}

/// The positions of the `limit` highest scores that `keep` accepts, best first, ties by position.
pub(crate) fn top(scores: &[f32], limit: usize, keep: impl Fn(f32) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).filter(|&i| keep(scores[i])).collect();
    let best_first = |&a: &usize, &b: &usize| scores[b].total_cmp(&scores[a]).then(a.cmp(&b));
    if limit < order.len() {
        if limit > 0 {
            order.select_nth_unstable_by(limit - 1, best_first);
        }
        order.truncate(limit);
    }
    order.sort_unstable_by(best_first);
    order
}

/// The candidates of one source: its `limit` best scores among those above `above`.
pub(crate) fn candidates(
    scores: &[f32],
    limit: usize,
    above: f32,
    source: Source,
) -> Vec<Candidate> {
    top(scores, limit, |score| score > above)
        .into_iter()
        .filter_map(|i| {
            let hashtag = HashtagId(u32::try_from(i).ok()?);
            Some(Candidate { hashtag, score: scores[i], source })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_first_then_by_position() {
        let scores = [0.5, 2.0, 0.5, -1.0, 2.0];
        assert_eq!(top(&scores, 3, |_| true), [1, 4, 0]);
        assert_eq!(top(&scores, 9, |s| s > 0.0), [1, 4, 0, 2]);
        assert!(top(&scores, 0, |_| true).is_empty());
        assert!(top(&[], 3, |_| true).is_empty());
    }

    #[test]
    fn sources_have_stable_names() {
        let candidate =
            Candidate { hashtag: HashtagId(3), score: 0.5, source: Source::NearestPost };
        let json = serde_json::to_string(&candidate).unwrap();
        assert!(json.contains("nearest_post"), "{json}");
        assert_eq!(serde_json::from_str::<Candidate>(&json).unwrap(), candidate);
    }
}
