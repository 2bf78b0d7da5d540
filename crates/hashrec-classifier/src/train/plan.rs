//! Which posts are kept aside, and which posts make up a step.

use rand::seq::SliceRandom;

use super::random::{Purpose, generator};

/// Batches that are sorted by length together: large enough that posts of a batch have about the
/// same length, small enough that an epoch's order stays random.
const SORTED_TOGETHER: usize = 32;

/// Divides `posts` into those to train on and those to validate on (rounded down), at random, but
/// always in the same way for the same seed. Both lists rise.
pub(super) fn divide(mut posts: Vec<u32>, share: f32, seed: u64) -> (Vec<u32>, Vec<u32>) {
    posts.shuffle(&mut generator(seed, Purpose::Validation, 0, 0));
    let aside = (posts.len() as f64 * f64::from(share)) as usize;
    let mut train = posts.split_off(aside.min(posts.len()));
    train.sort_unstable();
    posts.sort_unstable();
    (train, posts)
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
        let (train, aside) = divide((0..100).collect(), 0.05, 3);
        assert_eq!((train.len(), aside.len()), (95, 5));
        let mut all = [train.clone(), aside].concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(train, divide((0..100).collect(), 0.05, 3).0);
        assert_ne!(train, divide((0..100).collect(), 0.05, 4).0);
        assert!(divide((0..19).collect(), 0.05, 3).1.is_empty());
        assert!(divide(vec![], 0.5, 3).0.is_empty());
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
