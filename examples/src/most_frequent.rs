//! What no recommender may fall below.

use std::collections::BTreeMap;

use hashrec::{Post, Report, Split};
use hashrec_metrics::Accumulator;

/// How good it is to recommend each community's `k` most frequent hashtags for every post.
pub fn most_frequent(split: &Split, k: usize) -> Report {
    let best = counts(&split.train).into_iter().map(|(community, counts)| {
        let mut hashtags = Vec::from_iter(counts);
        hashtags.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        (community, hashtags.into_iter().map(|(hashtag, _)| hashtag).collect::<Vec<_>>())
    });
    let best = BTreeMap::from_iter(best);
    let mut metrics = Accumulator::new(k);
    for post in &split.test {
        let predicted = best.get(&*post.community).into_iter().flatten().copied();
        metrics.add(&post.community, predicted, post.hashtags.iter().map(String::as_str));
    }
    metrics.report()
}

/// How many posts of each community have each hashtag.
fn counts(posts: &[Post]) -> BTreeMap<&str, BTreeMap<&str, u64>> {
    let mut counts = BTreeMap::<_, BTreeMap<_, u64>>::new();
    for post in posts {
        let community = counts.entry(&*post.community).or_default();
        for hashtag in &post.hashtags {
            *community.entry(&**hashtag).or_default() += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_hashtag_of_the_community_comes_first() {
        let post = |community: &str, hashtag: &str| Post::new("", community, "", [hashtag], None);
        let train = [("a", "x"), ("a", "y"), ("a", "y"), ("b", "x")].map(|(c, h)| post(c, h));
        let test = [("a", "y"), ("a", "x"), ("b", "x"), ("b", "y")].map(|(c, h)| post(c, h));
        let split = Split { train: train.into(), test: test.into(), ..Split::default() };
        let report = most_frequent(&split, 1);
        assert_eq!((report.posts, report.mrr), (4, 0.5));
        assert_eq!(most_frequent(&split, 2).mrr, (1.0 + 0.5 + 1.0 + 0.0) / 4.0);
    }
}
