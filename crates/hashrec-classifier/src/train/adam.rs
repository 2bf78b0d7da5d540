//! AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019) on slices and on variables.
//!
//! Our own, because an exact resume needs the moments, a community's head must stay untouched while
//! its community is absent, and word vectors must be updated by row.

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, Var, bail};

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

/// A variable with its moments and the number of its steps.
#[derive(Debug)]
pub(super) struct Trained {
    pub(super) var: Var,
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
    pub(super) steps: u64,
}

impl Trained {
    /// A variable that has not been updated yet.
    pub(super) fn new(var: Var) -> Self {
        let n = var.elem_count();
        Self { var, mean: vec![0.0; n], variance: vec![0.0; n], steps: 0 }
    }

    /// One step in place.
    pub(super) fn update(
        &mut self,
        grad: &[f32],
        learning_rate: f64,
        weight_decay: f64,
        scale: f32,
    ) -> Result<()> {
        self.steps += 1;
        let step = Step::new(learning_rate, weight_decay, scale, self.steps);
        let op = InPlace {
            step,
            grad,
            moments: std::sync::Mutex::new((&mut self.mean, &mut self.variance)),
        };
        self.var.as_tensor().inplace_op1(&op)
    }
}

/// The update of a variable as candle's in-place operation.
struct InPlace<'a> {
    step: Step,
    grad: &'a [f32],
    // The operation is handed over by shared reference.
    moments: std::sync::Mutex<(&'a mut Vec<f32>, &'a mut Vec<f32>)>,
}

impl InplaceOp1 for InPlace<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(all) = storage else { bail!("adamw: expected f32") };
        let range = layout.contiguous_offsets();
        let Some(values) = range.and_then(|(start, end)| all.get_mut(start..end)) else {
            bail!("adamw: expected a contiguous variable")
        };
        if values.len() != self.grad.len() {
            bail!("adamw: {} values, but a gradient of {}", values.len(), self.grad.len());
        }
        let mut moments = self.moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (mean, variance) = &mut *moments;
        self.step.apply(values, self.grad, mean, variance);
        Ok(())
    }
}

/// A table of vectors of which a step touches few rows: only those are read and updated.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) width: usize,
    pub(super) values: Vec<f32>,
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
}

impl Rows {
    /// Rows that have not been updated yet.
    pub(super) fn new(width: usize, values: Vec<f32>) -> Self {
        let n = values.len();
        Self { width, values, mean: vec![0.0; n], variance: vec![0.0; n] }
    }

    /// A copy of the rows with these numbers, one after the other.
    pub(super) fn gather(&self, rows: impl ExactSizeIterator<Item = usize>) -> Vec<f32> {
        let mut out = Vec::with_capacity(rows.len() * self.width);
        rows.for_each(|row| out.extend_from_slice(&self.values[row * self.width..][..self.width]));
        out
    }

    /// One step of the rows with these numbers; `grad` holds their gradients one after the other.
    pub(super) fn update(&mut self, rows: &[u32], grad: &[f32], step: Step) {
        for (&row, grad) in rows.iter().zip(grad.chunks_exact(self.width)) {
            let at = row as usize * self.width..(row as usize + 1) * self.width;
            step.apply(
                &mut self.values[at.clone()],
                grad,
                &mut self.mean[at.clone()],
                &mut self.variance[at],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

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
    fn variables_follow_the_textbook() {
        let grads = [0.5, -0.25, 3.0, 0.0, -1.0];
        let var = Var::from_vec(vec![1.0f32; 3], 3, &Device::Cpu).unwrap();
        let mut trained = Trained::new(var.clone());
        for g in grads {
            trained.update(&[2.0 * g as f32; 3], 0.01, 0.1, 0.5).unwrap();
        }
        for x in var.to_vec1::<f32>().unwrap() {
            assert!((f64::from(x) - reference(&grads, 0.01, 0.1)).abs() < 1e-6);
        }
        assert_eq!(trained.steps, 5);
    }

    #[test]
    fn rows_that_are_not_named_stay_as_they_are() {
        let mut rows = Rows::new(2, vec![1.0; 8]);
        rows.update(&[1, 3], &[0.5, 0.5, -0.5, -0.5], Step::new(0.01, 0.0, 1.0, 1));
        assert_eq!(rows.gather([0, 2].into_iter()), [1.0; 4]);
        for (x, want) in rows.gather([1, 3].into_iter()).iter().zip([0.99, 0.99, 1.01, 1.01]) {
            assert!((x - want).abs() < 1e-6);
        }
        assert_eq!(rows.mean[0], 0.0);
    }
}
