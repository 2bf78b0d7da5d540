//! Whole rows.

use hashrec_data::HashtagId;

use crate::{
    FEATURES, FeatureError, FeatureGroup, FeaturePost, FittedCommunity, GeneratorScores,
    LiteralIndex, MeaningScores, ShortlistParams, simulate_chosen,
    tests::fixtures::{analyse, ids, index},
};

pub(crate) const HASHTAGS: &[&str] =
    &["お知らせ", "新機能", "JavaScript", "natural-language-processing"];

pub(crate) fn fit(posts: &[(&str, &str, &[u32])]) -> FittedCommunity {
    fit_with(index(HASHTAGS), posts)
}

pub(crate) fn fit_with(literal: LiteralIndex, posts: &[(&str, &str, &[u32])]) -> FittedCommunity {
    let gold: Vec<_> = posts.iter().map(|(_, _, gold)| ids(gold)).collect();
    let posts = posts.iter().zip(&gold).zip(1i64..);
    FittedCommunity::fit(
        literal,
        posts.map(|(((id, text, _), gold), day)| FeaturePost {
            id,
            searched: analyse(text).searched().clone(),
            created_at: Some(day * 86_400),
            gold,
        }),
    )
    .unwrap()
}

pub(crate) const POSTS: &[(&str, &str, &[u32])] = &[
    ("1", "新機能のお知らせ", &[0, 1]),
    ("2", "お知らせ\nメンテナンス", &[0]),
    ("3", "JavaScript入門", &[2]),
    ("4", "NLP with JavaScript", &[2, 3]),
];

/// The same scores of all kinds.
pub(crate) fn by_meaning(scores: &[f32]) -> MeaningScores<'_> {
    MeaningScores {
        linear: scores,
        nearest: scores,
        nearest_best: scores,
        nearest_max: 0.9,
        centroid: scores,
        text_name: scores,
        title_name: scores,
    }
}

/// A named feature of a hashtag in a new post.
pub(crate) struct Rows {
    pub(crate) rows: Vec<f32>,
}

impl Rows {
    pub(crate) fn get(&self, hashtag: usize, feature: &str) -> f32 {
        let column = FEATURES.iter().position(|&name| name == feature).unwrap();
        self.rows[hashtag * FEATURES.len() + column]
    }
}

pub(crate) fn rows(text: &str, scores: GeneratorScores<'_>, chosen: &[u32]) -> Rows {
    let fit = fit(POSTS);
    let post = analyse(text);
    let evidence = fit.features().evidence(&post, None, &scores, &ids(chosen)).unwrap();
    let mut rows = Vec::new();
    evidence.rows(&ids(&[0, 1, 2, 3]), &mut rows);
    Rows { rows }
}

#[test]
fn literal_features_reach_the_row() {
    let rows = rows("新機能のおしらせ\nNLP and JavaScript", GeneratorScores::default(), &[]);
    assert_eq!(rows.get(1, "title_runs"), 1.0);
    assert_eq!(rows.get(2, "text_phrases"), 1.0);
    assert_eq!(rows.get(2, "body_runs"), 1.0);
    assert_eq!(rows.get(3, "acronym"), 1.0);
    assert_eq!(rows.get(3, "hashtag_words"), 3.0);
    assert_eq!(rows.get(1, "hashtag_japanese"), 1.0);
    assert_eq!(rows.get(2, "hashtag_japanese"), 0.0);
    assert_eq!(rows.get(2, "hashtag_chars"), 10.0);
    assert_eq!((rows.get(0, "title_literals"), rows.get(0, "text_literals")), (1.0, 2.0));
    assert_eq!(rows.get(1, "title_grams"), 1.0);
    assert_eq!(rows.get(2, "text_edit"), 1.0);
    assert_eq!(rows.get(2, "title_edit"), 0.0);
}

