//! Communities that a recommender was not trained on.
#![cfg(all(feature = "train", feature = "net"))]

mod common;

use std::{collections::HashSet, fs, path::Path, sync::LazyLock};

use hashrec::{
    LearnError, NewCommunity, Post, PostReader, ReadParams, Recommender, Request, System, Trainer,
};
use proptest::prelude::*;

/// The sample posts of some communities.
fn sample(communities: &[&str]) -> Vec<Post> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/posts.jsonl");
    let posts = PostReader::open(&file, &ReadParams::default()).unwrap();
    posts.map(Result::unwrap).filter(|p| communities.contains(&p.community.as_str())).collect()
}

/// Trained on three communities of the sample posts.
static SAMPLE: LazyLock<Recommender> = LazyLock::new(|| {
    let posts = sample(&["baking", "cats", "running"]);
    Trainer::new(common::config(System::Hashrec)).unwrap().train(&posts).unwrap().0
});

static SMALL: LazyLock<Recommender> = LazyLock::new(|| common::train(System::Hashrec, 40));

const TAGS: [&str; 6] = ["毛糸", "編み図", "#靴下", "Aran", "棒針", "質問"];

fn post(number: usize, text: &str, tags: &[&str]) -> Post {
    Post::new(format!("k{number}"), "knitting", text, tags, Some(1_700_000_000 + number as i64))
}

fn posts() -> Vec<Post> {
    let texts: [(&str, &[&str]); 4] = [
        ("かかとの編み方がわかりません", &["靴下", "質問"]),
        ("冬用の太い糸を買いました", &["毛糸"]),
        ("縄編みのセーターができた", &["Aran", "棒針"]),
        ("履き口をゆるく編むには", &["靴下", "質問"]),
    ];
    (0..12).map(|n| post(n, texts[n % 4].0, texts[n % 4].1)).collect()
}

fn knitting() -> NewCommunity {
    NewCommunity::new("knitting", TAGS)
}

fn names(of: &Recommender, community: &str, text: &str, k: usize) -> Vec<String> {
    let hits = of.recommend(community, text, k).unwrap();
    hits.into_iter().map(|hit| hit.hashtag).collect()
}

#[test]
fn a_list_alone_is_served_and_the_hashtag_in_the_text_is_first() {
    let with = SMALL.with_community(&knitting()).unwrap();
    assert_eq!(with.posts("knitting"), Some(0));
    for (text, expected) in [
        ("毛糸の選び方", "毛糸"),
        ("この編み図は見やすい", "編み図"),
        ("An Aran sweater", "Aran"),
        ("靴下を編みました\nかかとで迷いました", "靴下"),
    ] {
        assert_eq!(names(&with, "knitting", text, 3)[0], expected, "{text}");
    }
    let all: HashSet<String> = names(&with, "knitting", "", 10).into_iter().collect();
    assert_eq!(all, TAGS.iter().map(|tag| tag.trim_start_matches('#').to_owned()).collect());
}

/// A whole community of the sample, its list alone: what its posts name is found.
#[test]
fn without_any_post_a_ranker_finds_what_posts_name() {
    let posts = sample(&["gardening"]);
    let tags = posts.iter().flat_map(|post| &post.hashtags);
    let community = NewCommunity::new("gardening", tags.cloned());
    let with = SAMPLE.with_community(&community).unwrap();
    let named = |post: &&Post| post.hashtags.iter().any(|tag| post.title().contains(tag.as_str()));
    let naming: Vec<&Post> = posts.iter().filter(named).collect();
    assert!(naming.len() >= 5, "{}", naming.len());
    let found = naming.iter().filter(|post| {
        let hits = names(&with, "gardening", &post.text, 1);
        post.hashtags.contains(&hits[0])
    });
    let found = found.count();
    assert!(found * 10 >= naming.len() * 7, "{found} of {}", naming.len());
}

