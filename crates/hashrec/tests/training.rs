//! Training: what is learned, what is reported, what is refused.
#![cfg(feature = "train")]

mod common;

use std::ops::ControlFlow;

use hashrec::{
    Config, FeatureGroup, Post, Recommender, Request, SmallCommunityParams, Source, Stage, System,
    TrainError, Trainer, evaluate,
};

#[test]
fn the_default_beats_popularity_on_unseen_posts() {
    let posts = common::posts(60);
    let (test, train): (Vec<Post>, Vec<Post>) =
        posts.into_iter().partition(|post| post.id.ends_with('7'));
    let ndcg = |system| {
        let (recommender, _) = Trainer::new(common::config(system)).unwrap().train(&train).unwrap();
        let report = evaluate(&recommender, &test, 3).unwrap();
        assert_eq!((report.posts, report.excluded), (test.len(), 0));
        report.ndcg
    };
    let (ours, popular) = (ndcg(System::Hashrec), ndcg(System::Popular));
    assert!(ours > popular + 0.2, "{ours} against {popular}");
}

#[test]
fn a_chosen_hashtag_brings_its_company_to_the_front() {
    // Nothing in the texts tells which pair a post carries.
    let pairs = [["bread", "oven"], ["saddle", "wheel"], ["piano", "violin"]];
    let posts: Vec<Post> = (0..120)
        .map(|i| Post::new(i.to_string(), "notes", format!("notes of day {i}"), pairs[i % 3], None))
        .collect();
    let mut config = common::config(System::Hashrec);
    config.chosen_share = 1.0;
    let (recommender, _) = Trainer::new(config).unwrap().train(&posts).unwrap();
    let request = Request::new("notes", "notes of a new day").with_k(1);
    for [one, other] in pairs {
        for (chosen, expected) in [(one, other), (other, one)] {
            let hits = recommender.recommend_for(&request.clone().with_chosen([chosen])).unwrap();
            assert_eq!(hits[0].hashtag, expected, "{chosen} is chosen");
        }
    }
}

#[test]
fn small_communities_are_dropped_and_reported() {
    let mut posts = common::posts(20);
    posts.push(Post::new("lonely", "tiny", "text", ["tag"], None));
    let config = common::config(System::Popular);
    let (recommender, report) = Trainer::new(config.clone()).unwrap().train(&posts).unwrap();
    assert_eq!(report.dropped.len(), 1);
    assert_eq!(report.dropped[0].community, "tiny");
    assert!(recommender.recommend("tiny", "text", 1).is_err());
    let (recommender, _) = Trainer::new(config.with_min_posts(0)).unwrap().train(&posts).unwrap();
    assert_eq!(recommender.recommend("tiny", "text", 1).unwrap()[0].hashtag, "tag");
}

#[test]
fn the_ranker_learns_from_simulated_small_communities() {
    let ranker = |small: SmallCommunityParams| {
        let mut config = common::config(System::Hashrec);
        config.small_communities = small;
        let (recommender, _) = Trainer::new(config).unwrap().train(&common::posts(24)).unwrap();
        recommender.manifest().parts["ranker"].blake3.clone()
    };
    let base = SmallCommunityParams::default;
    let none = ranker(SmallCommunityParams::none());
    for off in [base().with_repetitions(0), base().with_posts(0), base().with_sizes([])] {
        assert_eq!(ranker(off), none);
    }
    // Communities of 24 posts give none of 20 that leave 5 to be new.
    assert_eq!(ranker(base().with_sizes([20, 50])), none);
    assert_ne!(ranker(base().with_sizes([19])), none);
    assert_ne!(ranker(base()), none);
    assert_ne!(ranker(base().with_communities(1)), ranker(base()));
}

#[test]
fn the_ranker_learns_from_at_most_so_many_posts() {
    let parts = |ranker_posts: usize| {
        let mut config = common::config(System::Hashrec);
        config.ranker_posts = ranker_posts;
        config.small_communities = SmallCommunityParams::none();
        let (recommender, _) = Trainer::new(config).unwrap().train(&common::posts(24)).unwrap();
        let part = |name: &str| recommender.manifest().parts[name].clone();
        (part("ranker").blake3, part("candidates").blake3)
    };
    let (all, generators) = parts(Config::default().ranker_posts);
    // There are 72 posts.
    assert_eq!(parts(72).0, all);
    let (some, same) = parts(40);
    assert_ne!(some, all);
    assert_eq!(same, generators, "the generators learn from all posts");
    assert_eq!(parts(40).0, some);
    assert_ne!(parts(30).0, some);
}

#[test]
fn the_ranker_learns_from_the_newest_posts_where_they_have_times() {
    let ranker = |posts: &[Post], newest_share: f64| {
        let mut config = common::config(System::Hashrec);
        config.newest_share = newest_share;
        config.small_communities = SmallCommunityParams::none();
        let (recommender, _) = Trainer::new(config).unwrap().train(posts).unwrap();
        recommender.manifest().parts["ranker"].blake3.clone()
    };
    let mut posts = common::posts(24);
    assert_ne!(ranker(&posts, 0.2), ranker(&posts, 0.0));
    assert_ne!(ranker(&posts, 0.2), ranker(&posts, 0.5));
    // Of 24 posts, a share of .04 is none.
    assert_eq!(ranker(&posts, 0.04), ranker(&posts, 0.0));
    posts.iter_mut().for_each(|post| post.created_at = None);
    assert_eq!(ranker(&posts, 0.2), ranker(&posts, 0.0));
}

