//! The use of hashtags over time.

use hashrec_data::HashtagId;

use crate::{FeatureError, Moment, Timeline, tests::fixtures::ids};

const DAY: i64 = 86_400;

fn fit(hashtags: usize, posts: &[(Option<i64>, &[u32])]) -> (Timeline, Vec<Moment>) {
    let gold: Vec<Vec<HashtagId>> = posts.iter().map(|(_, gold)| ids(gold)).collect();
    let posts: Vec<_> = posts.iter().zip(&gold).map(|(post, gold)| (post.0, &gold[..])).collect();
    Timeline::fit(hashtags, &posts).unwrap()
}

#[test]
fn a_post_sees_only_what_came_before() {
    // Given out of order.
    let (timeline, moments) =
        fit(2, &[(Some(3 * DAY), &[0]), (Some(DAY), &[1]), (Some(DAY), &[0])]);
    let earlier: Vec<_> = moments.iter().map(|moment: &Moment| moment.earlier).collect();
    assert_eq!(earlier, [Some(2), Some(0), Some(1)]);
    let first = timeline.before(moments[1], 0);
    assert_eq!((first.recent, first.steady, first.previous), (0.0, 0.0, 0.0));
    assert_eq!((first.since, first.days, first.age), (20.0, 20.0, -1.0));
    let last = timeline.before(moments[0], 0);
    assert!((last.recent - 0.05).abs() < 1e-6 && (last.steady - 0.005).abs() < 1e-6);
    assert_eq!((last.since, last.age, last.previous), (0.0, 0.0, 1.0));
    assert_eq!(last.days, 2.0f32.ln_1p());
    let other = timeline.before(moments[0], 1);
    assert!((other.recent - 0.05 * 0.95).abs() < 1e-6);
    assert_eq!((other.since, other.previous), (1.0f32.ln_1p(), 0.0));
}

#[test]
fn moving_averages_are_those_of_a_replay() {
    let gold: Vec<&[u32]> = (0..400).map(|n| if n % 3 == 0 { &[0][..] } else { &[1] }).collect();
    let posts: Vec<_> = gold.iter().enumerate().map(|(n, &g)| (Some(n as i64), g)).collect();
    let (timeline, moments) = fit(2, &posts);
    let (mut recent, mut steady) = (0.0f64, 0.0f64);
    for (moment, gold) in moments.iter().zip(&gold) {
        let used = timeline.before(*moment, 0);
        assert!((f64::from(used.recent) - recent).abs() < 1e-5);
        assert!((f64::from(used.steady) - steady).abs() < 1e-5);
        let now = if gold[0] == 0 { 1.0 } else { 0.0 };
        recent = 0.95 * recent + 0.05 * now;
        steady = 0.995 * steady + 0.005 * now;
    }
}

#[test]
fn a_new_post_comes_after_those_up_to_its_time() {
    let (timeline, _) = fit(1, &[(Some(10), &[0]), (Some(20), &[0]), (Some(20), &[])]);
    let earlier = |at| timeline.moment(at).earlier;
    assert_eq!(
        [earlier(Some(9)), earlier(Some(10)), earlier(Some(20))],
        [Some(0), Some(1), Some(3)]
    );
    assert_eq!(earlier(None), Some(3));
    assert_eq!(timeline.before(timeline.moment(None), 0).days, 0.0);
}

#[test]
fn without_times_nothing_is_known() {
    let (timeline, moments) = fit(1, &[(None, &[0])]);
    assert_eq!(moments, [Moment::UNKNOWN]);
    assert_eq!((timeline.posts(), timeline.hashtags()), (0, 1));
    for moment in [moments[0], timeline.moment(None), timeline.moment(Some(5))] {
        assert!(timeline.before(moment, 0).recent.is_nan());
    }
}

#[test]
fn a_post_without_a_time_in_a_community_that_has_them() {
    let (timeline, moments) = fit(1, &[(Some(5), &[0]), (None, &[0])]);
    assert_eq!((timeline.posts(), moments[1]), (1, Moment::UNKNOWN));
}

#[test]
fn extreme_times_are_fine() {
    let (timeline, _) = fit(1, &[(Some(i64::MIN), &[0])]);
    let used = timeline.before(timeline.moment(Some(i64::MAX)), 0);
    assert!(used.days.is_finite());
}

#[test]
fn an_unknown_hashtag_is_an_error() {
    let gold = ids(&[1]);
    let fitted = Timeline::fit(1, &[(Some(0), &gold)]);
    assert!(matches!(fitted, Err(FeatureError::UnknownHashtag { hashtag: 1, .. })));
}
