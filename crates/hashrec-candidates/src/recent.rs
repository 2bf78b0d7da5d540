//! The linear classifier in which posts close in time count more.
//!
//! The words and habits of a community change: how it used a hashtag five years ago says less about
//! today than last month's posts. Therefore the similarity that [`linear`](crate::linear) works with
//! is multiplied by a factor that falls with the time between two posts, and posts of the same time
//! get a small similarity whatever they say. Both factors are kernels (the Laplace kernel of the
//! times), and products and sums of kernels are kernels. So the fit and the exact leave-one-out
//! scores are those of the first classifier.

use hashrec_storage::Table;

use crate::{
    MixtureParams, RecencyParams, Scratch,
    linear::LinearView,
    nearness::{UNKNOWN, nearness},
    sums::{Between, SumsView},
};

/// The times to store; `None` unless more than half of them are known.
#[cfg(feature = "train")]
pub(crate) fn known(times: impl ExactSizeIterator<Item = Option<i64>>) -> Option<Vec<i64>> {
    let posts = times.len();
    let times: Vec<i64> = times.map(|time| time.unwrap_or(UNKNOWN)).collect();
    let known = times.iter().filter(|&&time| time != UNKNOWN).count();
    (known * 2 > posts).then_some(times)
}

/// A fitted classifier; all tables are empty if there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RecentModel {
    /// The time of each post, in Unix seconds; empty if too few are known.
    pub(crate) times: Table<i64>,
    /// Whether similarities are mixed with what posts mean.
    pub(crate) mixed: bool,
    /// As in [`LinearView`], over the same posts.
    pub(crate) weights: Table<u16>,
    pub(crate) bias: Table<f32>,
}

/// The same, read in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecentView<'a> {
    pub(crate) times: &'a [i64],
    pub(crate) mixed: bool,
    pub(crate) linear: LinearView<'a>,
    pub(crate) params: &'a RecencyParams,
    pub(crate) mixture: &'a MixtureParams,
}

impl RecentView<'_> {
    /// Whether there is a classifier.
    pub(crate) fn is_fitted(&self) -> bool {
        !self.linear.bias.is_empty()
    }

    /// Writes the score of each hashtag for a post of that time; `None` means the time of the newest
    /// post. `cosines` say how nearly it means what the others mean, if that counts. Overwrites the
    /// similarities to all posts.
    pub(crate) fn score(
        &self,
        time: Option<i64>,
        cosines: &[f32],
        sums: &SumsView<'_>,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        let time = time.or_else(|| self.times.iter().copied().max()).unwrap_or(UNKNOWN);
        if !self.mixed && !sums.knots.is_empty() {
            return self.score_by_sums(time, sums, scratch, out);
        }
        let similarities = &mut scratch.similarities;
        if self.mixed {
            for (similarity, &cosine) in similarities.iter_mut().zip(cosines) {
                *similarity = self.mixture.mix(*similarity, cosine);
            }
        }
        for (similarity, &other) in similarities.iter_mut().zip(self.times) {
            *similarity = self.params.weigh(*similarity, nearness(self.params, time, other));
        }
        self.linear.score(similarities, out);
    }

    /// The same, where nothing but similarities and times counts.
    fn score_by_sums(
        &self,
        time: i64,
        sums: &SumsView<'_>,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        let RecencyParams { share, offset, .. } = *self.params;
        let knots = if time == UNKNOWN { &[] } else { sums.knots };
        let between = Between::new(self.params, knots, time);
        self.linear.begin(out);
        sums.add_timeless(&scratch.summed, 1.0 - share, out);
        for (knot, near) in between.parts() {
            sums.add_knot(knot, &scratch.summed, (share * near, offset * near), out);
        }
        let similarities = scratch.similarities.iter().zip(&mut scratch.rest);
        for ((similarity, rest), &other) in similarities.zip(self.times) {
            let misses = between.misses(other);
            if *rest == 0.0 && !misses {
                continue;
            }
            let near = nearness(self.params, time, other);
            let summed = similarity - *rest;
            *rest *= 1.0 - share + share * near;
            if misses {
                *rest += (share * summed + offset) * (near - between.nearness(other));
            }
        }
        self.linear.add(&scratch.rest, out);
    }
}

impl RecencyParams {
    /// The similarity weighted by the nearness of the two posts.
    pub(crate) fn weigh(&self, similarity: f32, nearness: f32) -> f32 {
        similarity * (1.0 - self.share + self.share * nearness) + self.offset * nearness
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_counts_more() {
        let params = RecencyParams { scale_days: 1.0, share: 0.5, offset: 0.1 };
        assert!((params.weigh(0.8, 1.0) - 0.9).abs() < 1e-6);
        assert!((params.weigh(0.8, 0.0) - 0.4).abs() < 1e-6);
        assert_eq!(RecencyParams::none().weigh(0.8, 0.3), 0.8);
    }

    #[cfg(feature = "train")]
    #[test]
    fn half_of_the_times_are_not_enough() {
        assert_eq!(known([Some(1), None].into_iter()), None);
        assert_eq!(known([Some(1), None, Some(3)].into_iter()), Some(vec![1, UNKNOWN, 3]));
        assert_eq!(known([].into_iter()), None);
    }
}
