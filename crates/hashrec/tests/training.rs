//! Training: what is learned, what is reported, what is refused.
#![cfg(all(feature = "train", feature = "net"))]

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
fn a_chosen_hashtag_brings_what_occurs_with_it_to_the_front() {
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
    assert_eq!(report.corpus.dropped.len(), 1);
    assert_eq!(report.corpus.dropped[0].community, "tiny");
    assert!(recommender.recommend("tiny", "text", 1).is_err());
    let (recommender, _) = Trainer::new(config.with_min_posts(0)).unwrap().train(&posts).unwrap();
    assert_eq!(recommender.recommend("tiny", "text", 1).unwrap()[0].hashtag, "tag");
}

/// A configuration whose ranker learns from each of the 72 posts once, as it is, and nothing else.
fn plain(system: System) -> Config {
    let mut config = common::config(system);
    config.chosen_share = 0.0;
    config.newest_share = 0.0;
    config.small_communities = SmallCommunityParams::none();
    config
}

/// The ranker's own count of the posts that it was given.
fn ranker_posts(config: Config, posts: &[Post]) -> usize {
    let (recommender, _) = Trainer::new(config).unwrap().train(posts).unwrap();
    common::posts_of_ranker(&recommender)
}

#[test]
fn the_ranker_learns_from_synthetic_communities() {
    let posts = common::posts(24);
    let added = |small: SmallCommunityParams| {
        let config = Config { small_communities: small, ..plain(System::Hashrec) };
        ranker_posts(config, &posts) - 72
    };
    let base = SmallCommunityParams::default;
    for off in [base().with_repetitions(0), base().with_posts(0), base().with_sizes([])] {
        assert_eq!(added(off), 0);
    }
    // Communities of 24 posts give none of 20 that leave 5 to be new.
    assert_eq!(added(base().with_sizes([20, 50])), 0);
    assert_eq!(added(base().with_sizes([19])), 3 * 5);
    // Sizes 0, 5 and 10.
    assert_eq!(added(base()), 3 * (24 + 19 + 14));
    assert_eq!(added(base().with_communities(1)), 24 + 19 + 14);
    assert_eq!(added(base().with_posts(4).with_repetitions(2)), 3 * 3 * 4 * 2);
}

#[test]
fn the_ranker_learns_from_at_most_so_many_posts() {
    let posts = common::posts(24);
    let train = |ranker_posts: usize| {
        let config = Config { ranker_posts, ..plain(System::Hashrec) };
        let (recommender, _) = Trainer::new(config).unwrap().train(&posts).unwrap();
        let generators = recommender.manifest().parts["candidates"].clone();
        (common::posts_of_ranker(&recommender), generators)
    };
    let (all, generators) = train(Config::default().ranker_posts);
    assert_eq!(all, 72);
    for count in [72, 40, 30] {
        assert_eq!(train(count), (count, generators.clone()), "generators learn from all posts");
    }
}

#[test]
fn the_ranker_learns_from_the_newest_posts_if_they_have_times() {
    let mut posts = common::posts(24);
    let added = |posts: &[Post], newest_share: f64| {
        ranker_posts(Config { newest_share, ..plain(System::Hashrec) }, posts) - 72
    };
    for (share, newest) in [(0.0, 0), (0.04, 0), (0.2, 4), (0.5, 12)] {
        assert_eq!(added(&posts, share), 3 * newest, "{share} of 24 posts");
    }
    posts.iter_mut().for_each(|post| post.created_at = None);
    assert_eq!(added(&posts, 0.2), 0);
}

#[test]
fn the_ranker_sees_posts_again_with_chosen_hashtags() {
    let posts = common::posts(24);
    let added = |chosen_share: f64| {
        ranker_posts(Config { chosen_share, ..plain(System::Hashrec) }, &posts) - 72
    };
    // Every post has two hashtags, so one can be chosen and one is left to find.
    assert_eq!(added(1.0), 72);
    assert!((1..72).contains(&added(0.5)));
}

#[test]
fn the_ranker_beside_a_net_learns_from_newest_posts_and_small_communities_too() {
    let posts = common::posts(24);
    let mut config = plain(System::HashrecMultiLabel);
    config.newest_share = 0.2;
    config.small_communities = SmallCommunityParams::default();
    assert_eq!(ranker_posts(config, &posts), 72 + 3 * 4 + 3 * (24 + 19 + 14));
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
        assert!(
            matches!(error, TrainError::Cancelled { stage } if stage == stop),
            "{stop:?}: {error}"
        );
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
    assert_eq!(report.corpus.untagged, 1);
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
