//! The vote of the most similar posts.

use hashrec_data::HashtagId;

use crate::{NearestParams, gold::Gold};

/// Sums that are added up at the same time, so that no addition waits for the one before.
const LANES: usize = 4;

/// What follows from the similarities to a community's posts: one number per hashtag.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Votes {
    /// The share of the votes for it.
    pub(crate) shares: Vec<f32>,
    /// The highest similarity of a voting post that has it.
    pub(crate) best: Vec<f32>,
    /// The mean similarity of all posts that have it, smoothed towards 0.
    pub(crate) centroid: Vec<f32>,
    /// The highest similarity of any post.
    pub(crate) max: f32,
}

/// The votes of the most similar posts. `skip` is the position of the asked post if it is one of the
/// community's; it does not count.
pub(crate) fn votes(
    similarities: &[f32],
    gold: Gold<'_>,
    skip: Option<usize>,
    params: &NearestParams,
) -> Votes {
    let zeros = || vec![0.0; gold.uses.len()];
    let mut scores = Votes { shares: zeros(), best: zeros(), centroid: zeros(), max: 0.0 };
    let votes = nearest(similarities, params.neighbors, skip);
    scores.max = votes.first().map_or(0.0, |&(_, similarity)| similarity);
    let weight = |similarity: f32| similarity.powf(params.power);
    let total: f32 = votes.iter().map(|&(_, similarity)| weight(similarity)).sum();
    for (post, similarity) in votes {
        let share = weight(similarity) / total;
        for &hashtag in gold.of(post) {
            if let Some(vote) = scores.shares.get_mut(hashtag as usize) {
                *vote += share;
            }
            if let Some(best) = scores.best.get_mut(hashtag as usize) {
                *best = best.max(similarity);
            }
        }
    }
    for (centroid, (posts, &uses)) in scores.centroid.iter_mut().zip(gold.carriers().zip(gold.uses))
    {
        let mut sum = sum_of(similarities, posts);
        let own = skip.filter(|&skip| posts.binary_search(&(skip as u32)).is_ok());
        if let Some(own) = own {
            sum -= above_zero(similarities, own as u32);
        }
        let others = uses.saturating_sub(u32::from(own.is_some()));
        *centroid = sum / (others as f32 + params.centroid_smoothing);
    }
    scores
}

/// The sum of the similarities of posts.
fn sum_of(similarities: &[f32], posts: &[u32]) -> f32 {
    let mut sums = [0.0; LANES];
    let chunks = posts.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().map(|&post| above_zero(similarities, post)).sum();
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, &post)| *sum += above_zero(similarities, post));
    }
    sums.iter().sum::<f32>() + rest
}

/// The similarity of a post; 0 if it is below, not a number, or unknown.
fn above_zero(similarities: &[f32], post: u32) -> f32 {
    similarities.get(post as usize).map_or(0.0, |similarity| similarity.max(0.0))
}

/// The share of each hashtag in the vote of the nearest posts that have a `chosen` hashtag. A post
/// counts once for each chosen hashtag that it has. All shares are 0 if no other post has one; `None`
/// if nothing is chosen.
pub(crate) fn cooccurrence(
    similarities: &[f32],
    gold: Gold<'_>,
    skip: Option<usize>,
    chosen: &[HashtagId],
    params: &NearestParams,
) -> Option<Vec<f32>> {
    if chosen.is_empty() {
        return None;
    }
    let mut is_chosen = vec![false; gold.uses.len()];
    for hashtag in chosen {
        if let Some(is_chosen) = is_chosen.get_mut(hashtag.index()) {
            *is_chosen = true;
        }
    }
    let carried = |post| {
        let own = gold.of(post).iter();
        own.filter(|&&hashtag| is_chosen.get(hashtag as usize) == Some(&true)).count()
    };
    let similarities: Vec<f32> = (similarities.iter().enumerate())
        .map(|(post, &similarity)| if carried(post) > 0 { similarity } else { 0.0 })
        .collect();
    let votes: Vec<(usize, f32)> = nearest(&similarities, params.neighbors, skip)
        .into_iter()
        .map(|(post, similarity)| (post, similarity.powf(params.power) * carried(post) as f32))
        .collect();
    let total: f32 = votes.iter().map(|&(_, vote)| vote).sum();
    let mut shares = vec![0.0; gold.uses.len()];
    for (post, vote) in votes {
        for &hashtag in gold.of(post) {
            if let Some(share) = shares.get_mut(hashtag as usize) {
                *share += vote / total;
            }
        }
    }
    Some(shares)
}

