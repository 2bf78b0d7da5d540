//! Agreement with ranx, post by post and as a report (see `golden/make_golden.py`).

use std::collections::BTreeMap;

use hashrec_metrics::{Accumulator, PostMetrics, Report};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Golden {
    train_posts: BTreeMap<String, u64>,
    posts: Vec<Post>,
    scores: BTreeMap<usize, Vec<[f64; 5]>>,
    reports: BTreeMap<usize, Value>,
}

#[derive(Deserialize)]
struct Post {
    community: String,
    ranking: Vec<String>,
    gold: Vec<String>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/rankings.json")).unwrap()
}

#[test]
fn every_post_agrees_at_every_depth() {
    let golden = golden();
    for (k, rows) in &golden.scores {
        for (post, expected) in golden.posts.iter().zip(rows) {
            let scores = PostMetrics::of(&post.ranking, &post.gold, *k).unwrap();
            let PostMetrics { precision, recall, average_precision, reciprocal_rank, ndcg, .. } =
                scores;
            let measured = [precision, recall, average_precision, reciprocal_rank, ndcg];
            for (measured, expected) in measured.iter().zip(expected) {
                assert!((measured - expected).abs() < 1e-12, "k {k}: {measured} for {expected}");
            }
        }
    }
}

/// Every field of `expected` is in `measured`, numbers within 1e-12.
fn assert_holds(measured: &Value, expected: &Value, at: &str) {
    match (measured, expected) {
        (Value::Number(m), Value::Number(e)) => {
            let difference = m.as_f64().unwrap() - e.as_f64().unwrap();
            assert!(difference.abs() < 1e-12, "{at}: {m} for {e}");
        }
        (Value::Array(m), Value::Array(e)) => {
            assert_eq!(m.len(), e.len(), "{at}");
            for (i, (m, e)) in m.iter().zip(e).enumerate() {
                assert_holds(m, e, &format!("{at}[{i}]"));
            }
        }
        (Value::Object(m), Value::Object(e)) => {
            for (key, e) in e {
                assert_holds(m.get(key).unwrap_or(&Value::Null), e, &format!("{at}.{key}"));
            }
        }
        (measured, expected) => assert_eq!(measured, expected, "{at}"),
    }
}

#[test]
fn the_report_agrees_and_has_its_fields() {
    let golden = golden();
    for (k, expected) in &golden.reports {
        let mut accumulator = Accumulator::new(*k).with_train_posts(golden.train_posts.clone());
        for post in &golden.posts {
            accumulator.add(&post.community, &post.ranking, &post.gold);
        }
        for _ in 0..3 {
            accumulator.add("alpha", ["t00"], []);
        }
        let report = accumulator.report();
        let json = serde_json::to_value(&report).unwrap();
        assert_holds(&json, expected, "report");
        assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
    }
}
