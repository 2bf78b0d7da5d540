//! Recommenders from posts or lists of hashtags alone.
#![cfg(feature = "learn")]

use std::{cell::RefCell, ops::ControlFlow, sync::mpsc, thread};

use hashrec::{
    Config, Duplicates, LearnError, Learner, NewCommunity, Post, RankerSource, Recommender,
    Request, Stage, System,
};

fn post(id: usize, community: &str, text: &str, hashtag: &str) -> Post {
    Post::new(id.to_string(), community, text, [hashtag], Some(1_700_000_000 + id as i64 * 3_600))
}

/// Two communities with the same words but hashtags of their own.
fn posts() -> Vec<Post> {
    let texts = [
        ("Turning a heel\nShort rows around the ankle.", "socks"),
        ("A shawl in one evening\nYarn overs make the holes.", "lace"),
        ("Twisting stitches\nA needle holds three of them in front.", "cables"),
    ];
    (0..60)
        .map(|i| {
            let (text, hashtag) = texts[i % 3];
            match i % 2 {
                0 => post(i, "knitting", text, hashtag),
                _ => post(i, "編み物", text, ["靴下", "レース", "縄編み"][i % 3]),
            }
        })
        .collect()
}

fn learner(threads: usize) -> Learner<'static> {
    Learner::new(Config::default().with_threads(threads)).unwrap()
}

fn best(recommender: &Recommender, community: &str, text: &str) -> String {
    recommender.recommend(community, text, 3).unwrap()[0].hashtag.clone()
}

/// Recommends when it is dropped, and sends the best hashtag.
struct Last(Recommender, mpsc::Sender<String>);

impl Drop for Last {
    fn drop(&mut self) {
        let _ = self.1.send(best(&self.0, "knitting", "Turning a heel"));
    }
}

thread_local! {
    static BEFORE: RefCell<Option<Last>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<Last>> = const { RefCell::new(None) };
}

#[test]
fn a_thread_that_is_ending_may_still_recommend() {
    let recommender = Recommender::from_posts(&posts()).unwrap();
    let (sender, received) = mpsc::channel();
    let last = || Last(recommender.clone(), sender.clone());
    thread::scope(|scope| {
        scope.spawn(|| {
            // One of them is dropped after what the recommendation between keeps for its thread.
            BEFORE.set(Some(last()));
            assert_eq!(best(&recommender, "knitting", "Turning a heel"), "socks");
            AFTER.set(Some(last()));
        });
    });
    // A scope may end before its thread's values are dropped.
    for _ in 0..2 {
        assert_eq!(received.recv().unwrap(), "socks");
    }
}

#[test]
fn posts_are_enough() {
    let recommender = Recommender::from_posts(&posts()).unwrap();
    assert_eq!(recommender.communities().collect::<Vec<_>>(), ["knitting", "編み物"]);
    assert_eq!(recommender.posts("knitting"), Some(30));
    for (text, hashtag, japanese) in [
        ("The heel of my left foot", "socks", "靴下"),
        ("Holes in a shawl", "lace", "レース"),
        ("Which needle for twisting?", "cables", "縄編み"),
    ] {
        assert_eq!(best(&recommender, "knitting", text), hashtag);
        assert_eq!(best(&recommender, "編み物", text), japanese);
    }
    assert!(!recommender.importance().is_empty());
    let config = &recommender.manifest().config;
    assert_eq!((config.system, config.ranker_source), (System::Hashrec, RankerSource::BuiltIn));
}

#[test]
fn a_list_of_hashtags_is_enough() {
    let baking = NewCommunity::new("baking", ["パン", "クッキー", "新機能"]);
    let knitting = NewCommunity::new("knitting", ["socks", "lace"]).with_posts([
        post(1, "knitting", "Turning a heel", "socks"),
        post(2, "knitting", "Holes on purpose", "lace"),
    ]);
    let recommender = Recommender::from_communities(&[baking, knitting]).unwrap();
    assert_eq!(best(&recommender, "baking", "クッキーの型抜き"), "クッキー");
    assert_eq!(best(&recommender, "baking", "新機能のお知らせ"), "新機能");
    assert_eq!(best(&recommender, "knitting", "The heel"), "socks");
    assert_eq!(best(&recommender, "knitting", "A purpose"), "lace");
    assert_eq!(recommender.recommend("knitting", "", 10).unwrap().len(), 2);
}

