//! Which ranker a trained recommender gets, and how the built-in one is adjusted to communities.
#![cfg(feature = "train")]

use std::collections::BTreeSet;

use hashrec::{Config, Learner, Post, RankerSource, Recommender, Stage, TrainReport, Trainer};
use hashrec_ranker::Adjustments;

/// Posts whose hashtag is the opposite of what they name: nothing that the built-in ranker has seen.
fn contrary(count: usize) -> Vec<Post> {
    contrary_in("contrary", count)
}

fn contrary_in(community: &str, count: usize) -> Vec<Post> {
    let tags = ["bread", "cheese", "apple", "onion"];
    (0..count)
        .map(|i| {
            let (named, own) = (tags[i % 4], tags[(i + 2) % 4]);
            // Every text is new: only the name says something.
            let text = format!("{named}\nday {i} of {named}, page {}", i * 7919 % 10_007);
            Post::new(format!("{community}{i}"), community, text, [own], None)
        })
        .collect()
}

fn train(source: RankerSource, posts: &[Post]) -> (Recommender, TrainReport) {
    let config = Config::default().with_threads(1).with_ranker_source(source);
    Trainer::new(config).unwrap().train(posts).unwrap()
}

#[test]
fn the_report_says_what_was_taken_and_why() {
    let posts = contrary(200);
    let (recommender, report) = train(RankerSource::Best, &posts);
    let choice = report.ranker.unwrap();
    assert_eq!(recommender.manifest().config.ranker_source, choice.source);
    assert!(choice.held_out > 150, "{choice}");
    let sources: Vec<RankerSource> = choice.ndcg.iter().map(|&(source, _)| source).collect();
    assert_eq!(sources, [RankerSource::BuiltIn, RankerSource::Posts, RankerSource::Further]);
    let of = |source| choice.ndcg.iter().find(|&&(other, _)| other == source).unwrap().1;
    assert!(of(choice.source) >= of(RankerSource::BuiltIn), "{choice}");
    // Choosing it by name gives the same.
    let (forced, report) = train(choice.source, &posts);
    assert_eq!(report.ranker.unwrap().held_out, 0);
    assert_eq!(forced.manifest().parts, recommender.manifest().parts);
}

#[test]
fn few_posts_get_the_built_in_ranker() {
    let posts = contrary(12);
    let (recommender, report) = train(RankerSource::Best, &posts);
    assert_eq!(report.ranker.unwrap().source, RankerSource::BuiltIn);
    let (learned, _) =
        Learner::new(Config::default().with_threads(1)).unwrap().learn(&posts).unwrap();
    assert_eq!(recommender.manifest().parts, learned.manifest().parts);
}

#[test]
fn a_ranker_that_goes_on_has_the_built_in_trees_and_more() {
    let posts = contrary(300);
    let size = |source| train(source, &posts).0.manifest().parts["ranker"].length;
    assert!(size(RankerSource::Further) > size(RankerSource::BuiltIn));
    assert!(size(RankerSource::BuiltIn) > size(RankerSource::Posts));
}

#[test]
fn trials_report_progress_and_can_be_stopped() {
    let mut stages = BTreeSet::new();
    let config = Config::default().with_threads(1);
    let stopped = Trainer::new(config)
        .unwrap()
        .with_progress(|progress| {
            stages.insert(progress.stage);
            assert!(progress.done <= progress.total, "{progress:?}");
            match progress.stage {
                Stage::Choice if progress.done > 1 => std::ops::ControlFlow::Break(()),
                _ => std::ops::ControlFlow::Continue(()),
            }
        })
        .train(&contrary(120));
    assert!(matches!(stopped, Err(hashrec::TrainError::Cancelled { stage: Stage::Choice })));
    assert_eq!(stages.into_iter().collect::<Vec<_>>(), [Stage::Choice]);
}

