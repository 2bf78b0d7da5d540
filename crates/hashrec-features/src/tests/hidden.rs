//! Hashtags that count as never used.

use std::collections::HashSet;

use hashrec_data::HashtagId;

use super::rows::{Rows, fit};
use crate::{
    FEATURES, GeneratorScores, simulate_hidden,
    tests::fixtures::{analyse, ids},
};

type Labelled = (&'static str, &'static str, &'static [u32]);

/// Posts that name and carry hashtags in all ways, of every fold.
const CORPUS: [Labelled; 12] = [
    ("1", "新機能のお知らせ", &[0, 1]),
    ("2", "お知らせ\nメンテナンス", &[0]),
    ("3", "JavaScript入門", &[2]),
    ("4", "NLP with JavaScript", &[2, 3]),
    ("5", "natural language processing\nJavaScript", &[3]),
    ("6", "新機能", &[1, 2]),
    ("7", "JavaScriptのお知らせ", &[0, 2, 3]),
    ("8", "何もない", &[]),
    ("9", "お知らせ\nJavaScript", &[2]),
    ("10", "新機能のお知らせ", &[0, 1, 2]),
    ("11", "JavaScript and JavaScript", &[2, 2]),
    ("12", "お知らせ", &[0]),
];

/// The corpus, of whose labels some are gone.
fn without(hidden: &[u32]) -> Vec<(&'static str, &'static str, Vec<u32>)> {
    let keep = |gold: &[u32]| gold.iter().copied().filter(|tag| !hidden.contains(tag)).collect();
    CORPUS.iter().map(|(id, text, gold)| (*id, *text, keep(gold))).collect()
}

/// Rows of all hashtags, of each post, with the `hidden` ones hidden; and the same of a community that
/// was fitted without their labels.
fn both(hidden: &[u32], scores: &GeneratorScores<'_>, chosen: &[u32]) -> Vec<(Rows, Rows)> {
    let (whole, rest) = (fit(&CORPUS), without(hidden));
    let rest: Vec<(&str, &str, &[u32])> = rest.iter().map(|(a, b, c)| (*a, *b, &c[..])).collect();
    let rest = fit(&rest);
    let all = ids(&[0, 1, 2, 3]);
    let of = |number: usize| {
        let post = analyse(CORPUS[number].1);
        let (mut hiding, mut expected) = (Vec::new(), Vec::new());
        let (hidden, chosen) = (ids(hidden), ids(chosen));
        let evidence = whole.evidence_hiding(number, &post, scores, &chosen, &hidden).unwrap();
        evidence.rows(&all, &mut hiding);
        rest.evidence(number, &post, scores, &chosen).unwrap().rows(&all, &mut expected);
        (Rows { rows: hiding }, Rows { rows: expected })
    };
    (0..CORPUS.len()).map(of).collect()
}

fn bits(rows: &Rows) -> Vec<u32> {
    rows.rows.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_hidden_hashtag_looks_as_if_no_post_carried_it() {
    let linear = [0.1, 0.8, 0.6, 0.0];
    let scores = GeneratorScores::default().with_linear(&linear).with_nearest(&linear);
    for hidden in [&[2][..], &[0], &[1, 3], &[0, 1, 2, 3], &[]] {
        for chosen in [&[][..], &[0]] {
            for (number, (found, expected)) in both(hidden, &scores, chosen).iter().enumerate() {
                for (place, (found, expected)) in found.rows.iter().zip(&expected.rows).enumerate()
                {
                    let name = FEATURES[place % FEATURES.len()];
                    assert!(
                        found == expected || found.is_nan() && expected.is_nan(),
                        "{name} of {} in post {number} without {hidden:?}: {found}, not {expected}",
                        place / FEATURES.len()
                    );
                }
            }
        }
    }
}

#[test]
fn hiding_a_used_hashtag_changes_its_row() {
    let scores = GeneratorScores::default();
    let whole = fit(&CORPUS);
    let post = analyse(CORPUS[10].1);
    let row = |hidden: &[u32]| {
        let evidence = whole.evidence_hiding(10, &post, &scores, &[], &ids(hidden)).unwrap();
        let mut rows = Vec::new();
        evidence.rows(&ids(&[0, 1, 2, 3]), &mut rows);
        Rows { rows }
    };
    let (open, hidden) = (row(&[]), row(&[2]));
    assert!(open.get(2, "log_count") > 0.0 && open.get(2, "recent_use") > 0.0);
    assert_eq!((hidden.get(2, "log_count"), hidden.get(2, "recent_use")), (0.0, 0.0));
    assert_eq!((hidden.get(2, "posts_since_first"), hidden.get(2, "days_since_use")), (-1.0, 20.0));
    // The text is what it was.
    assert_eq!(hidden.get(2, "title_runs"), 2.0);
    // Without any hidden one it is the plain evidence, and what isn't there can't be hidden.
    let mut plain = Vec::new();
    whole.evidence(10, &post, &scores, &[]).unwrap().rows(&ids(&[0, 1, 2, 3]), &mut plain);
    assert_eq!(bits(&open), bits(&Rows { rows: plain }));
    assert_eq!(bits(&row(&[99])), bits(&open));
}

fn hidden(id: &str, gold: &[u32], share: f64, seed: u64) -> Vec<HashtagId> {
    simulate_hidden(id, 50, &ids(gold), share, seed)
}

#[test]
fn none_is_hidden_unless_one_is_the_posts() {
    let mut some = 0;
    for id in (0..300).map(|id| id.to_string()) {
        let gold = [3, 17, 40];
        let found = hidden(&id, &gold, 0.2, 7);
        assert_eq!(found, hidden(&id, &gold, 0.2, 7));
        let distinct: HashSet<_> = found.iter().collect();
        assert_eq!(distinct.len(), found.len());
        assert!(found.is_sorted() && found.iter().all(|tag| tag.index() < 50));
        assert!(found.is_empty() || found.iter().any(|tag| gold.contains(&tag.0)), "{found:?}");
        some += usize::from(!found.is_empty());
        assert_eq!(hidden(&id, &[], 0.9, 7), []);
        assert_eq!(hidden(&id, &gold, 0.0, 7), []);
        assert_eq!(hidden(&id, &gold, 1.0, 7), (0..50).map(HashtagId).collect::<Vec<_>>());
    }
    // Of three hashtags at least one is drawn with probability 1 − 0.8³, about 0.49.
    assert!((105..190).contains(&some), "{some} of 300");
}

#[test]
fn id_and_seed_decide_what_is_hidden() {
    let draws =
        |seed| (0..100).map(|id: i32| hidden(&id.to_string(), &[1], 0.5, seed)).collect::<Vec<_>>();
    assert_eq!(draws(1), draws(1));
    assert_ne!(draws(1), draws(2));
    let drawn: Vec<_> = draws(1).into_iter().filter(|draw| !draw.is_empty()).collect();
    let distinct: HashSet<_> = drawn.iter().collect();
    assert!(distinct.len() > drawn.len() / 2, "each post hides others");
    // Which of the others are hidden depends on no label.
    for id in (0..100).map(|id| id.to_string()) {
        let (a, b) = (hidden(&id, &[1], 0.5, 3), hidden(&id, &[1, 2], 0.5, 3));
        assert!(a.is_empty() || a == b);
    }
}