#[test]
fn posts_teach_what_no_text_says() {
    let asked = "履き口の編み方がわかりません";
    let ndcg = |of: &Recommender| {
        let hits = names(of, "knitting", asked, 6);
        hits.iter().take(2).filter(|hit| ["靴下", "質問"].contains(&hit.as_str())).count()
    };
    let empty = SMALL.with_community(&knitting()).unwrap();
    let taught = SMALL.with_community(&knitting().with_posts(posts())).unwrap();
    assert_eq!(taught.posts("knitting"), Some(12));
    assert_eq!(ndcg(&taught), 2, "{:?}", names(&taught, "knitting", asked, 6));
    assert!(ndcg(&empty) <= 2);
    // A listed hashtag that no post carries is still found where it is named.
    assert!(names(&taught, "knitting", "編み図をください", 3).contains(&"編み図".to_owned()));
}

#[test]
fn the_list_is_closed_and_without_one_the_posts_are_the_list() {
    let stray = post(99, "毛糸とボタン", &["ボタン", "毛糸"]);
    let listed = knitting().with_posts(posts()).with_posts([stray.clone()]);
    let with = SMALL.with_community(&listed).unwrap();
    assert!(!with.hashtags("knitting").unwrap().any(|tag| tag == "ボタン"));
    assert_eq!(with.hashtags("knitting").unwrap().count(), TAGS.len());
    assert_eq!(with.hashtags("knitting").unwrap().next(), Some("質問"));

    let unlisted = NewCommunity { hashtags: Vec::new(), ..listed };
    let with = SMALL.with_community(&unlisted).unwrap();
    assert_eq!(names(&with, "knitting", "ボタンがとれた", 1), ["ボタン"]);
    assert!(!with.hashtags("knitting").unwrap().any(|tag| tag == "編み図"));
}

#[test]
fn a_community_can_be_replaced_and_the_others_answer_as_before() {
    let replacement = NewCommunity::new("baking", ["ピザ", "パン"]);
    let with = SMALL.with_communities([&replacement, &knitting()]).unwrap();
    let all: Vec<&str> = with.communities().collect();
    assert_eq!(all, ["baking", "coding", "knitting", "running"]);
    assert_eq!(names(&with, "baking", "ピザを焼きました", 9), ["ピザ", "パン"]);
    for community in ["coding", "running"] {
        for post in common::posts(8).iter().filter(|post| post.community == community) {
            let request = Request::new(community, &post.text).with_k(20);
            let expected = SMALL.recommend_for(&request).unwrap();
            assert_eq!(with.recommend_for(&request).unwrap(), expected);
        }
    }
}

#[test]
fn the_old_recommender_stays_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let save = |name: &str| {
        SMALL.save(dir.path().join(name)).unwrap();
        fs::read(dir.path().join(name).join("manifest.json")).unwrap()
    };
    let before = save("before");
    let with = SMALL.with_community(&knitting().with_posts(posts())).unwrap();
    assert_eq!(save("after"), before);
    assert!(SMALL.recommend("knitting", "毛糸", 1).is_err());
    assert_ne!(with.manifest().fingerprint, SMALL.manifest().fingerprint);
    assert_eq!(with.manifest().config, SMALL.manifest().config);
}

/// Every system that can: taken in, saved, loaded, the same answers; twice, the same bytes.
#[test]
fn what_was_taken_in_survives_its_bundle_and_is_deterministic() {
    let dir = tempfile::tempdir().unwrap();
    for system in [System::Hashrec, System::Linear, System::NearestPosts, System::Popular] {
        let trained = common::train(system, 24);
        let community = knitting().with_posts(posts());
        let with = trained.with_community(&community).unwrap();
        let mut turned = community.clone();
        turned.hashtags.reverse();
        let again = trained.with_community(&turned).unwrap();
        assert_eq!(again.manifest(), with.manifest(), "{system:?}");
        let folder = dir.path().join("bundle");
        with.save(&folder).unwrap();
        let loaded = Recommender::load(&folder).unwrap();
        assert_eq!(loaded.manifest(), with.manifest());
        for post in posts().iter().chain(&common::posts(4)) {
            let ask = |of: &Recommender| of.recommend(&post.community, &post.text, 5).unwrap();
            assert_eq!(ask(&loaded), ask(&with), "{system:?}");
        }
        // A loaded one can take in more.
        let more = loaded.with_community(&NewCommunity::new("tea", ["green", "black"])).unwrap();
        assert_eq!(names(&more, "tea", "", 5).len(), 2);
        assert_eq!(names(&more, "knitting", "毛糸", 5), names(&with, "knitting", "毛糸", 5));
    }
}

