//! What post and hashtags mean, in rows and on the shortlist.

use super::{
    rows::{HASHTAGS, POSTS, Rows, by_meaning, fit, rows},
    shortlist::{none, peak, shortlist},
};
use crate::{
    FeatureError, FeatureGroup, GeneratorScores, MeaningScores, ShortlistParams,
    tests::fixtures::{analyse, ids},
};

fn with(meaning: MeaningScores<'_>) -> GeneratorScores<'_> {
    GeneratorScores::default().with_meaning(meaning)
}

/// Scores whose columns are easy to compute.
const SCORES: MeaningScores<'static> = MeaningScores {
    linear: &[0.1, 0.9, -0.2, 0.1],
    nearest: &[0.0, 0.25, 0.75, 0.0],
    nearest_best: &[0.5, 0.125, 0.0, 0.25],
    nearest_max: 0.625,
    centroid: &[0.25, 0.0, 0.5, 0.125],
    // Mean 0.25, standard deviation 0.25; mean 0, standard deviation 0.5.
    text_name: &[0.5, 0.0, 0.5, 0.0],
    title_name: &[0.5, -0.5, -0.5, 0.5],
};

#[test]
fn scores_by_meaning_reach_the_row() {
    let rows = rows("x", with(SCORES), &[]);
    for (feature, expected) in [
        ("meaning_linear", [0.1, 0.9, -0.2, 0.1]),
        ("meaning_linear_rank", [1.0, 0.0, 3.0, 1.0]),
        ("meaning_linear_gap", [0.1 - 0.9, 0.0, -0.2 - 0.9, 0.1 - 0.9]),
        ("meaning_nearest", [0.0, 0.25, 0.75, 0.0]),
        ("meaning_nearest_rank", [2.0, 1.0, 0.0, 2.0]),
        ("meaning_nearest_gap", [-0.75, -0.5, 0.0, -0.75]),
        ("meaning_best", [0.5, 0.125, 0.0, 0.25]),
        ("meaning_best_rank", [0.0, 2.0, 3.0, 1.0]),
        // Not less the highest of them, but less the highest weight of any post.
        ("meaning_best_gap", [-0.125, -0.5, -0.625, -0.375]),
        ("meaning_max", [0.625; 4]),
        ("meaning_centroid", [0.25, 0.0, 0.5, 0.125]),
        ("meaning_centroid_rank", [1.0, 3.0, 0.0, 2.0]),
        ("meaning_centroid_gap", [-0.25, -0.5, 0.0, -0.375]),
        ("text_name", [0.5, 0.0, 0.5, 0.0]),
        ("text_name_rank", [0.0, 2.0, 0.0, 2.0]),
        ("text_name_deviation", [1.0, -1.0, 1.0, -1.0]),
        ("title_name", [0.5, -0.5, -0.5, 0.5]),
        ("title_name_rank", [0.0, 2.0, 2.0, 0.0]),
        ("title_name_deviation", [1.0, -1.0, -1.0, 1.0]),
    ] {
        let found = [0, 1, 2, 3].map(|hashtag| rows.get(hashtag, feature));
        assert_eq!(found, expected, "{feature}");
    }
    assert_eq!(FeatureGroup::Meaning.features().count(), 19);
}

