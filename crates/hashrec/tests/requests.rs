//! What a request may ask, and what every answer keeps to.
#![cfg(feature = "train")]

mod common;

use std::{collections::HashSet, sync::LazyLock, thread};

use hashrec::{RecommendError, Recommendation, Recommender, Request, System};
use proptest::prelude::*;

static RECOMMENDER: LazyLock<Recommender> = LazyLock::new(|| common::train(System::Hashrec, 40));

fn names(hits: &[Recommendation]) -> Vec<&str> {
    hits.iter().map(|hit| hit.hashtag.as_str()).collect()
}

/// The invariant: only the community's hashtags, none twice, best first, at most `k`.
fn keeps_to_its_community(community: &str, hits: &[Recommendation], k: usize) {
    let space: HashSet<&str> = RECOMMENDER.hashtags(community).unwrap().collect();
    assert!(hits.iter().all(|hit| space.contains(hit.hashtag.as_str())));
    assert_eq!(hits.iter().map(|hit| &hit.hashtag).collect::<HashSet<_>>().len(), hits.len());
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert!(hits.iter().all(|hit| hit.score.is_finite()));
    assert_eq!(hits.len(), k.min(space.len()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_gets_hashtags_of_its_community_only(
        text in "\\PC{0,60}|[\\x00-\\x1f ]{0,9}|.{0,40}",
        community in prop::sample::select(vec!["baking", "coding", "running"]),
        k in 0usize..30,
        time in proptest::option::of(any::<i64>()),
    ) {
        let mut request = Request::new(community, text).with_k(k);
        request.created_at = time;
        keeps_to_its_community(community, &RECOMMENDER.recommend_for(&request).unwrap(), k);
    }
}

#[test]
fn the_right_hashtag_comes_first() {
    let hits = RECOMMENDER.recommend("running", "厚底シューズで走った", 3).unwrap();
    assert_eq!(hits[0].hashtag, "シューズ", "{hits:?}");
    assert!(!hits[0].sources.is_empty());
}

#[test]
fn an_unknown_community_is_an_error_that_names_it() {
    let error = RECOMMENDER.recommend("knitting", "", 10).unwrap_err();
    assert!(
        matches!(&error, RecommendError::UnknownCommunity { community } if community == "knitting")
    );
    assert!(error.to_string().contains("knitting"));
}

#[test]
fn empty_huge_and_strange_texts_are_answered() {
    let huge = "新機能のお知らせ".repeat(1 << 20 >> 4);
    let endless_word = "a".repeat(1 << 20);
    for text in ["", "\0\u{1}\u{7f}", "\u{301}\u{200d}", "🎉🎉🎉", &huge, &endless_word] {
        keeps_to_its_community("baking", &RECOMMENDER.recommend("baking", text, 10).unwrap(), 10);
    }
    assert!(RECOMMENDER.recommend("baking", "パン", 0).unwrap().is_empty());
}

#[test]
fn chosen_denied_and_allowed_hashtags_are_kept_to() {
    let text = "天然酵母のパンを焼きました";
    let request = Request::new("baking", text).with_k(100);
    let all = RECOMMENDER.recommend_for(&request).unwrap();
    assert!(names(&all).contains(&"パン"));

    let chosen = request.clone().with_chosen(["#パン", "no such hashtag"]).with_denied(["質問"]);
    let hits = RECOMMENDER.recommend_for(&chosen).unwrap();
    assert_eq!(hits.len(), all.len() - 2);
    assert!(!names(&hits).contains(&"パン") && !names(&hits).contains(&"質問"));

    let allowed = request.clone().with_allowed(["質問", "パン", "朝ラン"]).with_denied(["パン"]);
    assert_eq!(names(&RECOMMENDER.recommend_for(&allowed).unwrap()), ["質問"]);

    let confident = request.with_min_score(all[1].score);
    let hits = RECOMMENDER.recommend_for(&confident).unwrap();
    assert!(hits.len() >= 2 && hits.iter().all(|hit| hit.score >= all[1].score));
}

#[test]
fn sixty_four_threads_and_a_batch_answer_as_one_thread_does() {
    let requests: Vec<Request> = common::posts(40)
        .iter()
        .map(|post| Request::new(&post.community, &post.text).with_k(5))
        .collect();
    let one: Vec<_> = requests.iter().map(|r| RECOMMENDER.recommend_for(r).unwrap()).collect();
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for (request, expected) in requests.iter().zip(&one) {
                    assert_eq!(&RECOMMENDER.recommend_for(request).unwrap(), expected);
                }
            });
        }
    });
    let batch: Vec<_> =
        RECOMMENDER.recommend_batch(&requests).into_iter().map(Result::unwrap).collect();
    assert_eq!(batch, one);
}

#[test]
fn a_request_can_come_as_json() {
    let request: Request = serde_json::from_str(r#"{"community": "c", "text": "t"}"#).unwrap();
    assert_eq!(request, Request::new("c", "t"));
    assert!(serde_json::from_str::<Request>(r#"{"community": "c", "txt": "t"}"#).is_err());
}