#[test]
fn counts_and_time_reach_the_row() {
    let rows = rows("", GeneratorScores::default(), &[]);
    assert_eq!(rows.get(2, "log_count"), 2.0f32.ln_1p());
    assert_eq!(rows.get(0, "log_posts"), 4.0f32.ln_1p());
    assert_eq!((rows.get(0, "frequency_rank"), rows.get(1, "frequency_rank")), (0.0, 2.0));
    assert_eq!((rows.get(2, "previous"), rows.get(0, "previous")), (1.0, 0.0));
    assert_eq!(rows.get(0, "posts_since_use"), 2.0f32.ln_1p());
    assert!(rows.get(2, "trend") > rows.get(0, "trend"));
    assert!(rows.get(0, "title_rate") > rows.get(3, "title_rate"));
}

#[test]
fn scores_reach_the_row_and_absent_ones_are_missing() {
    let linear = [0.1, 0.9, -0.2, f32::NAN];
    let scores = GeneratorScores::default()
        .with_linear(&linear)
        .with_nearest_best(&linear)
        .with_nearest_max(0.95);
    let rows = rows("x", scores, &[]);
    assert_eq!((rows.get(0, "linear"), rows.get(0, "linear_rank")), (0.1, 1.0));
    assert_eq!((rows.get(1, "linear_gap"), rows.get(2, "linear_max")), (0.0, 0.9));
    assert_eq!(rows.get(0, "linear_sum"), 1.0);
    assert!((rows.get(1, "nearest_best_gap") - (0.9 - 0.95)).abs() < 1e-6);
    assert!(rows.get(3, "linear").is_nan());
    assert!(rows.get(0, "classifier").is_nan() && rows.get(0, "nearest_chosen_rank").is_nan());
    // The likeliest, 1, stands with 0 in its only post.
    assert_eq!(rows.get(0, "first_cooccurrence"), 1.0 / 3.0);
    assert!((rows.get(0, "cooccurrence") - 0.9 / 3.0).abs() < 1e-6);
}

#[test]
fn chosen_hashtags_speak_and_are_not_recommended_again() {
    let rows = rows("x", GeneratorScores::default(), &[3]);
    assert_eq!((rows.get(0, "chosen_count"), rows.get(2, "chosen_cooc_max")), (1.0, 1.0 / 3.0));
    let fit = fit(POSTS);
    let post = analyse("x");
    let scores = GeneratorScores::default();
    let evidence = fit.features().evidence(&post, None, &scores, &ids(&[3, 3, 77])).unwrap();
    assert_eq!(evidence.shortlist(&ShortlistParams::default()), ids(&[0, 1, 2]));
}

#[test]
fn a_training_post_does_not_see_itself() {
    let alone = [("only", "お知らせ", &[0u32][..])];
    let fit = fit(&alone);
    let post = analyse(alone[0].1);
    let evidence = fit.evidence(0, &post, &GeneratorScores::default(), &[]).unwrap();
    let mut rows = Vec::new();
    evidence.rows(&ids(&[0, 1]), &mut rows);
    let row = Rows { rows };
    assert_eq!((row.get(0, "log_count"), row.get(0, "log_posts")), (0.0, 1.0f32.ln_1p()));
    assert_eq!(row.get(0, "title_rate"), row.get(1, "title_rate"));
    assert_eq!((row.get(0, "recent_use"), row.get(0, "posts_since_first")), (0.0, -1.0));
    // What stands in its text it does see.
    assert_eq!((row.get(0, "title_runs"), row.get(1, "title_runs")), (1.0, 0.0));
}

#[test]
fn posts_without_hashtags_and_communities_without_posts_work() {
    let unlabelled = [("a", "お知らせ", &[][..]), ("b", "", &[])];
    for posts in [&unlabelled[..], &[]] {
        let fit = fit(posts);
        let post = analyse("お知らせ");
        let scores = GeneratorScores::default();
        let evidence = fit.features().evidence(&post, Some(7), &scores, &[]).unwrap();
        let shortlist = evidence.shortlist(&ShortlistParams::default());
        let mut rows = Vec::new();
        evidence.rows(&shortlist, &mut rows);
        let row = Rows { rows };
        assert_eq!(shortlist.len(), HASHTAGS.len());
        assert_eq!((row.get(0, "title_runs"), row.get(0, "log_count")), (1.0, 0.0));
        assert_eq!(row.get(0, "recent_use").is_nan(), posts.is_empty());
    }
}

