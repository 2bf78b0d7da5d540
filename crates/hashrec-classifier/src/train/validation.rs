//! How good a net is on the held-out posts.

use super::{balance::CommunityLoss, posts::Posts};
use crate::encoder::Encoder;

/// Ranks that count.
const K: usize = 10;
/// Posts encoded together.
const TOGETHER: usize = 64;

/// 1 / log₂(rank + 1), ranks from 1.
fn discount(position: usize) -> f64 {
    1.0 / ((position + 2) as f64).log2()
}

/// NDCG@10 of one ranking by falling score, equal scores by rising number; `gold` rises.
fn ndcg(scores: &[f32], gold: &[u32]) -> f64 {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
    let hits = order.iter().take(K).enumerate();
    let gain: f64 =
        hits.filter(|(_, tag)| gold.binary_search(tag).is_ok()).map(|(i, _)| discount(i)).sum();
    let ideal: f64 = (0..gold.len().min(K)).map(discount).sum();
    if ideal > 0.0 { gain / ideal } else { 0.0 }
}

/// ln(1 + eˣ) = −ln σ(−x), without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// How good a net is.
pub(super) struct Validated {
    /// The mean NDCG@10.
    pub(super) ndcg: f64,
    /// Cross-entropy by community.
    pub(super) losses: Vec<CommunityLoss>,
}

/// Binary cross-entropy of one post's scores; `gold` rises.
fn cross_entropy(scores: &[f32], gold: &[u32]) -> f64 {
    let all: f64 = scores.iter().map(|&x| softplus(f64::from(x))).sum();
    // softplus(−x) = softplus(x) − x.
    all - gold
        .iter()
        .filter_map(|&tag| scores.get(tag as usize))
        .map(|&x| f64::from(x))
        .sum::<f64>()
}

/// Scores these posts, which all have hashtags.
pub(super) fn validate(encoder: Encoder<'_>, posts: &Posts, aside: &[u32]) -> Validated {
    let mut losses = vec![CommunityLoss::default(); encoder.spaces.communities()];
    let words: Vec<&[u32]> = aside.iter().map(|&post| posts.words(post as usize)).collect();
    let mut sum = 0.0;
    encoder.each_text(&words, TOGETHER, |at, text| {
        let post = aside[at] as usize;
        let community = posts.community(post);
        if let Some(scores) = encoder.logits(community, text) {
            sum += ndcg(&scores, posts.gold(post));
            losses[community].sum += cross_entropy(&scores, posts.gold(post));
            losses[community].posts += 1;
        }
    });
    Validated { ndcg: sum / aside.len() as f64, losses }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_is_the_definition() {
        let p = |x: f64| 1.0 / (1.0 + (-x).exp());
        let wanted = -p(1.5).ln() - (1.0 - p(-0.5)).ln() - (1.0 - p(2.0)).ln();
        assert!((cross_entropy(&[1.5, -0.5, 2.0], &[0]) - wanted).abs() < 1e-9);
        assert_eq!(cross_entropy(&[200.0, -200.0], &[0]), 0.0);
    }

    #[test]
    fn ndcg_is_the_definition() {
        assert_eq!(ndcg(&[3.0, 2.0, 1.0], &[0]), 1.0);
        assert_eq!(ndcg(&[3.0, 2.0, 1.0], &[1]), 1.0 / 3f64.log2());
        let two = (1.0 / 3f64.log2() + 0.5) / (1.0 + 1.0 / 3f64.log2());
        assert!((ndcg(&[3.0, 2.0, 1.0], &[1, 2]) - two).abs() < 1e-12);
        // Equal scores: the lower number first; beyond rank 10 nothing counts.
        assert_eq!(ndcg(&[0.0; 12], &[9]), discount(9));
        assert_eq!(ndcg(&[0.0; 12], &[10]), 0.0);
        assert_eq!(ndcg(&[1.0; 12], &(0..12).collect::<Vec<_>>()), 1.0);
    }
}
