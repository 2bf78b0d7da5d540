//! Which hashtags keep company with those already believed in or chosen.

use hashrec_data::HashtagId;

use super::{Statistics, scores::Ranked};

/// So many of the likeliest hashtags speak for others.
const SPEAKERS: usize = 5;
/// Added to shares before they are divided: rare hashtags' ratios mean little.
const LIFT_SMOOTHING: f32 = 0.01;

/// How well each hashtag goes with a post's likeliest ones.
pub(super) struct Company {
    /// Σ score(o) · P(hashtag | o) over the likeliest hashtags o.
    pub(super) expected: Vec<f32>,
    /// P(hashtag | the likeliest).
    first: Vec<f32>,
}

impl Company {
    /// Lets the highest of `scores` (probabilities, cut to 0…1) speak.
    pub(super) fn of_likeliest(scores: &Ranked<'_>, statistics: &Statistics) -> Self {
        let hashtags = statistics.hashtags();
        let mut company = Self { expected: vec![0.0; hashtags], first: vec![0.0; hashtags] };
        for (place, (speaker, score)) in scores.best(SPEAKERS, 0.0).into_iter().enumerate() {
            for (other, share) in statistics.given(speaker as usize) {
                if let Some(expected) = company.expected.get_mut(other as usize) {
                    *expected += score.min(1.0) * share;
                }
                if place == 0
                    && let Some(first) = company.first.get_mut(other as usize)
                {
                    *first = share;
                }
            }
        }
        company
    }

    /// Nothing is said of any hashtag.
    pub(super) fn silent() -> Self {
        Self { expected: Vec::new(), first: Vec::new() }
    }

    /// P(hashtag | the likeliest) and the logarithm of how much that is above its plain share.
    pub(super) fn first(&self, tag: usize, share: f32) -> (f32, f32) {
        let first = self.first.get(tag).copied().unwrap_or(0.0);
        (first, lift(first, share))
    }
}

fn lift(given: f32, plain: f32) -> f32 {
    ((given + LIFT_SMOOTHING) / (plain + LIFT_SMOOTHING)).ln()
}

/// How well each hashtag goes with those that the author has chosen.
pub(super) struct Chosen {
    /// Ids, rising, without repetition.
    tags: Vec<u32>,
    max: Vec<f32>,
    sum: Vec<f32>,
}

/// What the chosen hashtags say of one other: NaN where none is chosen.
pub(super) struct ChosenSay {
    pub(super) max: f32,
    pub(super) mean: f32,
    pub(super) lift: f32,
}

impl Chosen {
    /// Listens to the chosen hashtags; ids outside the community's space are ignored.
    pub(super) fn new(chosen: &[HashtagId], statistics: &Statistics) -> Self {
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

    pub(super) fn len(&self) -> usize {
        self.tags.len()
    }

    pub(super) fn contains(&self, tag: u32) -> bool {
        self.tags.binary_search(&tag).is_ok()
    }

    pub(super) fn say(&self, tag: usize, share: f32) -> ChosenSay {
        let missing = f32::NAN;
        let max = self.max.get(tag).copied().unwrap_or(missing);
        let mean = self.sum.get(tag).map_or(missing, |sum| sum / self.len() as f32);
        ChosenSay { max, mean, lift: lift(mean, share) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ids, statistics};
    use super::*;

    /// 0 stands with 1 in two posts, with 2 in one; 3 stands alone.
    fn fitted() -> Statistics {
        statistics(4, &[&[0, 1], &[0, 1], &[0, 2], &[3]])
    }

    #[test]
    fn the_likeliest_speak_for_others() {
        let scores = [0.5, -1.0, 0.0, 2.0];
        let company = Company::of_likeliest(&Ranked::new(&scores[..]), &fitted());
        // 3 is likeliest and has no company; 0 speaks with a weight of .5.
        assert_eq!(company.expected, [0.0, 0.5 * 2.0 / 5.0, 0.5 * 1.0 / 5.0, 0.0]);
        assert_eq!(company.first(1, 0.5).0, 0.0);
        let company = Company::of_likeliest(&Ranked::new(&scores[..3]), &fitted());
        let (first, up) = company.first(1, 0.19);
        assert_eq!((first, up), (0.4, (0.41f32 / 0.2).ln()));
    }

    #[test]
    fn chosen_hashtags_speak_with_one_voice_each() {
        let chosen = Chosen::new(&ids(&[2, 1, 2, 9]), &fitted());
        assert_eq!(chosen.len(), 2);
        assert!(chosen.contains(1) && !chosen.contains(0));
        let say = chosen.say(0, 0.5);
        assert_eq!((say.max, say.mean), (2.0 / 4.0, (2.0 / 4.0 + 1.0 / 3.0) / 2.0));
        assert_eq!(chosen.say(3, 0.5).max, 0.0);
    }

    #[test]
    fn nothing_chosen_says_nothing() {
        let say = Chosen::new(&[], &fitted()).say(0, 0.5);
        assert!(say.max.is_nan() && say.mean.is_nan() && say.lift.is_nan());
    }
}
