//! Binary cross-entropy over padded labels.

use candle_core::{Result, Shape, bail};

use super::operation::Kernel;
use crate::kernels::simd::sigmoid;

/// What a post says about one column of its row of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// The column belongs to no hashtag of the post's community.
    Pad,
    /// The post doesn't carry the hashtag.
    No,
    /// It does.
    Yes,
}

/// Σ max(x, 0) − x·y + ln(1 + e^−|x|) over all unpadded positions, divided by `posts`: the stable
/// form of −ln σ(x) (y = 1) and −ln(1 − σ(x)) (y = 0). Padded positions add nothing, whatever
/// stands there, and their gradient is exactly zero.
pub(super) struct MaskedBce {
    /// One label per logit.
    pub(super) labels: Vec<Label>,
    /// The divisor: posts of the whole step, which may be more than those of this tensor.
    pub(super) posts: usize,
}

impl Kernel for MaskedBce {
    type Saved = ();
    const NAME: &'static str = "masked-bce";

    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, ())> {
        let [logits] = inputs else { bail!("expected one input") };
        if logits.len() != self.labels.len() {
            bail!("{} logits, but {} labels", logits.len(), self.labels.len());
        }
        let terms = logits.iter().zip(&self.labels).map(|(&x, &label)| {
            let x = f64::from(x);
            // `x.max(0.0)` would turn NaN into 0 and hide a diverged net.
            let positive = if x < 0.0 { 0.0 } else { x };
            match label {
                Label::Pad => 0.0,
                Label::No => positive + (-x.abs()).exp().ln_1p(),
                Label::Yes => positive - x + (-x.abs()).exp().ln_1p(),
            }
        });
        let loss = terms.sum::<f64>() / self.posts as f64;
        Ok((vec![loss as f32], Shape::from(()), ()))
    }

    fn backward(
        &self,
        inputs: &[&[f32]],
        _: &[f32],
        grad: &[f32],
        (): &(),
    ) -> Result<Vec<Vec<f32>>> {
        let ([logits], [grad]) = (inputs, grad) else { bail!("expected one input") };
        let grad = grad / self.posts as f32;
        let each = logits.iter().zip(&self.labels).map(|(&x, &label)| match label {
            Label::Pad => 0.0,
            Label::No => sigmoid(x) * grad,
            Label::Yes => (sigmoid(x) - 1.0) * grad,
        });
        Ok(vec![each.collect()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(logits: &[f32], labels: &[Label]) -> (f32, Vec<f32>) {
        let op = MaskedBce { labels: labels.to_vec(), posts: 1 };
        let (out, ..) = op.forward(&[logits]).unwrap();
        let grads = op.backward(&[logits], &out, &[1.0], &()).unwrap();
        (out[0], grads[0].clone())
    }

    #[test]
    fn is_the_definition_where_that_is_stable() {
        for x in [-5.0f32, -1.0, 0.0, 0.3, 4.0] {
            let p = 1.0 / (1.0 + (-x).exp());
            let (yes, grad) = loss(&[x], &[Label::Yes]);
            assert!((yes + p.ln()).abs() < 1e-5 && (grad[0] - (p - 1.0)).abs() < 1e-6);
            let (no, grad) = loss(&[x], &[Label::No]);
            assert!((no + (1.0 - p).ln()).abs() < 1e-5 && (grad[0] - p).abs() < 1e-6);
        }
    }

    #[test]
    fn is_finite_for_huge_logits_and_not_for_nan() {
        assert_eq!(loss(&[200.0], &[Label::No]).0, 200.0);
        assert_eq!(loss(&[-200.0], &[Label::Yes]).0, 200.0);
        assert_eq!(loss(&[3e38, -3e38], &[Label::Yes, Label::No]).0, 0.0);
        assert!(loss(&[f32::NAN], &[Label::No]).0.is_nan());
    }

    #[test]
    fn padding_has_exactly_no_loss_and_no_gradient() {
        let labels = [Label::Yes, Label::Pad, Label::No, Label::Pad];
        let (with, grads) = loss(&[0.5, 1e30, -2.0, f32::NAN], &labels);
        let (without, bare) = loss(&[0.5, -2.0], &[Label::Yes, Label::No]);
        assert_eq!(with, without);
        assert_eq!(grads, [bare[0], 0.0, bare[1], 0.0]);
    }
}
