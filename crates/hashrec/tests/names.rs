//! Names that a reader can't tell apart are one, on every way in.
#![cfg(feature = "train")]

use hashrec::{
    Config, EvaluationError, LearnError, NameFolding, NewCommunity, Post, Recommender, Request,
    System, TrainReport, Trainer, evaluate,
};

/// Writings of フルマラソン: as most posts have it, in half width, decomposed and with traces of
/// copying.
const MARATHON: [&str; 4] =
    ["フルマラソン", "＃ﾌﾙﾏﾗｿﾝ", "\u{200B}#フルマラソン\u{FEFF}", "フル\u{2060}マラソン"];

fn posts() -> Vec<Post> {
    let writing = |i: usize| if i < 12 { MARATHON[0] } else { MARATHON[i % 4] };
    (0..24)
        .flat_map(|i| {
            let community = [" running", "running\u{3000}", "running"][i % 3];
            [
                Post::new(
                    format!("a{i}"),
                    community,
                    "42.195kmを走った",
                    [writing(i), "記録"],
                    None,
                ),
                Post::new(format!("b{i}"), "running", "新しい靴", ["シューズ", "Gear"], None),
            ]
        })
        .collect()
}

fn train(config: Config) -> (Recommender, TrainReport) {
    Trainer::new(config.with_system(System::Linear)).unwrap().train(&posts()).unwrap()
}

fn hashtags(recommender: &Recommender, request: &Request) -> Vec<String> {
    let hits = recommender.recommend_for(request).unwrap();
    hits.into_iter().map(|hit| hit.hashtag).collect()
}

#[test]
fn writings_of_one_hashtag_are_merged_and_reported() {
    let (recommender, report) = train(Config::default());
    assert_eq!(recommender.communities().collect::<Vec<_>>(), ["running"]);
    let known: Vec<&str> = recommender.hashtags("running\u{FEFF}").unwrap().collect();
    assert_eq!(known, ["Gear", "シューズ", "フルマラソン", "記録"]);
    assert_eq!(report.corpus.merged.len(), 1);
    let merged = &report.corpus.merged[0];
    assert_eq!((merged.community.as_str(), merged.hashtag.as_str()), ("running", "フルマラソン"));
    // Half width, and with an invisible character in the middle: what surrounds a name is no writing.
    assert_eq!(merged.writings.len(), 3);
    assert_eq!(merged.writings.iter().map(|(_, posts)| posts).sum::<u32>(), 24);
    assert_eq!(merged.writings[0], ("フルマラソン".to_owned(), 18));
}

#[test]
fn requests_name_hashtags_in_any_writing() {
    let (recommender, _) = train(Config::default());
    let request = Request::new(" running", "42.195kmを走った");
    assert_eq!(hashtags(&recommender, &request.clone().with_k(4)).len(), 4);
    for writing in MARATHON.into_iter().chain(["フルマラソン\u{202C}", "## フルマラソン "])
    {
        let without = hashtags(&recommender, &request.clone().with_denied([writing]));
        assert!(!without.contains(&MARATHON[0].to_owned()), "{writing:?}");
        assert_eq!(hashtags(&recommender, &request.clone().with_chosen([writing])), without);
        let alone = hashtags(&recommender, &request.clone().with_allowed([writing]));
        assert_eq!(alone, [MARATHON[0]], "{writing:?}");
    }
}

#[test]
fn case_is_the_communitys_own_unless_it_is_folded() {
    let names = NameFolding::default().with_fold_case(true);
    let dir = tempfile::tempdir().unwrap();
    for (config, found) in [(Config::default(), 0), (Config::default().with_names(names), 1)] {
        let (recommender, _) = train(config);
        let folder = dir.path().join(found.to_string());
        recommender.save(&folder).unwrap();
        for recommender in [recommender, Recommender::load(&folder).unwrap()] {
            let request = Request::new("running", "靴").with_allowed(["GEAR"]);
            assert_eq!(hashtags(&recommender, &request).len(), found);
        }
    }
}

#[test]
fn a_list_and_its_posts_may_write_a_hashtag_differently() {
    let (recommender, _) = train(Config::default());
    let posts = (0..8).map(|i| {
        Post::new(format!("{i}"), "garden ", "苗を植えた", ["ト\u{200B}マト", "サ−バ−"], None)
    });
    let garden = NewCommunity::new(" garden", ["＃ﾄﾏﾄ", "サーバー", "土"]).with_posts(posts);
    let recommender = recommender.with_community(&garden).unwrap();
    let known: Vec<&str> = recommender.hashtags("garden").unwrap().collect();
    assert_eq!(known.len(), 3);
    let hits =
        hashtags(&recommender, &Request::new("garden", "苗を植えた").with_denied(["サーバー"]));
    assert_eq!(hits, [known[1], "土"]);

    let invisible = NewCommunity::new("garden", ["土", "#\u{200B}"]);
    let seen = recommender.with_community(&invisible).unwrap();
    assert_eq!(seen.hashtags("garden").unwrap().collect::<Vec<_>>(), ["土"]);
    let twice = [NewCommunity::new("garden", ["a"]), NewCommunity::new("garden\t", ["b"])];
    assert!(matches!(recommender.with_communities(&twice), Err(LearnError::Twice { .. })));
}

#[test]
fn gold_counts_in_any_writing() {
    let (recommender, _) = train(Config::default());
    let test = |hashtag| [Post::new("t", "running ", "42.195kmを走った", [hashtag], None)];
    let plain = evaluate(&recommender, &test(MARATHON[0]), 3).unwrap();
    assert!(plain.ndcg > 0.0);
    for writing in MARATHON {
        let report = evaluate(&recommender, &test(writing), 3).unwrap();
        assert_eq!((report.posts, report.ndcg), (1, plain.ndcg));
    }
}

#[test]
fn an_evaluation_of_nothing_says_why() {
    let (recommender, _) = train(Config::default());
    let post =
        |id: &str, community: &str, hashtag: &str| Post::new(id, community, "靴", [hashtag], None);
    let posts =
        [post("1", "walking", "靴"), post("2", "walking", "靴"), post("3", "running", "ない")];
    let error = evaluate(&recommender, &posts, 10).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("3 posts") && text.contains("2 belong") && text.contains("\"walking\""));
    let EvaluationError::NothingMeasured { without_gold: 1, unknown, .. } = error else {
        panic!("{text}");
    };
    assert_eq!(unknown.into_iter().collect::<Vec<_>>(), [("walking".to_owned(), 2)]);
    let some = [post("4", "running", "シューズ"), posts[0].clone()];
    let report = evaluate(&recommender, &some, 10).unwrap();
    assert_eq!((report.posts, report.excluded), (1, 0));
}
