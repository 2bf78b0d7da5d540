//! What is ranked at all.

use super::rows::fit_with;
use crate::{
    FeatureError, FeatureGroup, GeneratorScores, HitRates, LiteralIndex, ShortlistParams,
    tests::fixtures::{analyse, ids, index},
};

/// A hundred hashtags named after their numbers.
fn hundred() -> LiteralIndex {
    let names: Vec<String> = (0..100).map(|n| format!("name{n:02}")).collect();
    index(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(crate) fn none() -> ShortlistParams {
    ShortlistParams::default()
        .with_linear(0)
        .with_recent(0)
        .with_nearest(0)
        .with_classifier(0)
        .with_meaning(0)
        .with_named(0)
        .with_frequent(0)
        .with_cooccurring(0)
        .with_covered(0)
}

pub(crate) fn shortlist(
    params: &ShortlistParams,
    text: &str,
    scores: GeneratorScores<'_>,
) -> Vec<u32> {
    let posts: &[(&str, &str, &[u32])] = &[("a", "x", &[7, 8]), ("b", "y", &[7]), ("c", "z", &[9])];
    let features = fit_with(hundred(), posts).into_features();
    let features = features.with_hit_rates(HitRates { title: 0.5, text: 0.2 });
    let post = analyse(text);
    let evidence = features.evidence(&post, None, &scores, &[]).unwrap();
    evidence.shortlist(params).iter().map(|tag| tag.0).collect()
}

pub(crate) fn peak(at: usize) -> Vec<f32> {
    let mut scores = vec![0.0; 100];
    scores[at] = 1.0;
    scores
}

#[test]
fn a_small_space_is_ranked_whole() {
    let params = none().with_whole_space(100);
    assert_eq!(shortlist(&params, "", GeneratorScores::default()).len(), 100);
    assert!(shortlist(&none(), "", GeneratorScores::default()).is_empty());
}

#[test]
fn each_source_nominates() {
    let (a, b, e) = (peak(11), peak(12), peak(7));
    let recent = peak(16);
    let all = GeneratorScores::default()
        .with_linear(&e)
        .with_recent(&recent)
        .with_nearest(&a)
        .with_classifier(&b);
    for (params, expected) in [
        (none().with_linear(1), 7),
        (none().with_recent(1), 16),
        (none().with_nearest(5), 11),
        (none().with_classifier(1), 12),
        (none().with_frequent(1), 7),
        (none().with_cooccurring(5), 8),
    ] {
        assert_eq!(shortlist(&params, "", all), [expected]);
    }
}

#[test]
fn what_is_left_out_does_not_nominate() {
    let (a, b, e) = (peak(7), peak(12), peak(15));
    let recent = peak(16);
    let all = GeneratorScores::default()
        .with_linear(&a)
        .with_recent(&recent)
        .with_nearest(&e)
        .with_classifier(&b);
    use FeatureGroup::*;
    let params = none()
        .with_linear(1)
        .with_nearest(1)
        .with_classifier(1)
        .with_cooccurring(1)
        .with_covered(1);
    let of = |params: &ShortlistParams, out: FeatureGroup| {
        shortlist(params, "name42\nname42", all.without([out].into_iter().collect()))
    };
    // 8 is used together with 7, which the linear model scores highest.
    assert_eq!(shortlist(&params, "name42", all), [7, 8, 12, 15, 42]);
    assert_eq!(of(&params, Linear), [12, 15, 42]);
    assert_eq!(of(&params, Nearest), [7, 8, 12, 42]);
    assert_eq!(of(&params, Classifier), [7, 8, 15, 42]);
    assert_eq!(of(&params, Cooccurrence), [7, 12, 15, 42]);
    assert_eq!(of(&params, Literal), [7, 8, 12, 15]);
    // The recent scores know of words and of time: without either they are not there.
    let params = none().with_recent(1);
    assert_eq!(shortlist(&params, "name42", all), [16, 42]);
    assert_eq!(of(&params, Linear), [42]);
    assert_eq!(of(&params, Time), [42]);
    assert_eq!(of(&none().with_frequent(1), Time), [7, 42]);
    assert_eq!(of(&none().with_frequent(1), Frequency), [42]);
}

#[test]
fn named_hashtags_are_on_it() {
    let scores = GeneratorScores::default();
    assert_eq!(shortlist(&none(), "about name42\nand name17", scores), [17, 42]);
    let strict = none().with_text_rate(0.9);
    assert_eq!(shortlist(&strict, "about name42\nand name17", scores), [42]);
    assert!(shortlist(&none(), "about 42", scores).is_empty());
}

#[test]
fn scores_that_are_not_numbers_nominate_nothing() {
    let scores = vec![f32::NAN; 100];
    let scores = GeneratorScores::default().with_linear(&scores);
    assert!(shortlist(&none().with_linear(3), "", scores).is_empty());
}

#[test]
fn defaults_are_checked_and_bad_rates_refused() {
    assert!(ShortlistParams::default().check().is_ok());
    let bad = ShortlistParams::default().with_text_rate(f32::NAN);
    assert!(matches!(bad.check(), Err(FeatureError::Parameter { name: "text_rate", .. })));
    let read: ShortlistParams = serde_json::from_str(r#"{"linear": 3}"#).unwrap();
    assert_eq!(read, ShortlistParams::default().with_linear(3));
    assert!(serde_json::from_str::<ShortlistParams>(r#"{"liner": 3}"#).is_err());
    assert_eq!(ids(&[1]).len(), 1);
}
