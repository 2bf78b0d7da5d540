//! Corpora from which there is little to learn, or in which something is extreme: every system
//! trains on them and answers.
#![cfg(all(feature = "train", feature = "net"))]

mod common;

use std::collections::BTreeSet;

use hashrec::{Post, Recommender, Request, System, Trainer};

fn post(number: usize, community: &str, text: &str, hashtags: &[&str], time: Option<i64>) -> Post {
    Post::new(format!("{community}-{number}"), community, text, hashtags, time)
}

/// A name and the posts.
fn corpora() -> Vec<(&'static str, Vec<Post>)> {
    let day = |number: usize| Some(1_700_000_000 + number as i64 * 86_400);
    let times = [i64::MIN, i64::MIN + 1, -1, 0, 1, 253_402_300_799, i64::MAX - 1, i64::MAX];
    let mut mixed = common::posts(12);
    mixed.extend((0..12).map(|n| post(n, "sauna", "サウナに行った", &["サウナ"], day(n))));
    let whole = |n: usize, name: &str| post(n, name, "毎日の記録を書く", &["記録"], day(n));
    vec![
        ("one post", vec![post(0, "a", "ひとつだけ", &["記録"], None)]),
        ("one hashtag", (0..30).map(|n| whole(n, "a")).collect()),
        ("one hashtag a community", (0..30).map(|n| whole(n, ["a", "b", "c"][n % 3])).collect()),
        (
            "every hashtag on every post",
            (0..30).map(|n| post(n, "a", "夏の山", &["山", "夏", "海"], day(n))).collect(),
        ),
        (
            "one post a community",
            (0..12).map(|n| post(0, &format!("c{n}"), "山へ行く", &["山"], day(n))).collect(),
        ),
        (
            "hardly any text",
            (0..20)
                .map(|n| post(n, "a", ["…", "山と海"][n / 19], &[["山", "海"][n % 2]], day(n)))
                .collect(),
        ),
        (
            "a new hashtag a post",
            (0..20).map(|n| post(n, "a", "山と海", &[&format!("h{n}")], day(n))).collect(),
        ),
        (
            "times of every size",
            (0..24)
                .map(|n| {
                    post(
                        n,
                        "a",
                        "朝の山",
                        &[["山", "海", "朝"][n % 3]],
                        Some(times[n % times.len()]),
                    )
                })
                .collect(),
        ),
        ("some communities with one hashtag", mixed),
    ]
}

/// Answers are of the community, finite, at most as many as asked for, and never the denied one.
fn asked(recommender: &Recommender, posts: &[Post], what: &str) {
    for post in posts.iter().step_by(posts.len().div_ceil(4)) {
        let own: BTreeSet<&str> = recommender.hashtags(&post.community).unwrap().collect();
        for time in [None, Some(i64::MIN), Some(i64::MAX), Some(253_402_300_799)] {
            let request = Request { created_at: time, ..Request::new(&post.community, &post.text) };
            let first = recommender.recommend_for(&request).unwrap();
            assert_eq!(first.len(), own.len().min(10), "{what}");
            for found in &first {
                assert!(
                    own.contains(&*found.hashtag) && found.score.is_finite(),
                    "{what}: {found:?}"
                );
            }
            let best = &first[0].hashtag;
            for request in [request.clone().with_denied([best]), request.with_chosen([best])] {
                let found = recommender.recommend_for(&request.with_k(usize::MAX)).unwrap();
                assert_eq!(found.len(), own.len() - 1, "{what}");
                assert!(found.iter().all(|found| found.hashtag != *best), "{what}");
            }
        }
    }
}

#[test]
fn every_system_answers() {
    let mut failed = Vec::new();
    for (name, posts) in corpora() {
        for system in System::ALL {
            let what = format!("{name}, {system:?}");
            let trainer = Trainer::new(common::config(system).with_min_posts(1)).unwrap();
            match trainer.train(&posts) {
                Ok((recommender, _)) => asked(&recommender, &posts, &what),
                Err(error) => failed.push(format!("{what}: {error:?}")),
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