/// The posts of the `limit` highest similarities above 0, highest first, ties by position.
fn nearest(similarities: &[f32], limit: usize, skip: Option<usize>) -> Vec<(usize, f32)> {
    // Ascending by (similarity, falling position): the weakest stands first.
    let weaker = |a: &(usize, f32), b: &(usize, f32)| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0));
    let mut best: Vec<(usize, f32)> = Vec::new();
    let mut threshold = 0.0;
    for (post, &similarity) in similarities.iter().enumerate() {
        // False also if the similarity is NaN.
        let above = similarity > threshold;
        if !above || skip == Some(post) {
            continue;
        }
        best.push((post, similarity));
        // Selecting when a buffer is full costs less than keeping a heap.
        if best.len() >= limit.saturating_mul(8) {
            best.select_nth_unstable_by(limit - 1, |a, b| weaker(b, a));
            best.truncate(limit);
            threshold = best[limit - 1].1;
        }
    }
    best.sort_unstable_by(|a, b| weaker(b, a));
    best.truncate(limit);
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gold::GoldTables;

    #[test]
    fn votes_weigh_the_square_of_the_similarity() {
        let tables = GoldTables::of(3, &[&[0], &[0, 1], &[2]]);
        let gold = tables.view();
        let params = NearestParams { neighbors: 2, ..NearestParams::default() };
        let scores = votes(&[0.3, 0.4, 0.1], gold, None, &params);
        assert_eq!(scores.max, 0.4);
        assert!((scores.shares[0] - 1.0).abs() < 1e-6);
        assert!((scores.shares[1] - 0.16 / 0.25).abs() < 1e-6);
        assert_eq!(scores.shares[2], 0.0);
        assert_eq!(scores.best, [0.4, 0.4, 0.0]);
        assert!((scores.centroid[0] - 0.7 / 4.0).abs() < 1e-6);
        assert!((scores.centroid[2] - 0.1 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn the_asked_post_neither_votes_nor_counts() {
        let tables = GoldTables::of(2, &[&[0], &[1]]);
        let gold = tables.view();
        let scores = votes(&[1.0, 0.5], gold, Some(0), &NearestParams::default());
        assert_eq!((scores.max, &scores.shares[..]), (0.5, &[0.0, 1.0][..]));
        assert_eq!(scores.centroid, [0.0, 0.5 / 3.0]);
    }

    #[test]
    fn posts_with_a_chosen_hashtag_vote_for_those_that_occur_with_it() {
        let tables = GoldTables::of(4, &[&[0, 1], &[0, 2], &[3], &[0, 1, 3]]);
        let gold = tables.view();
        let params = NearestParams::default();
        let votes = |skip, chosen: &[u32]| {
            let chosen: Vec<HashtagId> = chosen.iter().map(|&tag| HashtagId(tag)).collect();
            cooccurrence(&[0.2, 0.4, 0.9, 0.0], gold, skip, &chosen, &params).unwrap_or_default()
        };
        // The nearest post has hashtag 3 alone, but not 0.
        let found = votes(None, &[0]);
        assert!((found[1] - 0.04 / 0.2).abs() < 1e-6 && (found[2] - 0.16 / 0.2).abs() < 1e-6);
        assert_eq!((found[0], found[3]), (1.0, 0.0));
        // A post that has both counts twice.
        let found = votes(None, &[0, 1]);
        assert!((found[1] - 0.08 / 0.24).abs() < 1e-6 && (found[2] - 0.16 / 0.24).abs() < 1e-6);
        assert_eq!(votes(Some(1), &[2]), [0.0; 4]);
        assert_eq!(votes(None, &[9]), [0.0; 4]);
        assert_eq!(cooccurrence(&[1.0; 4], gold, None, &[], &params), None);
    }

    proptest! {
        #[test]
        fn centroids_are_means_by_hashtag(
            posts in prop::collection::vec(
                (0u8..9, prop::collection::btree_set(0u32..9, 0..8)), 0..40,
            ),
            skip in prop::option::of(0usize..40),
        ) {
            let gold: Vec<Vec<u32>> =
                posts.iter().map(|(_, own)| own.iter().copied().collect()).collect();
            let gold: Vec<&[u32]> = gold.iter().map(|own| &own[..]).collect();
            let tables = GoldTables::of(9, &gold);
            let mut expected = [(0.0, NearestParams::default().centroid_smoothing); 9];
            for (post, (similarity, own)) in posts.iter().enumerate() {
                if skip != Some(post) {
                    for &hashtag in own {
                        let (sum, uses) = &mut expected[hashtag as usize];
                        *sum += f32::from(*similarity);
                        *uses += 1.0;
                    }
                }
            }
            let similarities: Vec<f32> = posts.iter().map(|&(s, _)| f32::from(s)).collect();
            let found = votes(&similarities, tables.view(), skip, &NearestParams::default());
            prop_assert_eq!(found.centroid, expected.map(|(sum, uses)| sum / uses));
        }

        #[test]
        fn the_nearest_are_those_a_full_sort_finds(
            steps in prop::collection::vec(0u8..30, 0..400), limit in 1usize..40,
        ) {
            let similarities: Vec<f32> = steps.iter().map(|&s| f32::from(s) / 30.0).collect();
            let mut order: Vec<(usize, f32)> =
                similarities.iter().copied().enumerate().filter(|&(_, s)| s > 0.0).collect();
            order.sort_by(|a, b| b.1.total_cmp(&a.1));
            order.truncate(limit);
            prop_assert_eq!(nearest(&similarities, limit, None), order);
        }
    }
}