/// The same posts as in training give what training gave, but for what the corpus knew.
#[test]
fn a_community_taken_in_again_answers_as_trained() {
    let posts: Vec<Post> =
        common::posts(24).into_iter().filter(|post| post.community == "running").collect();
    for system in [System::Linear, System::NearestPosts, System::Popular, System::Hashrec] {
        let trained = common::train(system, 24);
        let again = NewCommunity::new("running", [""; 0]).with_posts(posts.clone());
        let again = trained.with_community(&again).unwrap();
        for post in &posts {
            let ask = |of: &Recommender| of.recommend("running", &post.text, 5).unwrap();
            assert_eq!(ask(&again).len(), ask(&trained).len(), "{system:?}");
            for (found, expected) in ask(&again).iter().zip(ask(&trained)) {
                assert_eq!(found.hashtag, expected.hashtag, "{system:?}");
                assert!((found.score - expected.score).abs() < 1e-5, "{system:?}");
            }
        }
    }
}

#[test]
fn what_cannot_be_taken_in_is_refused() {
    let refused = |community: &NewCommunity| SMALL.with_community(community).unwrap_err();
    for name in ["", " \t"] {
        assert!(matches!(refused(&NewCommunity::new(name, ["a"])), LearnError::NoName));
    }
    for community in [
        NewCommunity::new("knitting", [""; 0]),
        NewCommunity::new("knitting", ["#", " "]),
        NewCommunity::new("knitting", [""; 0]).with_posts([post(0, "no hashtag", &[])]),
    ] {
        let error = refused(&community);
        assert!(matches!(&error, LearnError::NoHashtags { community } if community == "knitting"));
    }
    let foreign = knitting().with_posts([common::posts(1)[0].clone()]);
    let error = refused(&foreign);
    assert!(
        matches!(&error, LearnError::ForeignPost { other, .. } if other == "baking"),
        "{error}"
    );
    let twice = knitting().with_posts([post(3, "a", &["質問"]), post(3, "b", &["質問"])]);
    let error = refused(&twice);
    assert!(matches!(&error, LearnError::DuplicatePost { post, .. } if post == "k3"), "{error}");
    let error = SMALL.with_communities([&knitting(), &knitting()]).unwrap_err();
    assert!(matches!(error, LearnError::Twice { .. }), "{error}");
    for system in [System::HashrecMultiLabel, System::MultiLabel, System::LightGbmSimple] {
        let error = common::train(system, 24).with_community(&knitting()).unwrap_err();
        assert!(matches!(error, LearnError::System { .. }), "{error}");
    }
}

#[test]
fn a_community_can_come_as_json() {
    let json = r##"{"name": "tea", "hashtags": ["#green"]}"##;
    let community: NewCommunity = serde_json::from_str(json).unwrap();
    assert_eq!(community, NewCommunity::new("tea", ["#green"]));
    assert!(serde_json::from_str::<NewCommunity>(r#"{"name": "tea", "tags": []}"#).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any list, any posts, or none: only listed hashtags come back, each once, best first.
    #[test]
    fn only_its_own_hashtags_are_recommended(
        tags in prop::collection::btree_set("[abあ新]{1,3}", 1..90),
        texts in prop::collection::vec(("[abあ新 ]{0,12}", "[abあ新]{1,3}"), 0..6),
        asked in "\\PC{0,40}",
        k in 0usize..100,
    ) {
        let posts = texts.iter().enumerate().map(|(n, (text, tag))| {
            Post::new(format!("{n}"), "new", text, [tag], None)
        });
        let community = NewCommunity::new("new", tags.iter().cloned()).with_posts(posts);
        let with = SMALL.with_community(&community).unwrap();
        let hits = with.recommend("new", &asked, k).unwrap();
        prop_assert_eq!(hits.len(), k.min(tags.len()));
        prop_assert!(hits.iter().all(|hit| tags.contains(&hit.hashtag) && hit.score.is_finite()));
        prop_assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
        let distinct: HashSet<&str> = hits.iter().map(|hit| hit.hashtag.as_str()).collect();
        prop_assert_eq!(distinct.len(), hits.len());
    }
}