#[test]
fn wrong_posts_and_scores_are_errors() {
    let fit = fit(POSTS);
    let post = analyse("x");
    let scores = GeneratorScores::default().with_classifier(&[1.0]);
    assert!(matches!(
        fit.evidence(4, &post, &GeneratorScores::default(), &[]),
        Err(FeatureError::UnknownPost { post: 4, posts: 4 })
    ));
    assert!(matches!(
        fit.features().evidence(&post, None, &scores, &[]),
        Err(FeatureError::ScoreCount { generator: "classifier", expected: 4, found: 1 })
    ));
}

#[test]
fn a_hashtag_outside_the_space_gets_an_empty_row() {
    let fit = fit(POSTS);
    let post = analyse("お知らせ");
    let scores = GeneratorScores::default();
    let evidence = fit.features().evidence(&post, None, &scores, &[]).unwrap();
    let mut rows = Vec::new();
    evidence.rows(&[HashtagId(u32::MAX)], &mut rows);
    let row = Rows { rows };
    assert_eq!((row.get(0, "title_runs"), row.get(0, "log_count")), (0.0, 0.0));
}

#[test]
fn chosen_hashtags_are_simulated_by_id_and_seed() {
    let gold = ids(&[4, 2, 9, 2]);
    let draw = |id: &str, share| simulate_chosen(id, &gold, share, 7);
    let mut some = 0;
    for id in (0..200).map(|id| id.to_string()) {
        let chosen = draw(&id, 0.5);
        assert_eq!(chosen, draw(&id, 0.5));
        assert!(chosen.len() < 3 && chosen.iter().all(|tag| gold.contains(tag)));
        some += usize::from(!chosen.is_empty());
        assert!(!draw(&id, 1.0).is_empty() && draw(&id, 0.0).is_empty());
    }
    assert!((70..130).contains(&some), "{some} of 200 at a share of one half");
    assert!(simulate_chosen("a", &gold[..1], 1.0, 7).is_empty());
}

#[test]
fn groups_left_out_are_missing_and_the_others_unchanged() {
    let scores = [0.1, 0.9, -0.2, 0.3];
    let given = GeneratorScores::default()
        .with_linear(&scores)
        .with_recent(&scores)
        .with_nearest(&scores)
        .with_nearest_best(&scores)
        .with_nearest_max(0.9)
        .with_nearest_chosen(&scores)
        .with_centroid(&scores)
        .with_classifier(&scores)
        .with_meaning(by_meaning(&scores));
    let text = "新機能のおしらせ\nNLP and JavaScript";
    let whole = rows(text, given, &[3]);
    assert!(whole.rows.iter().all(|value| !value.is_nan()));
    for &group in FeatureGroup::ALL {
        let found = rows(text, given.without([group].into_iter().collect()), &[3]);
        let out: Vec<&str> = group.features().collect();
        for (name, hashtag) in FEATURES.iter().flat_map(|&name| (0..4).map(move |tag| (name, tag)))
        {
            let (now, before) = (found.get(hashtag, name), whole.get(hashtag, name));
            // These are of two groups.
            let both = match name {
                "recent" | "recent_rank" | "recent_gap" => group == FeatureGroup::Time,
                "nearest_chosen" | "nearest_chosen_rank" | "nearest_chosen_gap" => {
                    group == FeatureGroup::Nearest
                }
                _ => false,
            };
            match out.contains(&name) || both {
                true => assert!(now.is_nan(), "{name} without {group:?}"),
                // The votes and the linear scores are the same here, so co-occurrence is too.
                false => assert_eq!(now, before, "{name} without {group:?}"),
            }
        }
    }
    let all = rows(text, given.without(FeatureGroup::ALL.iter().copied().collect()), &[3]);
    assert!(all.rows.iter().all(|value| value.is_nan()));
}
