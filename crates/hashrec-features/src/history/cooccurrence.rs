//! How often hashtags are used together: with the likeliest ones, and with those chosen.

use hashrec_data::HashtagId;

use super::statistics::Statistics;

/// How many of a post's likeliest hashtags count for others.
pub(crate) const LIKELIEST: usize = 5;
/// Added to shares before they are divided: rare hashtags' ratios mean little.
const LIFT_SMOOTHING: f32 = 0.01;

/// How well each hashtag goes with a post's likeliest ones.
#[derive(Default)]
pub(crate) struct Cooccurrence {
    /// Σ score(o) · P(hashtag | o) over the likeliest hashtags o.
    pub(crate) expected: Vec<f32>,
    /// P(hashtag | the likeliest).
    first: Vec<f32>,
}

impl Cooccurrence {
    /// Adds up what the `likeliest` hashtags of a post, best first, say of the others. Their scores
    /// are probabilities, cut to 1.
    pub(crate) fn of(likeliest: &[(u32, f32)], statistics: &Statistics) -> Self {
        let hashtags = statistics.hashtags();
        let mut found = Self { expected: vec![0.0; hashtags], first: vec![0.0; hashtags] };
        for (place, &(likely, score)) in likeliest.iter().enumerate() {
            for (other, share) in statistics.given(likely as usize) {
                if let Some(expected) = found.expected.get_mut(other as usize) {
                    *expected += score.min(1.0) * share;
                }
                if place == 0
                    && let Some(first) = found.first.get_mut(other as usize)
                {
                    *first = share;
                }
            }
        }
        found
    }

    /// P(hashtag | the likeliest) and the logarithm of how much that is above its plain share.
    pub(crate) fn first(&self, tag: usize, share: f32) -> (f32, f32) {
        let first = self.first.get(tag).copied().unwrap_or(0.0);
        (first, lift(first, share))
    }
}

fn lift(given: f32, plain: f32) -> f32 {
    ((given + LIFT_SMOOTHING) / (plain + LIFT_SMOOTHING)).ln()
}

/// How well each hashtag goes with those that the author has chosen.
pub(crate) struct Chosen {
    /// Ids, rising, without repetition.
    tags: Vec<u32>,
    max: Vec<f32>,
    sum: Vec<f32>,
}

/// How often one hashtag is used together with the chosen ones; NaN where none is chosen.
pub(crate) struct GivenChosen {
    pub(crate) max: f32,
    pub(crate) mean: f32,
    pub(crate) lift: f32,
}

impl Chosen {
    /// Adds up what the chosen hashtags say of the others. Ids outside the community's space are
    /// ignored.
    pub(crate) fn new(chosen: &[HashtagId], statistics: &Statistics) -> Self {
        let hashtags = statistics.hashtags();
        let mut tags: Vec<u32> =
            chosen.iter().filter(|tag| tag.index() < hashtags).map(|tag| tag.0).collect();
        tags.sort_unstable();
        tags.dedup();
        let len = if tags.is_empty() { 0 } else { hashtags };
        let (mut max, mut sum) = (vec![0.0f32; len], vec![0.0f32; len]);
        for &tag in &tags {
            for (other, share) in statistics.given(tag as usize) {
                let other = other as usize;
                if let (Some(max), Some(sum)) = (max.get_mut(other), sum.get_mut(other)) {
                    *max = max.max(share);
                    *sum += share;
                }
            }
        }
        Self { tags, max, sum }
    }

    pub(crate) fn len(&self) -> usize {
        self.tags.len()
    }

    pub(crate) fn contains(&self, tag: u32) -> bool {
        self.tags.binary_search(&tag).is_ok()
    }

    pub(crate) fn given(&self, tag: usize, share: f32) -> GivenChosen {
        let missing = f32::NAN;
        let max = self.max.get(tag).copied().unwrap_or(missing);
        let mean = self.sum.get(tag).map_or(missing, |sum| sum / self.len() as f32);
        GivenChosen { max, mean, lift: lift(mean, share) }
    }
}
