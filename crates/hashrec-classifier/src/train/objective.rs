//! What the posts of a batch should be scored, and how much each position counts.

use super::{
    balance::{Counts, effective_number},
    loss::Labels,
    posts::Posts,
};
use crate::{Loss, weights::Spaces};

/// The loss of a run, and the weights of communities and hashtags.
#[derive(Debug)]
pub(super) struct Objective {
    pub(super) loss: Loss,
    /// Of a post, by community.
    pub(super) weights: Vec<f32>,
    spaces: Spaces,
    rebalance: Option<Rebalance>,
}

/// The tables of [`Loss::DistributionBalanced`].
#[derive(Debug)]
struct Rebalance {
    alpha: f64,
    beta: f64,
    mu: f64,
    /// 1 / posts to train on that carry the hashtag.
    rarity: Vec<f64>,
    /// κ times the hashtag's log-odds.
    shifts: Vec<f32>,
}

impl Objective {
    /// What `loss` asks for on the posts `train` of `posts`.
    pub(super) fn new(loss: Loss, posts: &Posts, train: &[u32], spaces: &Spaces) -> Self {
        let weights = match loss {
            Loss::CommunityBalanced { beta } => {
                effective_number(&Counts::of(posts, train, spaces), beta)
            }
            _ => vec![1.0; spaces.communities()],
        };
        let rebalance = match loss {
            Loss::DistributionBalanced { alpha, beta, mu, kappa, .. } => {
                let mut uses = vec![0u32; spaces.tags()];
                for &post in train {
                    if let Some(rows) = spaces.rows(posts.community(post as usize)) {
                        let gold = posts.gold(post as usize).iter();
                        gold.for_each(|&tag| uses[rows.start + tag as usize] += 1);
                    }
                }
                let shift = |odds: f32| (kappa * f64::from(odds)) as f32;
                Some(Rebalance {
                    alpha,
                    beta,
                    mu,
                    rarity: uses.into_iter().map(|n| 1.0 / f64::from(n.max(1))).collect(),
                    shifts: posts.log_priors(spaces).into_iter().map(shift).collect(),
                })
            }
            _ => None,
        };
        Self { loss, weights, spaces: spaces.clone(), rebalance }
    }

    /// The labels of posts, given as the community and hashtags of each.
    pub(super) fn labels<'a>(
        &self,
        posts: impl Iterator<Item = (usize, &'a [u32])>,
        width: usize,
    ) -> Labels {
        let mut labels = Labels { width, ..Labels::default() };
        posts.for_each(|(community, gold)| self.push(&mut labels, community, gold));
        labels
    }

    /// Adds the row of a post of `community` that carries the hashtags `gold`.
    fn push(&self, labels: &mut Labels, community: usize, gold: &[u32]) {
        let rows = self.spaces.rows(community).unwrap_or_default();
        let start = labels.mask.len();
        let end = start + labels.width;
        labels.mask.resize(start + rows.len(), 1);
        labels.mask.resize(end, 0);
        labels.carried.resize(end, 0.0);
        gold.iter().for_each(|&tag| labels.carried[start + tag as usize] = 1.0);
        labels.weights.resize(end, self.weights[community]);
        let Some(rebalance) = &self.rebalance else { return };
        let (rarity, shifts) = (&rebalance.rarity[rows.clone()], &rebalance.shifts[rows]);
        let carried: f64 = gold.iter().map(|&tag| rarity[tag as usize]).sum();
        for (weight, &rarity) in labels.weights[start..].iter_mut().zip(rarity) {
            let share = rarity / carried.max(f64::MIN_POSITIVE);
            *weight = rebalance.weight(share) as f32;
        }
        labels.shifts.extend_from_slice(shifts);
        labels.shifts.resize(end, 0.0);
    }
}

impl Rebalance {
    /// α + σ(β (r − μ)).
    fn weight(&self, share: f64) -> f64 {
        self.alpha + 1.0 / (1.0 + (-self.beta * (share - self.mu)).exp())
    }
}

#[cfg(test)]
mod tests {
    use hashrec_data::{CommunityId, HashtagId};

    use super::{super::posts::ClassifierPost, *};
    use crate::vocabulary::Vocabulary;

    /// Community 0: hashtag 0 on three posts, 1 on one, 2 on none; community 1: one post.
    fn world() -> (Posts, Spaces) {
        let spaces = Spaces::new([3, 1]);
        let (zero, both) = ([HashtagId(0)], [HashtagId(0), HashtagId(1)]);
        let of = |community, gold| ClassifierPost {
            words: vec![],
            community: CommunityId(community),
            gold,
        };
        let posts = [of(0, &zero[..]), of(0, &zero), of(0, &both), of(1, &zero)];
        let words = Vocabulary::new([]).unwrap();
        (Posts::encode(&posts, &spaces, &words, 4).unwrap(), spaces)
    }

    fn row(loss: Loss, community: usize, gold: &[u32]) -> Labels {
        let (posts, spaces) = world();
        let objective = Objective::new(loss, &posts, &[0, 1, 2, 3], &spaces);
        objective.labels([(community, gold)].into_iter(), 4)
    }

    #[test]
    fn plain_rows_are_labels() {
        let labels = row(Loss::Plain, 0, &[1]);
        assert_eq!((labels.mask, labels.carried), (vec![1, 1, 1, 0], vec![0.0, 1.0, 0.0, 0.0]));
        assert_eq!((labels.weights, labels.shifts), (vec![1.0; 4], vec![]));
    }

    #[test]
    fn rare_hashtags_of_a_post_weigh_more() {
        let Labels { mask, carried, weights, shifts, .. } =
            row(Loss::distribution_balanced(), 0, &[0, 1]);
        assert_eq!((mask, carried), (vec![1, 1, 1, 0], vec![1.0, 1.0, 0.0, 0.0]));
        let weight = |r: f64| 0.1 + 1.0 / (1.0 + (-10.0 * (r - 0.2)).exp());
        // 1/3 + 1: hashtag 2, carried by no post, counts like one carried by one.
        for (found, r) in weights.iter().zip([0.25, 0.75, 0.75]) {
            assert!((f64::from(*found) - weight(r)).abs() < 1e-6, "{weights:?}");
        }
        let odds = |p: f64| 0.05 * (p / (1.0 - p)).ln();
        for (found, p) in shifts.iter().zip([3.1 / 4.0, 1.1 / 4.0, 0.1 / 4.0]) {
            assert!((f64::from(*found) - odds(p)).abs() < 1e-6, "{shifts:?}");
        }
        assert_eq!(shifts[3], 0.0);
    }

    #[test]
    fn small_communities_weigh_more() {
        let loss = Loss::CommunityBalanced { beta: 0.5 };
        let (large, small) = (row(loss, 0, &[0]).weights[0], row(loss, 1, &[0]).weights[0]);
        assert!((small / large - 1.75).abs() < 1e-5, "{small} {large}");
        assert!((3.0 * large + small - 4.0).abs() < 1e-5);
    }
}