#[test]
fn a_communitys_own_posts_adjust_the_built_in_ranker() {
    let parts = |posts: &[Post]| {
        let learner = Learner::new(Config::default().with_threads(1)).unwrap();
        learner.learn(posts).unwrap().0
    };
    let answer = |recommender: &Recommender| {
        let hits = recommender.recommend("contrary", "cheese\nday 1 of cheese", 4).unwrap();
        hits.into_iter().map(|hit| (hit.hashtag, hit.score)).collect::<Vec<_>>()
    };
    let score = |answer: &[(String, f32)], tag: &str| {
        answer.iter().find(|(other, _)| other == tag).map_or(0.0, |&(_, score)| score)
    };
    // How far the hashtag that is right here is ahead of the one that is named.
    let ahead = |count: usize| {
        let answer = answer(&parts(&contrary(count)));
        score(&answer, "onion") - score(&answer, "cheese")
    };
    assert!(ahead(200) > ahead(18), "{} {}", ahead(200), ahead(18));
    // A community that joins is adjusted like one that was there.
    let listed = Learner::new(Config::default().with_threads(1)).unwrap();
    let new = hashrec::NewCommunity::new("other", ["x"]);
    let (recommender, _) = listed.learn_communities(&[new]).unwrap();
    let tags = ["bread", "cheese", "apple", "onion"];
    let arriving = hashrec::NewCommunity::new("contrary", tags).with_posts(contrary(200));
    let joined = answer(&recommender.with_community(&arriving).unwrap());
    assert!(score(&joined, "onion") > score(&joined, "cheese"), "{joined:?}");
}

#[test]
fn communities_that_are_alike_adjust_the_ranker_for_small_and_new_ones() {
    let learn = |posts: &[Post]| {
        let learner = Learner::new(Config::default().with_threads(1)).unwrap();
        learner.learn(posts).unwrap().0
    };
    // How far the hashtag that is right there is ahead of the one that is named.
    let ahead = |recommender: &Recommender, community: &str| {
        let hits = recommender.recommend(community, "cheese\nday 1 of cheese", 4).unwrap();
        let score = |tag: &str| hits.iter().find(|hit| hit.hashtag == tag).unwrap().score;
        score("onion") - score("cheese")
    };
    let small = contrary_in("small", 12);
    let alone = learn(&small);
    let mut all = small;
    ["a", "b", "c"].iter().for_each(|name| all.extend(contrary_in(name, 120)));
    let together = learn(&all);
    let (with, without) = (ahead(&together, "small"), ahead(&alone, "small"));
    assert!(with > without + 0.05, "{with} {without}");
    // One that comes later, with no posts at all, has what they share.
    let new = hashrec::NewCommunity::new("new", ["bread", "cheese", "apple", "onion"]);
    let joined = |to: &Recommender| ahead(&to.with_community(&new).unwrap(), "new");
    assert!(joined(&together) > joined(&alone), "{} {}", joined(&together), joined(&alone));
    // And so it is after saving and loading.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle");
    together.save(&path).unwrap();
    assert_eq!(joined(&Recommender::load(&path).unwrap()), joined(&together));
}

#[test]
fn a_hashtag_that_no_other_post_carries_teaches_nothing() {
    let adjustments = |carry: usize| {
        let posts: Vec<Post> = (0..120)
            .map(|i| {
                let tag = format!("tag{}", i / 4 / carry);
                let text = format!("page {}\nday {i} of {tag}", i * 7919 % 10_007);
                Post::new(i.to_string(), ["a", "b", "c", "d"][i % 4], text, [tag], None)
            })
            .collect();
        let learner = Learner::new(Config::default().with_threads(1)).unwrap();
        let (recommender, _) = learner.learn(&posts).unwrap();
        let folder = tempfile::tempdir().unwrap();
        recommender.save(folder.path().join("bundle")).unwrap();
        let part = std::fs::read(folder.path().join("bundle/adjustments.part")).unwrap();
        Adjustments::read(part.into()).unwrap()
    };
    // Left out, the post leaves behind a hashtag that nobody uses, which would give it away.
    let alone = adjustments(1);
    assert!(alone.shared().is_none() && (0..4).all(|of| alone.of(of).unwrap().is_none()));
    assert!(!adjustments(2).shared().is_none());
}
