//! Hashtags that are used together.

use super::fixtures::{ids, statistics};
use crate::history::{
    cooccurrence::{Chosen, Cooccurrence},
    statistics::Statistics,
};

/// 0 stands with 1 in two posts, with 2 in one; 3 stands alone.
fn fitted() -> Statistics {
    statistics(4, &[&[0, 1], &[0, 1], &[0, 2], &[3]])
}

#[test]
fn the_likeliest_count_for_those_used_with_them() {
    let found = Cooccurrence::of(&[(3, 2.0), (0, 0.5)], &fitted());
    // 3 is likeliest and is always used alone; 0 counts with a weight of .5.
    assert_eq!(found.expected, [0.0, 0.5 * 2.0 / 5.0, 0.5 * 1.0 / 5.0, 0.0]);
    assert_eq!(found.first(1, 0.5).0, 0.0);
    let found = Cooccurrence::of(&[(0, 0.5)], &fitted());
    let (first, up) = found.first(1, 0.19);
    assert_eq!((first, up), (0.4, (0.41f32 / 0.2).ln()));
}

#[test]
fn scores_above_one_count_as_one() {
    let found = Cooccurrence::of(&[(1, 7.0)], &fitted());
    assert_eq!(found.expected, [2.0 / 4.0, 0.0, 0.0, 0.0]);
}

#[test]
fn each_chosen_hashtag_counts_once() {
    let chosen = Chosen::new(&ids(&[2, 1, 2, 9]), &fitted());
    assert_eq!(chosen.len(), 2);
    assert!(chosen.contains(1) && !chosen.contains(0));
    let given = chosen.given(0, 0.5);
    assert_eq!((given.max, given.mean), (2.0 / 4.0, (2.0 / 4.0 + 1.0 / 3.0) / 2.0));
    assert_eq!(chosen.given(3, 0.5).max, 0.0);
}

#[test]
fn without_chosen_hashtags_the_features_are_missing() {
    let given = Chosen::new(&[], &fitted()).given(0, 0.5);
    assert!(given.max.is_nan() && given.mean.is_nan() && given.lift.is_nan());
}