#[test]
fn the_ranker_beside_a_net_learns_from_newest_posts_and_small_communities_too() {
    let steps = tempfile::tempdir().unwrap();
    let ranker = |newest_share: f64, small: SmallCommunityParams| {
        let mut config = common::config(System::HashrecMultiLabel);
        config.newest_share = newest_share;
        config.small_communities = small;
        let trainer = Trainer::new(config).unwrap().with_finished_steps(steps.path());
        let (recommender, _) = trainer.train(&common::posts(24)).unwrap();
        recommender.manifest().parts["ranker"].blake3.clone()
    };
    let neither = ranker(0.0, SmallCommunityParams::none());
    let newest = ranker(0.2, SmallCommunityParams::none());
    let small = ranker(0.0, SmallCommunityParams::default());
    assert_ne!(newest, neither);
    assert_ne!(small, neither);
    assert_ne!(ranker(0.2, SmallCommunityParams::default()), newest);
}

#[test]
fn a_post_is_ranked_by_the_habits_of_its_time() {
    let mut posts = common::posts(60);
    // From the middle on, the bakers call their questions another name.
    for post in posts.iter_mut().filter(|post| post.community == "baking") {
        let later = post.created_at.is_some_and(|time| time >= 1_700_000_000 + 30 * 86_400);
        if later && let Some(tag) = post.hashtags.iter_mut().find(|tag| *tag == "質問") {
            *tag = "相談".to_owned();
        }
    }
    let (recommender, _) =
        Trainer::new(common::config(System::Hashrec)).unwrap().train(&posts).unwrap();
    let ahead = |time: i64| {
        let request = Request::new("baking", "オーブンの温度がむずかしい").with_created_at(time);
        let found = recommender.recommend_for(&request).unwrap();
        let place = |name: &str| found.iter().position(|hit| hit.hashtag == name).unwrap();
        place("相談") < place("質問")
    };
    assert!(ahead(1_700_000_000 + 61 * 86_400));
    assert!(!ahead(1_700_000_000 + 5 * 86_400));
}

#[test]
fn what_cannot_be_trained_on_is_refused() {
    let train = |posts: &[Post]| {
        Trainer::new(common::config(System::Hashrec)).unwrap().train(posts).unwrap_err()
    };
    assert!(matches!(train(&[]), TrainError::NoPosts { .. }));
    let untagged: Vec<Post> =
        (0..20).map(|i| Post::new(format!("{i}"), "c", "text", [""; 0], None)).collect();
    assert!(matches!(train(&untagged), TrainError::NoPosts { .. }));
    let mut twice = common::posts(20);
    twice.push(twice[0].clone());
    assert!(matches!(train(&twice), TrainError::Posts { .. }));
    let mut config = Config::default();
    config.ranker = config.ranker.with_leaves(0);
    assert!(Trainer::new(config).is_err());
}

#[test]
fn progress_is_reported_in_order_and_can_stop_the_run() {
    let mut stages = Vec::new();
    Trainer::new(common::config(System::HashrecMultiLabel))
        .unwrap()
        .with_progress(|progress| {
            if stages.last() != Some(&progress.stage) {
                stages.push(progress.stage);
            }
            assert!(progress.done <= progress.total, "{progress:?}");
            ControlFlow::Continue(())
        })
        .train(&common::posts(24))
        .unwrap();
    for stage in [Stage::Tokens, Stage::Floret, Stage::Classifier, Stage::Candidates, Stage::Ranker]
    {
        assert!(stages.contains(&stage), "{stage:?} is not in {stages:?}");
    }
    for stop in [Stage::Tokens, Stage::Floret, Stage::Classifier, Stage::Candidates, Stage::Ranker]
    {
        let error = Trainer::new(common::config(System::HashrecMultiLabel))
            .unwrap()
            .with_progress(|progress| {
                if progress.stage == stop {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
            .train(&common::posts(24))
            .unwrap_err();
        assert!(matches!(error, TrainError::Cancelled { .. }), "{stop:?}: {error}");
    }
}

#[test]
fn posts_without_times_or_hashtags_are_fine() {
    let mut posts = common::posts(24);
    for post in &mut posts {
        post.created_at = None;
    }
    posts[3].hashtags.clear();
    posts[4].text.clear();
    let (recommender, report) =
        Trainer::new(common::config(System::Hashrec)).unwrap().train(&posts).unwrap();
    assert_eq!(report.untagged, 1);
    assert_eq!(recommender.recommend("baking", "クッキー", 2).unwrap().len(), 2);
}

#[test]
fn a_group_left_out_is_left_out_for_good() {
    let posts = common::posts(60);
    let train = |out: &[FeatureGroup]| {
        let mut config = common::config(System::Hashrec);
        config.features = config.features.with_without(out.iter().copied());
        // So that the shortlist decides what is ranked.
        config.shortlist = config.shortlist.with_whole_space(0);
        Ok::<_, TrainError>(Trainer::new(config).unwrap().train(&posts)?.0)
    };
    let answer = |recommender: &Recommender| {
        recommender.recommend("baking", "クッキーの型抜きに挑戦\n天然酵母", 8).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let whole = train(&[]).unwrap();
    let without = train(&[FeatureGroup::Literal, FeatureGroup::Linear]).unwrap();
    without.save(folder.path().join("bundle")).unwrap();
    let loaded = Recommender::load(folder.path().join("bundle")).unwrap();
    assert_eq!(loaded.manifest().config.features.without.iter().count(), 2);
    assert_eq!(answer(&loaded), answer(&without));
    assert_ne!(answer(&whole), answer(&without));
    let names = |recommender: &Recommender, source: Source| {
        answer(recommender).iter().any(|hit| hit.sources.contains(&source))
    };
    for source in [Source::Literal, Source::Linear] {
        assert!(names(&whole, source) && !names(&without, source), "{source:?}");
    }
    // Nothing is put forward when everything is left out, so there is nothing to learn.
    assert!(matches!(train(FeatureGroup::ALL), Err(TrainError::Step { .. })));
}
