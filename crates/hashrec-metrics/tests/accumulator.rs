//! Accumulators as wholes: what must hold for any posts.

use hashrec_data::HashtagId;
use hashrec_metrics::{Accumulator, Bootstrap, MetricsError, PostMetrics};
use proptest::prelude::*;

type Post = (String, Vec<u8>, Vec<u8>);

fn posts() -> impl Strategy<Value = Vec<Post>> {
    let tags = || prop::collection::vec(0u8..12, 0..8);
    prop::collection::vec(("[a-d]", tags(), tags()), 0..40)
}

fn accumulate(posts: &[Post], k: usize) -> Accumulator {
    let mut accumulator =
        Accumulator::new(k).with_train_posts([("a", 10), ("b", 100), ("c", 2000)]);
    for (community, predicted, gold) in posts {
        accumulator.add(community, predicted, gold);
    }
    accumulator
}

#[test]
fn no_posts_are_a_report_of_zeros() {
    let accumulator = Accumulator::new(10);
    let report = accumulator.report_with_intervals(&Bootstrap::default()).unwrap();
    assert_eq!((report.posts, report.ndcg, report.ndcg_macro), (0, 0.0, 0.0));
    assert!(report.communities.is_empty() && report.by_community_size.is_empty());
    assert_eq!(report.ndcg_interval, None);
    assert_eq!(accumulator.compare(&accumulator, &Bootstrap::default()).unwrap(), None);
    assert!(!serde_json::to_string(&report).unwrap().contains("null"));
}

#[test]
fn ids_and_names_are_measured_alike() {
    let ids = PostMetrics::of([HashtagId(1), HashtagId(0)], [HashtagId(0)], 10);
    assert_eq!(ids, PostMetrics::of(["b", "a"], ["a"], 10));
    let owned = (vec!["b".to_owned(), "a".to_owned()], vec!["a".to_owned()]);
    assert_eq!(ids, PostMetrics::of(owned.0.iter(), owned.1.iter(), 10));
}

#[test]
fn each_community_counts_the_same_in_the_macro_mean() {
    let mut accumulator = Accumulator::new(1);
    for _ in 0..9 {
        accumulator.add("large", ["x"], ["x"]);
    }
    accumulator.add("small", ["y"], ["x"]);
    let report = accumulator.report_with_intervals(&Bootstrap::default()).unwrap();
    assert_eq!((report.ndcg, report.ndcg_macro), (0.9, 0.5));
    // Within each community all posts are alike, so the macro mean is in no doubt.
    assert_eq!(report.ndcg_macro_interval, Some([0.5, 0.5]));
    let [low, high] = report.ndcg_interval.unwrap();
    assert!(low < 0.9 && high > 0.9);
    assert!(report.to_string().contains("10 posts"));
}

#[test]
fn only_the_same_posts_at_the_same_depth_are_compared() {
    let mut accumulator = Accumulator::new(10);
    accumulator.add("a", ["x"], ["x"]);
    let mut other = Accumulator::new(5);
    assert!(matches!(
        accumulator.compare(&other, &Bootstrap::default()),
        Err(MetricsError::Depth { left: 10, right: 5 })
    ));
    assert!(other.merge(accumulator.clone()).is_err());
    let mut other = Accumulator::new(10);
    other.add("b", ["x"], ["x"]);
    let error = accumulator.compare(&other, &Bootstrap::default()).unwrap_err();
    assert!(error.to_string().contains("community"), "{error}");
}

proptest! {
    #[test]
    fn every_measure_is_from_zero_to_one_and_every_post_is_counted(
        posts in posts(),
        k in 0usize..12,
    ) {
        let report = accumulate(&posts, k).report();
        prop_assert_eq!(report.posts + report.excluded, posts.len());
        prop_assert_eq!(report.communities.iter().map(|c| c.posts).sum::<usize>(), report.posts);
        let sizes = report.by_community_size.iter().map(|s| s.posts).sum::<usize>();
        prop_assert_eq!(sizes, report.posts);
        let means = [
            report.precision, report.recall, report.map, report.mrr, report.ndcg,
            report.ndcg_macro, report.reached,
        ];
        for mean in means {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&mean), "{}", mean);
        }
        prop_assert!(report.recall <= report.reached + 1e-12);
    }

    #[test]
    fn accumulators_of_parts_merge_into_that_of_the_whole(posts in posts(), cut in 0usize..40) {
        let cut = cut.min(posts.len());
        let mut merged = accumulate(&posts[..cut], 5);
        merged.merge(accumulate(&posts[cut..], 5)).unwrap();
        prop_assert_eq!(merged, accumulate(&posts, 5));
    }

    #[test]
    fn moving_a_hit_up_never_lowers_a_measure(
        ranking in Just((0u8..12).collect::<Vec<_>>()).prop_shuffle(),
        gold in prop::collection::hash_set(0u8..12, 1..6),
        k in 1usize..12,
    ) {
        let of = |ranking: &[u8]| PostMetrics::of(ranking.to_vec(), gold.iter().copied(), k).unwrap();
        let before = of(&ranking);
        let is_hit = |at: usize| gold.contains(&ranking[at]);
        for at in (1..12).filter(|&at| is_hit(at) && !is_hit(at - 1)) {
            let mut better = ranking.clone();
            better.swap(at, at - 1);
            let after = of(&better);
            prop_assert!(after.ndcg >= before.ndcg && after.precision >= before.precision);
            prop_assert!(after.average_precision >= before.average_precision);
            prop_assert!(after.reciprocal_rank >= before.reciprocal_rank);
        }
    }

    #[test]
    fn intervals_hold_their_mean_and_repeat(posts in posts(), seed in any::<u64>()) {
        let bootstrap = Bootstrap::default().with_resamples(200).with_seed(seed).with_level(0.999);
        let accumulator = accumulate(&posts, 5);
        let report = accumulator.report_with_intervals(&bootstrap).unwrap();
        prop_assert_eq!(&report, &accumulator.report_with_intervals(&bootstrap).unwrap());
        for (mean, interval) in [
            (report.ndcg, report.ndcg_interval),
            (report.ndcg_macro, report.ndcg_macro_interval),
        ] {
            if let Some([low, high]) = interval {
                prop_assert!(low <= mean + 0.02 && mean <= high + 0.02, "{} {} {}", low, mean, high);
            }
        }
    }
}
