//! Joining the candidates of several sources.

use std::collections::BTreeMap;

use hashrec_data::HashtagId;

use crate::{Candidate, SimpleParams, Source, candidate::top};

/// Joins the candidates of several sources by reciprocal rank fusion: the score of a hashtag is the sum
/// of 1 / (k + rank) over the sources that propose it, where k is `params.fusion` and the best
/// candidate of a source has rank 0. Returns hashtags and scores, best first, ties by hashtag.
///
/// The candidates of each source must be ordered best first; sources may be interleaved.
pub fn fuse(candidates: &[Candidate], params: &SimpleParams) -> Vec<(HashtagId, f32)> {
    let mut ranks: BTreeMap<Source, usize> = BTreeMap::new();
    let mut sums: BTreeMap<u32, f32> = BTreeMap::new();
    for candidate in candidates {
        let rank = ranks.entry(candidate.source).or_default();
        *sums.entry(candidate.hashtag.0).or_default() += 1.0 / (params.fusion + *rank as f32);
        *rank += 1;
    }
    let (hashtags, scores): (Vec<u32>, Vec<f32>) = sums.into_iter().unzip();
    top(&scores, scores.len(), |_| true)
        .into_iter()
        .map(|i| (HashtagId(hashtags[i]), scores[i]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(hashtag: u32, source: Source) -> Candidate {
        Candidate { hashtag: HashtagId(hashtag), score: 1.0, source }
    }

    #[test]
    fn fusion_adds_reciprocal_ranks() {
        let list = [
            candidate(3, Source::Edit),
            candidate(1, Source::Popular),
            candidate(3, Source::Popular),
            candidate(2, Source::NearestTag),
        ];
        let fused = fuse(&list, &SimpleParams::default());
        let order: Vec<u32> = fused.iter().map(|(hashtag, _)| hashtag.0).collect();
        assert_eq!(order, [3, 1, 2]);
        assert!((fused[0].1 - (1.0 / 60.0 + 1.0 / 61.0)).abs() < 1e-7);
        assert!(fuse(&[], &SimpleParams::default()).is_empty());
    }
}