#[test]
fn what_is_learned_can_be_saved_and_extended() {
    let recommender = Recommender::from_posts(&posts()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    recommender.save(dir.path().join("bundle")).unwrap();
    let loaded = Recommender::load(dir.path().join("bundle")).unwrap();
    assert_eq!(loaded.manifest(), recommender.manifest());
    let requests = [
        Request::new("knitting", "A heel").with_chosen(["socks"]),
        Request::new("編み物", "A shawl").with_denied(["レース"]).with_k(2),
        Request::new("knitting", "A needle").with_allowed(["lace", "cables"]),
    ];
    for request in &requests {
        let answer = recommender.recommend_for(request).unwrap();
        assert!(!answer.is_empty());
        assert_eq!(loaded.recommend_for(request).unwrap(), answer);
    }
    let sewing = NewCommunity::new("sewing", ["seams", "zips"]);
    let more = loaded.with_community(&sewing).unwrap();
    assert_eq!(best(&more, "sewing", "How to put zips in"), "zips");
    assert_eq!(best(&more, "knitting", "The heel of my left foot"), "socks");
}

#[test]
fn the_same_posts_give_the_same_bytes() {
    let hash = |threads| {
        let (recommender, _) = learner(threads).learn(&posts()).unwrap();
        recommender.manifest().parts.clone()
    };
    assert_eq!(hash(1), hash(1));
    assert_eq!(hash(2), hash(2));
}

#[test]
fn bad_input_is_named() {
    let refused = |posts: &[Post]| learner(1).learn(posts).unwrap_err();
    assert!(matches!(refused(&[]), LearnError::NoPosts));
    assert!(matches!(refused(&[Post::new("1", "c", "text", [""; 0], None)]), LearnError::NoPosts));
    assert!(matches!(refused(&[post(1, " ", "text", "tag")]), LearnError::NoName));
    let twice = [post(1, "c", "first", "a"), post(1, "d", "second", "b")];
    match refused(&twice) {
        LearnError::DuplicatePost { community, post } => {
            assert_eq!((&*community, &*post), ("d", "1"))
        }
        error => panic!("{error}"),
    }
    let config = Config::default().with_duplicates(Duplicates::KeepFirst);
    let (recommender, report) = Learner::new(config).unwrap().learn(&twice).unwrap();
    assert_eq!((report.posts, report.duplicates, report.communities), (1, 1, 1));
    assert_eq!(recommender.communities().collect::<Vec<_>>(), ["c"]);
    let again = [NewCommunity::new("c", ["a"]), NewCommunity::new(" c ", ["b"])];
    assert!(matches!(Recommender::from_communities(&again).unwrap_err(), LearnError::Twice { .. }));
    let linear = Learner::new(Config::default().with_system(System::Linear)).err().unwrap();
    assert!(matches!(linear, LearnError::NotLearned { system: System::Linear }));
    let wrong = Learner::new(Config::default().with_threads(5_000)).err().unwrap();
    assert!(wrong.to_string().contains("threads"), "{wrong}");
}

#[test]
fn the_report_counts_and_says_what_was_merged() {
    let mut posts = posts();
    posts.push(post(60, "knitting", "In another writing", "＃ＳＯＣＫＳ"));
    posts.push(post(61, "knitting", "With a mark nobody sees", "so\u{200b}cks"));
    posts.push(Post::new("62", "knitting", "Nothing to learn", [""; 0], None));
    let (recommender, report) = learner(1).learn(&posts).unwrap();
    assert_eq!((report.posts, report.communities, report.untagged), (63, 2, 1));
    assert_eq!(report.merged[0].hashtag, "socks");
    let shown: Vec<&str> = recommender.hashtags("knitting").unwrap().collect();
    assert!(shown.contains(&"socks") && shown.contains(&"ＳＯＣＫＳ"), "{shown:?}");
}

#[test]
fn progress_is_reported_and_can_stop() {
    let mut stages = Vec::new();
    let learner = learner(1).with_progress(|progress| {
        assert!(progress.done <= progress.total);
        stages.push(progress.stage);
        ControlFlow::Continue(())
    });
    learner.learn(&posts()).unwrap();
    stages.dedup();
    assert_eq!(stages, [Stage::Tokens, Stage::Candidates]);
    for stop in stages {
        let learner = Learner::new(Config::default()).unwrap().with_progress(|progress| {
            match progress.stage == stop {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        match learner.learn(&posts()).unwrap_err() {
            LearnError::Cancelled { stage } => assert_eq!(stage, stop),
            error => panic!("{error}"),
        }
    }
}

#[test]
#[cfg(feature = "trainer")]
fn a_trainer_can_use_the_built_in_ranker() {
    let config = Config::default().with_threads(1).with_ranker_source(RankerSource::BuiltIn);
    let (trained, report) = hashrec::Trainer::new(config).unwrap().train(&posts()).unwrap();
    assert_eq!(report.corpus.posts, 60);
    let (learned, _) = learner(1).learn(&posts()).unwrap();
    assert_eq!(trained.manifest().parts, learned.manifest().parts);
    let config = Config::default().with_min_posts(0).with_ranker_source(RankerSource::BuiltIn);
    let nothing = hashrec::Trainer::new(config).unwrap().train(&[]).unwrap_err();
    assert!(nothing.to_string().contains("posts"), "{nothing}");
}
