//! Which posts are held out, and which posts make up a step.

use std::collections::BTreeMap;

use rand::{RngExt, seq::SliceRandom};

use super::random::{Purpose, generator};

/// Batches that are sorted by length together: large enough that posts of a batch have about the
/// same length, small enough that an epoch's order stays random.
const SORTED_TOGETHER: usize = 32;

/// Posts of a community that can spare one to validate on.
const SPARES_ONE: usize = 10;

/// Divides `posts` into those to train on and those to validate on (rounded down), at random, but
/// always in the same way for the same seed. Both lists rise.
///
/// Posts that have a group, such as a community, are divided group by group, with at least one post
/// to validate on where there are [`SPARES_ONE`], so that the course of small groups shows.
pub(super) fn divide(
    mut posts: Vec<u32>,
    group: impl Fn(u32) -> Option<usize>,
    share: f32,
    seed: u64,
) -> (Vec<u32>, Vec<u32>) {
    posts.shuffle(&mut generator(seed, Purpose::Validation, 0, 0));
    let mut groups: BTreeMap<Option<usize>, Vec<u32>> = BTreeMap::new();
    posts.into_iter().for_each(|post| groups.entry(group(post)).or_default().push(post));
    let (mut train, mut aside) = (Vec::new(), Vec::new());
    for (group, mut posts) in groups {
        let spares_one = group.is_some() && share > 0.0 && posts.len() >= SPARES_ONE;
        let count = (posts.len() as f64 * f64::from(share)) as usize;
        train.extend(posts.split_off(count.max(spares_one.into()).min(posts.len())));
        aside.extend(posts);
    }
    train.sort_unstable();
    aside.sort_unstable();
    (train, aside)
}

/// The posts of an epoch, those of a community with fewer posts than the mean m of all that have
/// any repeated (m / n)^`exponent` times: the whole part always, one more with the chance that the
/// fraction gives.
pub(super) fn repeated(
    posts: &[u32],
    community: impl Fn(u32) -> usize,
    exponent: f32,
    seed: u64,
    epoch: u64,
) -> Vec<u32> {
    if exponent == 0.0 {
        return posts.to_vec();
    }
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    posts.iter().for_each(|&post| *counts.entry(community(post)).or_default() += 1);
    let mean = posts.len() as f64 / counts.len().max(1) as f64;
    let mut random = generator(seed, Purpose::Repeats, epoch, 0);
    let mut all = Vec::with_capacity(2 * posts.len());
    for &post in posts {
        let count = counts.get(&community(post)).copied().unwrap_or(1);
        let times = (mean / count as f64).max(1.0).powf(f64::from(exponent));
        let chance = random.random::<f64>() < times.fract();
        all.extend(std::iter::repeat_n(post, times as usize + usize::from(chance)));
    }
    all
}

/// The batches of one epoch: posts in random order, of similar length inside a batch.
pub(super) fn batches(
    posts: &[u32],
    length: impl Fn(u32) -> usize,
    batch: usize,
    seed: u64,
    epoch: u64,
) -> Vec<Vec<u32>> {
    let mut random = generator(seed, Purpose::Order, epoch, 0);
    let mut posts = posts.to_vec();
    posts.shuffle(&mut random);
    let mut all = Vec::with_capacity(posts.len().div_ceil(batch));
    for together in posts.chunks_mut(batch * SORTED_TOGETHER) {
        together.sort_by_key(|&post| length(post));
        let from = all.len();
        all.extend(together.chunks(batch).map(<[u32]>::to_vec));
        all[from..].shuffle(&mut random);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_post_is_on_one_side() {
        let (train, aside) = divide((0..100).collect(), |_| None, 0.05, 3);
        assert_eq!((train.len(), aside.len()), (95, 5));
        let mut all = [train.clone(), aside].concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(train, divide((0..100).collect(), |_| None, 0.05, 3).0);
        assert_ne!(train, divide((0..100).collect(), |_| None, 0.05, 4).0);
        assert!(divide((0..19).collect(), |_| None, 0.05, 3).1.is_empty());
        assert!(divide(vec![], |_| None, 0.5, 3).0.is_empty());
    }

    #[test]
    fn every_community_that_can_spares_a_post() {
        // Communities of 100, 10 and 9 posts.
        let community = |post: u32| if post < 100 { 7 } else { 1 + usize::from(post >= 110) };
        let group = |post| Some(community(post));
        let (train, aside) = divide((0..119).collect(), group, 0.05, 3);
        let of = |posts: &[u32], of: usize| posts.iter().filter(|&&p| community(p) == of).count();
        assert_eq!([7, 1, 2].map(|c| (of(&train, c), of(&aside, c))), [(95, 5), (9, 1), (9, 0)]);
        assert!(train.is_sorted() && aside.is_sorted());
        assert_eq!(aside, divide((0..119).collect(), group, 0.05, 3).1);
        assert_ne!(aside, divide((0..119).collect(), group, 0.05, 4).1);
        assert!(divide((0..119).collect(), group, 0.0, 3).1.is_empty());
    }

    #[test]
    fn posts_of_small_communities_are_repeated() {
        // 90 and 10 posts: the mean is 50.
        let community = |post: u32| usize::from(post >= 90);
        let posts: Vec<u32> = (0..100).collect();
        assert_eq!(repeated(&posts, community, 0.0, 1, 0), posts);
        let whole = repeated(&posts, community, 1.0, 1, 0);
        assert_eq!(whole.len(), 90 + 5 * 10);
        assert!(posts[90..].iter().all(|post| whole.iter().filter(|&p| p == post).count() == 5));
        let half = |epoch| repeated(&posts, community, 0.5, 1, epoch);
        let counts: Vec<usize> = (0..50).map(|epoch| half(epoch).len() - 90).collect();
        assert!(counts.iter().all(|count| (20..=30).contains(count)), "{counts:?}");
        let mean = counts.iter().sum::<usize>() as f64 / 50.0;
        assert!((mean - 10.0 * 5f64.sqrt()).abs() < 0.8, "{mean}");
        assert_eq!(half(3), half(3));
        assert!(repeated(&[], community, 0.5, 1, 0).is_empty());
    }

    #[test]
    fn an_epoch_holds_every_post_once_in_batches_of_similar_length() {
        let posts: Vec<u32> = (0..960).collect();
        let length = |post: u32| (post % 64) as usize;
        let plan = batches(&posts, length, 10, 1, 0);
        let mut all: Vec<u32> = plan.concat();
        all.sort_unstable();
        assert_eq!(all, posts);
        for batch in &plan {
            let lengths: Vec<usize> = batch.iter().map(|&post| length(post)).collect();
            assert!(lengths.iter().max().unwrap() - lengths.iter().min().unwrap() < 6);
        }
        assert_eq!(plan, batches(&posts, length, 10, 1, 0));
        assert_ne!(plan, batches(&posts, length, 10, 1, 1));
    }
}
