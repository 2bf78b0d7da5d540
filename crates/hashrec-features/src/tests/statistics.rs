//! Counts, reliability and co-occurrence.

use proptest::prelude::*;

use crate::{
    FeatureError, HitRates, Hits, Observation, Statistics,
    tests::fixtures::{ids, statistics},
};

const HALF: HitRates = HitRates { title: 0.5, text: 0.5 };

fn hits(title: &[u32], text: &[u32]) -> Hits {
    Hits { title: title.to_vec(), text: text.to_vec() }
}

fn fit(hashtags: usize, posts: &[(Hits, Vec<u32>)]) -> Statistics {
    let gold: Vec<_> = posts.iter().map(|(_, gold)| ids(gold)).collect();
    let posts = posts.iter().zip(&gold).map(|((hits, _), gold)| Observation { hits, gold });
    Statistics::fit(hashtags, posts).unwrap()
}

#[test]
fn counts_and_shares() {
    let fitted = statistics(3, &[&[0, 1, 0], &[0], &[]]);
    assert_eq!((fitted.posts(), fitted.counts()), (3, &[2, 1, 0][..]));
    let usage = fitted.usage(0, HALF);
    assert_eq!((usage.count, usage.share), (2.0, 2.1 / 4.0));
    assert_eq!(fitted.usage(2, HALF).share, 0.1 / 4.0);
    assert_eq!(fitted.usage(99, HALF).count, 0.0);
}

#[test]
fn reliability_of_hits() {
    let fitted = fit(
        2,
        &[
            (hits(&[0], &[0]), vec![0]),
            (hits(&[0], &[0, 1]), vec![0]),
            (hits(&[0], &[0, 1]), vec![1]),
            (hits(&[], &[]), vec![0]),
        ],
    );
    let usage = fitted.usage(0, HALF);
    // Two of three title hits right, and two more at the community's rate.
    assert_eq!(usage.title_rate, (2.0 + 2.0 * 0.5) / (3.0 + 2.0));
    assert_eq!(usage.text_rate, (2.0 + 2.0 * 0.5) / (3.0 + 2.0));
    // Two of its three posts name it.
    assert_eq!(usage.named, 2.5 / 4.0);
    assert_eq!(fitted.usage(1, HALF).text_rate, (1.0 + 1.0) / (2.0 + 2.0));
}

#[test]
fn a_communitys_rate_leans_on_the_corpus() {
    let none = statistics(2, &[]);
    assert_eq!(none.rates(HitRates { title: 0.6, text: 0.3 }), HitRates { title: 0.6, text: 0.3 });
    assert_eq!(none.rates(HitRates { title: 0.0, text: 0.0 }).title, 0.05);
    let right: Vec<_> = (0..100).map(|_| (hits(&[0], &[0]), vec![0])).collect();
    let sure = fit(1, &right);
    assert!(sure.rates(HitRates::default()).title > 0.95);
    assert!(HitRates::over([&sure, &none]).title > 0.9);
    assert_eq!(HitRates::over([]), HitRates::default());
    let each = HitRates::over_others(&[&sure, &none]);
    assert_eq!(each, [HitRates::over([&none]), HitRates::over([&sure])]);
}

#[test]
fn cooccurrence_is_symmetric_in_counts_only() {
    let fitted = statistics(3, &[&[0, 1], &[0, 1, 2], &[0]]);
    let given = |tag| fitted.given(tag).collect::<Vec<_>>();
    assert_eq!(given(0), [(1, 2.0 / 5.0), (2, 1.0 / 5.0)]);
    assert_eq!(given(1), [(0, 2.0 / 4.0), (2, 1.0 / 4.0)]);
    assert_eq!(given(9), []);
}

#[test]
fn an_unknown_hashtag_is_an_error() {
    let gold = ids(&[2]);
    let hits = Hits::default();
    let fitted = Statistics::fit(2, [Observation { hits: &hits, gold: &gold }]);
    assert!(matches!(
        fitted,
        Err(FeatureError::UnknownHashtag { post: 0, hashtag: 2, hashtags: 2 })
    ));
}

#[test]
fn different_spaces_cannot_be_subtracted() {
    let sum = statistics(2, &[]).minus(&statistics(3, &[]));
    assert!(matches!(sum, Err(FeatureError::SpaceMismatch { expected: 2, found: 3, .. })));
}

fn posts() -> impl Strategy<Value = Vec<(Hits, Vec<u32>)>> {
    let tags = || proptest::collection::btree_set(0..5u32, 0..4);
    let post = (tags(), tags(), tags()).prop_map(|(title, text, gold)| {
        let title: Vec<u32> = title.into_iter().collect();
        let text: Vec<u32> = text.into_iter().collect();
        (hits(&title, &text), gold.into_iter().collect())
    });
    proptest::collection::vec(post, 0..20)
}

proptest! {
    #[test]
    fn without_a_subset_the_others_count_alone(left in posts(), right in posts()) {
        let both: Vec<_> = left.iter().chain(&right).cloned().collect();
        let (left, right, both) = (fit(5, &left), fit(5, &right), fit(5, &both));
        prop_assert_eq!(&both.minus(&right).unwrap(), &left);
    }
}
