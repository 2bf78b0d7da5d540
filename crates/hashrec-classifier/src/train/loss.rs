//! The losses of training, as tensor expressions over padded logits.

use candle_core::{Device, Result, Tensor};
use candle_nn::ops::sigmoid;

use crate::Loss;

/// What the logits of some posts should be: `[posts, hashtags of the widest community]`, row by row.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    pub(super) width: usize,
    /// 1 for a hashtag of the post's own community, 0 for padding.
    pub(super) mask: Vec<u8>,
    /// 1 for a hashtag that the post carries.
    pub(super) carried: Vec<f32>,
    /// How much each position counts.
    pub(super) weights: Vec<f32>,
    /// What is added to each logit; empty for nothing.
    pub(super) shifts: Vec<f32>,
}

/// [`Labels`] on the device of the logits.
struct Targets {
    mask: Tensor,
    carried: Tensor,
    weights: Tensor,
    shifts: Option<Tensor>,
}

impl Labels {
    fn on(&self, device: &Device) -> Result<Targets> {
        let shape = (self.mask.len() / self.width.max(1), self.width);
        let tensor = |values: &[f32]| Tensor::from_slice(values, shape, device);
        Ok(Targets {
            mask: Tensor::from_slice(&self.mask, shape, device)?,
            carried: tensor(&self.carried)?,
            weights: tensor(&self.weights)?,
            shifts: (!self.shifts.is_empty()).then(|| tensor(&self.shifts)).transpose()?,
        })
    }
}

/// The sum of the losses of all posts. Padding adds nothing, whatever stands there, and its
/// gradient is exactly zero.
pub(super) fn masked_loss(loss: Loss, logits: &Tensor, labels: &Labels) -> Result<Tensor> {
    let Targets { mask, carried, weights, shifts } = labels.on(logits.device())?;
    let x = mask.where_cond(logits, &logits.zeros_like()?)?;
    let x = match shifts {
        Some(shifts) => (x + shifts)?,
        None => x,
    };
    let positions = match loss {
        Loss::Plain | Loss::CommunityBalanced { .. } | Loss::Dynamic { .. } => {
            binary_cross_entropy(&x, &carried)?
        }
        Loss::Asymmetric { gamma_pos, gamma_neg, clip } => {
            let present = (softplus(&x.neg()?, 1.0)? * faded(&x, gamma_pos)?)?;
            let absent = absent(&x, gamma_neg, clip)?;
            ((&carried * present)? + ((1.0 - &carried)? * absent)?)?
        }
        Loss::DistributionBalanced { lambda, .. } => {
            let present = softplus(&x.neg()?, 1.0)?;
            let absent = softplus(&x, lambda)?;
            ((&carried * present)? + ((1.0 - &carried)? * absent)?)?
        }
        Loss::Listwise => return listwise(&x, &mask, &carried, &weights),
    };
    over_hashtags(&mask.where_cond(&(positions * weights)?, &logits.zeros_like()?)?)?.sum_all()
}

/// The sum of every row, one hashtag after the other: columns of zeros at the end don't change a
/// bit of it.
fn over_hashtags(x: &Tensor) -> Result<Tensor> {
    x.t()?.sum(0)
}

/// ln(1 + e^λx) / λ, without overflow.
fn softplus(x: &Tensor, lambda: f64) -> Result<Tensor> {
    let rest = ((x.abs()? * -lambda)?.exp()? + 1.0)?.log()?;
    x.relu()? + (rest / lambda)?
}

/// −y ln p − (1 − y) ln(1 − p), for p = σ(x).
fn binary_cross_entropy(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    softplus(x, 1.0)? - (y * x)?
}

/// (1 − p)^γ.
fn faded(x: &Tensor, gamma: f64) -> Result<Tensor> {
    (softplus(x, 1.0)? * -gamma)?.exp()
}

/// −q^γ ln(1 − q), for q = max(p − clip, 0).
fn absent(x: &Tensor, gamma: f64, clip: f64) -> Result<Tensor> {
    if clip == 0.0 {
        // 1 − p may underflow where −ln(1 − p) is still an ordinary number.
        return softplus(x, 1.0)? * faded(&x.neg()?, gamma)?;
    }
    let p = sigmoid(x)?;
    // Powers of 0 have no slope: positions within the clip are left out, not computed.
    let within = p.le(clip)?;
    let q = within.where_cond(&p.ones_like()?.affine(0.0, 0.5)?, &(p - clip)?)?;
    let loss = (q.powf(gamma)? * (1.0 - &q)?.log()?.neg()?)?;
    within.where_cond(&loss.zeros_like()?, &loss)
}

/// Cross-entropy of the softmax over a row's own hashtags against equal shares for those that the
/// post carries; a row without any has no loss. The weight of a row is that of its first column.
fn listwise(x: &Tensor, mask: &Tensor, carried: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let nothing = (x.zeros_like()? + f64::NEG_INFINITY)?;
    let own = mask.where_cond(x, &nothing)?;
    let highest = own.max_keepdim(1)?.detach();
    let relative = own.broadcast_sub(&highest)?;
    let log_sum = over_hashtags(&relative.exp()?)?.log()?;
    let count = over_hashtags(carried)?;
    let shares = carried.broadcast_div(&count.maximum(1.0)?.unsqueeze(1)?)?;
    let relative = mask.where_cond(&relative, &x.zeros_like()?)?;
    let rows = (log_sum - over_hashtags(&(shares * relative)?)?)?;
    let weights = (weights.narrow(1, 0, 1)?.squeeze(1)? * count.minimum(1.0)?)?;
    (rows * weights)?.sum_all()
}

#[cfg(test)]
#[path = "loss_tests.rs"]
mod tests;
