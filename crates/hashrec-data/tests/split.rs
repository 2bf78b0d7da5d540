//! Splits: the golden file, and what must hold for any posts.

#![cfg(feature = "corpus")]

use std::collections::{BTreeMap, BTreeSet};

use hashrec_data::{DataError, HashSplit, Post, Split, TimeSplit, fold_of};
use proptest::prelude::*;

#[derive(serde::Deserialize)]
struct Golden {
    #[serde(flatten)]
    post: Post,
    side: String,
    gold: Vec<String>,
    folds: BTreeMap<String, u32>,
}

fn golden() -> Vec<Golden> {
    let lines = include_str!("golden/split.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn agrees_with_the_golden_split() {
    let rows = golden();
    let side = |name: &str| {
        let of_side = rows.iter().filter(|row| row.side == name);
        let with_gold = |row: &Golden| Post { hashtags: row.gold.clone(), ..row.post.clone() };
        of_side.map(with_gold).collect::<Vec<_>>()
    };
    let posts = rows.iter().map(|row| row.post.clone());
    let split = Split::by_hash(posts, &HashSplit::default()).unwrap();
    assert_eq!(split.train, side("train"));
    assert_eq!(split.test, side("test"));
    assert_eq!(split.report.test_without_gold, side("without gold").len() as u64);
    assert!(split.report.test_hashtags_outside_space > 0);
    for row in &rows {
        assert_eq!(fold_of(&row.post.id, 3, ""), row.folds["3"]);
        assert_eq!(fold_of(&row.post.id, 7, "salt"), row.folds["salted 7"]);
    }
}

#[test]
fn a_salt_changes_the_split() {
    let posts: Vec<Post> = golden().into_iter().map(|row| row.post).collect();
    let split = |salt: &str| {
        let params = HashSplit::default().with_salt(salt);
        Split::by_hash(posts.iter().cloned(), &params).unwrap()
    };
    assert_ne!(split("").train, split("a").train);
    assert_eq!(split("a"), split("a"));
}

#[test]
fn the_newest_posts_of_each_community_are_for_testing() {
    let post = |id: &str, community: &str, time| Post::new(id, community, "", ["tag"], time);
    let posts = [
        post("a", "one", Some(30)),
        post("b", "one", None),
        post("c", "one", Some(10)),
        post("e", "one", Some(20)),
        post("d", "one", Some(20)),
        post("f", "two", Some(1)),
        post("g", "two", None),
    ];
    let params = TimeSplit::default().with_test_share(0.5);
    let split = Split::by_time(posts, &params).unwrap();
    let ids = |posts: &[Post]| posts.iter().map(|post| post.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&split.test), ["a", "e", "f"]);
    assert_eq!(ids(&split.train), ["b", "c", "d", "g"]);
}

#[test]
fn shares_and_folds_out_of_range_are_named() {
    let none = Vec::<Post>::new;
    let name = |result: Result<Split, DataError>| match result.unwrap_err() {
        DataError::Parameter { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(name(Split::by_hash(none(), &HashSplit::default().with_parts(1))), "parts");
    for share in [0.0, 1.0, -1.0, f64::NAN] {
        let params = TimeSplit::default().with_test_share(share);
        assert_eq!(name(Split::by_time(none(), &params)), "test_share");
    }
    assert_eq!(name(Split::fold(none(), 0, 1, "")), "folds");
    let error = Split::fold(none(), 3, 3, "").unwrap_err();
    assert!(matches!(error, DataError::Fold { fold: 3, folds: 3 }), "{error}");
    assert!(error.to_string().contains("from 0 to 2"), "{error}");
    assert_eq!(fold_of("x", 0, ""), 0);
}

fn posts() -> impl Strategy<Value = Vec<Post>> {
    let tags = prop::collection::vec("[a-f]", 0..4);
    let post = ("[xyz]", tags, prop::option::of(0i64..20));
    prop::collection::vec(post, 0..60).prop_map(|posts| {
        let numbered = posts.into_iter().enumerate();
        numbered.map(|(i, (c, tags, time))| Post::new(format!("p{i}"), c, "", tags, time)).collect()
    })
}

/// All the ways to split, by number.
fn split(way: usize, posts: Vec<Post>) -> Split {
    match way {
        0 => Split::by_hash(posts, &HashSplit::default().with_parts(3)),
        1 => Split::by_time(posts, &TimeSplit::default().with_test_share(0.4)),
        _ => Split::fold(posts, 1, 4, "salt"),
    }
    .unwrap()
}

proptest! {
    #[test]
    fn every_post_is_on_one_side_or_counted(posts in posts(), way in 0usize..3) {
        let all = posts.len() as u64;
        let split = split(way, posts.clone());
        let ids: BTreeSet<&str> =
            split.train.iter().chain(&split.test).map(|post| post.id.as_str()).collect();
        prop_assert_eq!(ids.len(), split.train.len() + split.test.len());
        prop_assert_eq!(ids.len() as u64 + split.report.test_without_gold, all);
        prop_assert_eq!(split.report.train, split.train.len() as u64);
        prop_assert_eq!(split.report.test, split.test.len() as u64);
        for post in &split.test {
            prop_assert!(!post.hashtags.is_empty());
            for tag in &post.hashtags {
                let known = |other: &Post| {
                    other.community == post.community && other.hashtags.contains(tag)
                };
                prop_assert!(split.train.iter().any(known));
            }
        }
    }

    #[test]
    fn the_order_of_posts_does_not_matter(
        (posts, shuffled) in posts().prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle())),
        way in 0usize..3,
    ) {
        let sorted = |mut posts: Vec<Post>| {
            posts.sort_by(|a, b| a.id.cmp(&b.id));
            posts
        };
        let (a, b) = (split(way, posts), split(way, shuffled));
        prop_assert_eq!(a.report, b.report);
        prop_assert_eq!(sorted(a.train), sorted(b.train));
        prop_assert_eq!(sorted(a.test), sorted(b.test));
    }

    #[test]
    fn each_post_is_in_one_fold(posts in posts(), folds in 2u32..6) {
        let held_out: u64 = (0..folds)
            .map(|fold| Split::fold(posts.clone(), fold, folds, "s").unwrap().report)
            .map(|report| report.test + report.test_without_gold)
            .sum();
        prop_assert_eq!(held_out, posts.len() as u64);
    }
}
