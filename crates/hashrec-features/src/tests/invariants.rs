//! What must hold for any post.

use proptest::prelude::*;

use super::rows::{HASHTAGS, POSTS, fit};
use crate::{
    FEATURES, GeneratorScores, ShortlistParams,
    tests::fixtures::{analyse, ids},
};

/// Text with hashtags, pieces of them, and anything else.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(HASHTAGS).prop_map(str::to_owned),
        1 => "新|機能|お知|らせ|ｵ|NLP|Java|script|ー|\\n|\u{0}|\u{3099}",
        1 => "\\PC{0,6}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn bits(rows: &[f32]) -> Vec<u32> {
    rows.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #[test]
    fn rows_do_not_depend_on_the_order_or_the_other_rows(
        text in text(),
        scores in proptest::collection::vec(any::<f32>(), HASHTAGS.len()),
        chosen in proptest::collection::vec(0..6u32, 0..3),
        time in any::<Option<i64>>(),
    ) {
        let fit = fit(POSTS);
        let post = analyse(&text);
        let scores = GeneratorScores::default().with_linear(&scores).with_nearest(&scores);
        let evidence = fit.features().evidence(&post, time, &scores, &ids(&chosen)).unwrap();
        let (mut forwards, mut backwards, mut alone) = (Vec::new(), Vec::new(), Vec::new());
        evidence.rows(&ids(&[0, 1, 2, 3]), &mut forwards);
        evidence.rows(&ids(&[3, 2, 1, 0]), &mut backwards);
        for hashtag in ids(&[0, 1, 2, 3]) {
            evidence.rows(&[hashtag], &mut alone);
        }
        let turned: Vec<f32> = backwards.chunks(FEATURES.len()).rev().flatten().copied().collect();
        prop_assert_eq!(bits(&forwards), bits(&turned));
        prop_assert_eq!(bits(&forwards), bits(&alone));
    }

    #[test]
    fn shares_and_rates_stay_in_their_range(text in text()) {
        let fit = fit(POSTS);
        let post = analyse(&text);
        let scores = GeneratorScores::default();
        let evidence = fit.features().evidence(&post, None, &scores, &[]).unwrap();
        let shortlist = evidence.shortlist(&ShortlistParams::default());
        prop_assert_eq!(shortlist.len(), HASHTAGS.len());
        let mut rows = Vec::new();
        evidence.rows(&shortlist, &mut rows);
        for (value, name) in rows.iter().zip(FEATURES.iter().cycle()) {
            prop_assert!(!value.is_infinite(), "{name} is {value}");
            let share = ["share", "cover", "grams", "rate", "named", "edit", "jaro", "clean",
                "variant", "acronym", "position", "longest", "previous"];
            if share.iter().any(|part| name.contains(part)) {
                prop_assert!((0.0..=1.0).contains(value), "{name} is {value}");
            }
        }
    }

    /// A hashtag that stands in the title by itself is always found.
    #[test]
    fn a_hashtag_in_the_title_is_found(
        hashtag in 0..3usize,
        before in "[a-z ]{0,8}",
        body in text(),
    ) {
        let post = analyse(&format!("{before} {}\n{body}", HASHTAGS[hashtag]));
        let fit = fit(POSTS);
        let matches = fit.features().literal().find(post.searched());
        prop_assert!(matches.get(hashrec_data::HashtagId(hashtag as u32)).in_title());
    }
}
