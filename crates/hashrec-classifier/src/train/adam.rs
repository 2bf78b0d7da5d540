//! AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019) on parts of tables.
//!
//! candle-nn's optimizer keeps its moments to itself and updates whole tables. An exact resume needs
//! the moments, and a step must touch no row that its batch doesn't.

use crate::kernels::simd::vectorized;

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// The numbers of one step that are the same for all values of one parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The learning rate with the bias of the first moment corrected.
    rate: f32,
    /// 1 / √(1 − β₂ᵗ): corrects the bias of the second moment.
    deviation: f32,
    /// What remains of a value after weight decay.
    keep: f32,
    /// Factor on the gradient, from clipping.
    scale: f32,
}

impl Step {
    /// The `count`-th step (from 1) of a parameter.
    pub(super) fn new(learning_rate: f64, weight_decay: f64, scale: f32, count: u64) -> Self {
        let corrected = |beta: f32| 1.0 - f64::from(beta).powf(count as f64);
        Self {
            rate: (learning_rate / corrected(BETA1)) as f32,
            deviation: (1.0 / corrected(BETA2).sqrt()) as f32,
            keep: (1.0 - learning_rate * weight_decay) as f32,
            scale,
        }
    }

    /// Updates values and moments; all four slices are of one length.
    pub(super) fn apply(
        self,
        values: &mut [f32],
        grad: &[f32],
        mean: &mut [f32],
        variance: &mut [f32],
    ) {
        vectorized(|| {
            let n = values.len();
            let (grad, mean, variance) = (&grad[..n], &mut mean[..n], &mut variance[..n]);
            for i in 0..n {
                let g = grad[i] * self.scale;
                mean[i] = BETA1 * mean[i] + (1.0 - BETA1) * g;
                variance[i] = BETA2 * variance[i] + (1.0 - BETA2) * g * g;
                let deviation = variance[i].sqrt() * self.deviation + EPSILON;
                values[i] = values[i] * self.keep - self.rate * mean[i] / deviation;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The textbook form, in f64.
    fn reference(grads: &[f64], rate: f64, decay: f64) -> f64 {
        let (mut x, mut m, mut v) = (1.0f64, 0.0f64, 0.0f64);
        for (t, g) in grads.iter().enumerate() {
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            let (mh, vh) =
                (m / (1.0 - 0.9f64.powi(t as i32 + 1)), v / (1.0 - 0.999f64.powi(t as i32 + 1)));
            x -= rate * decay * x + rate * mh / (vh.sqrt() + 1e-8);
        }
        x
    }

    #[test]
    fn steps_follow_the_textbook() {
        let grads = [0.5, -0.25, 3.0, 0.0, -1.0];
        let (mut values, mut mean, mut variance) = ([1.0f32; 3], [0.0; 3], [0.0; 3]);
        for (g, count) in grads.iter().zip(1..) {
            let step = Step::new(0.01, 0.1, 0.5, count);
            step.apply(&mut values, &[2.0 * *g as f32; 3], &mut mean, &mut variance);
        }
        for x in values {
            assert!((f64::from(x) - reference(&grads, 0.01, 0.1)).abs() < 1e-6);
        }
    }
}