#[test]
fn without_meaning_its_columns_are_missing_and_the_others_stay() {
    let linear = [0.3, 0.2, 0.1, 0.0];
    let words = GeneratorScores::default().with_linear(&linear);
    let text = "新機能のおしらせ\nNLP and JavaScript";
    let none = [FeatureGroup::Meaning].into_iter().collect();
    let whole = rows(text, words.with_meaning(SCORES), &[]);
    for given in [words, words.with_meaning(SCORES).without(none)] {
        let found = rows(text, given, &[]);
        for hashtag in 0..4 {
            for &group in FeatureGroup::ALL {
                for name in group.features() {
                    let (now, before) = (found.get(hashtag, name), whole.get(hashtag, name));
                    match group == FeatureGroup::Meaning {
                        true => assert!(now.is_nan() && !before.is_nan(), "{name}"),
                        false => {
                            assert!(now == before || now.is_nan() && before.is_nan(), "{name}")
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn equal_cosines_deviate_by_nothing_and_bad_ones_are_missing() {
    let equal = [0.75; 4];
    let found = rows("x", with(by_meaning(&equal)), &[]);
    assert_eq!([0, 3].map(|tag| found.get(tag, "text_name_deviation")), [0.0; 2]);
    // The others are as if it weren't there: mean 0.5, standard deviation 0.25 · √(2/3).
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let scores = [0.25, bad, 0.5, 0.75];
        let given = MeaningScores { nearest_max: bad, ..by_meaning(&scores) };
        let found = rows("x", with(given), &[]);
        for name in FeatureGroup::Meaning.features() {
            assert!(found.get(1, name).is_nan(), "{name} of {bad}");
            assert!(!found.get(0, name).is_infinite(), "{name} beside {bad}");
        }
        let deviation = found.get(3, "title_name_deviation");
        assert!((deviation - 1.5f32.sqrt()).abs() < 1e-5, "{deviation}");
        assert_eq!(found.get(0, "meaning_linear_rank"), 2.0);
    }
}

#[test]
fn scores_of_another_length_are_errors() {
    let fit = fit(POSTS);
    let post = analyse("x");
    let (three, five) = ([0.5; 3], [0.5; 5]);
    let right = SCORES;
    for (generator, wrong, found) in [
        ("meaning_linear", MeaningScores { linear: &three, ..right }, 3),
        ("meaning_nearest", MeaningScores { nearest: &five, ..right }, 5),
        ("meaning_best", MeaningScores { nearest_best: &three, ..right }, 3),
        ("meaning_centroid", MeaningScores { centroid: &five, ..right }, 5),
        ("text_name", MeaningScores { text_name: &[], ..right }, 0),
        ("title_name", MeaningScores { title_name: &three, ..right }, 3),
    ] {
        let scores = with(wrong);
        let serving = fit.features().evidence(&post, None, &scores, &[]).err().unwrap();
        let training = fit.evidence(0, &post, &scores, &[]).err().unwrap();
        for error in [serving, training] {
            assert!(
                matches!(&error, FeatureError::ScoreCount { generator: g, expected: 4, found: f }
                    if (*g, *f) == (generator, found)),
                "{error}"
            );
        }
        // Nobody looks at what is left out.
        let without = scores.without([FeatureGroup::Meaning].into_iter().collect());
        assert!(fit.features().evidence(&post, None, &without, &[]).is_ok());
    }
}

#[test]
fn meaning_and_names_nominate() {
    let (linear, title, other) = (peak(11), peak(12), peak(13));
    let given = with(MeaningScores { linear: &linear, title_name: &title, ..by_meaning(&other) });
    let of = |params: &ShortlistParams| shortlist(params, "", given);
    assert!(of(&none()).is_empty());
    assert_eq!(of(&none().with_meaning(1)), [11]);
    assert_eq!(of(&none().with_named(1)), [12]);
    assert_eq!(of(&none().with_meaning(1).with_named(1)), [11, 12]);
    // Of equal scores the first.
    assert_eq!(of(&none().with_named(3)), [0, 1, 12]);
    let out = given.without([FeatureGroup::Meaning].into_iter().collect());
    let both = none().with_meaning(1).with_named(1);
    assert!(shortlist(&both, "", out).is_empty());
    assert!(shortlist(&both, "", GeneratorScores::default()).is_empty());
    // By default both do.
    let whole = ShortlistParams::default();
    let found = shortlist(&whole, "", given);
    assert!(found.contains(&11) && found.contains(&12), "{found:?}");
    assert!(!shortlist(&whole, "", out).contains(&12));
}

#[test]
fn chosen_hashtags_are_not_nominated_again() {
    let fit = fit(POSTS);
    let post = analyse("x");
    let evidence = fit.features().evidence(&post, None, &with(SCORES), &ids(&[1])).unwrap();
    let all: Vec<u32> = (0..HASHTAGS.len() as u32).filter(|&tag| tag != 1).collect();
    let found = evidence.shortlist(&none().with_meaning(4).with_named(4));
    assert_eq!(found, ids(&all));
    let mut row = Vec::new();
    evidence.rows(&ids(&[2]), &mut row);
    assert_eq!(Rows { rows: row }.get(0, "meaning_nearest"), 0.75);
}
