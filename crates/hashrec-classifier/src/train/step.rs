//! One step: gradients of a batch, on several threads, summed, clipped and applied.

use super::{
    adam::Step,
    graph::{Draw, Gradients, RowGrads, gradients},
    objective::Objective,
    parameters::Parameters,
    posts::Posts,
};
use crate::{ClassifierError, ClassifierParams, kernels::simd::vectorized};

/// The loss and the gradients of a batch, computed by `params.threads` threads. Shares of the
/// batch are summed in the order of their threads, so the result depends on how many there are,
/// but not on which of them finishes first.
pub(super) fn batch_gradients(
    parameters: &Parameters,
    posts: &Posts,
    objective: &Objective,
    batch: &[u32],
    params: &ClassifierParams,
    step: u64,
) -> Result<Gradients, ClassifierError> {
    let count = params.threads.clamp(1, batch.len().max(1));
    // Neighbours in a batch are of similar length: dealt out in turn, the shares are of equal size.
    let shard = |n: usize| batch.iter().copied().skip(n).step_by(count).collect::<Vec<u32>>();
    let of = |n: usize| {
        let draw = Draw { seed: params.seed, step, shard: n as u64, dropout: params.dropout };
        gradients(parameters, posts, objective, &shard(n), batch.len(), draw)
    };
    let all: Vec<Result<Gradients, ClassifierError>> = std::thread::scope(|scope| {
        let of = &of;
        let others: Vec<_> = (1..count).map(|n| scope.spawn(move || of(n))).collect();
        let first = of(0).map_err(ClassifierError::from);
        let others = others.into_iter().map(|other| match other.join() {
            Ok(result) => result.map_err(ClassifierError::from),
            Err(_) => Err(ClassifierError::Worker),
        });
        std::iter::once(first).chain(others).collect()
    });
    let mut all = all.into_iter();
    let Some(first) = all.next() else { return Err(ClassifierError::Worker) };
    all.try_fold(first?, |sum, next| Ok(add(sum, next?, parameters)))
}

fn add(mut sum: Gradients, next: Gradients, parameters: &Parameters) -> Gradients {
    let add = |sum: &mut Vec<f32>, next: &[f32]| {
        sum.iter_mut().zip(next).for_each(|(sum, value)| *sum += value);
    };
    sum.loss += next.loss;
    sum.words = merge(&sum.words, &next.words, parameters.words.width);
    sum.communities = merge(&sum.communities, &next.communities, parameters.communities.width);
    sum.shared.iter_mut().zip(&next.shared).for_each(|(sum, next)| add(sum, next));
    for (community, [weight, bias]) in next.heads {
        match sum.heads.get_mut(&community) {
            Some(old) => {
                add(&mut old[0], &weight);
                add(&mut old[1], &bias);
            }
            None => {
                sum.heads.insert(community, [weight, bias]);
            }
        }
    }
    sum
}

/// The sum of the gradients of two sets of rows, both rising.
fn merge(a: &RowGrads, b: &RowGrads, width: usize) -> RowGrads {
    let mut rows = Vec::with_capacity(a.rows.len() + b.rows.len());
    let mut grad = Vec::with_capacity(a.grad.len() + b.grad.len());
    let (mut i, mut j) = (0, 0);
    while i < a.rows.len() || j < b.rows.len() {
        let (left, right) = (a.rows.get(i), b.rows.get(j));
        let from_a = right.is_none_or(|right| left.is_some_and(|left| left <= right));
        let from_b = left.is_none_or(|left| right.is_some_and(|right| right <= left));
        let row = if from_a { left } else { right };
        rows.extend(row.copied());
        let start = grad.len();
        if from_a {
            grad.extend_from_slice(&a.grad[i * width..][..width]);
            i += 1;
        }
        if from_b {
            let row = &b.grad[j * width..][..width];
            if from_a {
                grad[start..].iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            } else {
                grad.extend_from_slice(row);
            }
            j += 1;
        }
    }
    RowGrads { rows, grad }
}

/// The sum of squares, in f64 and in eight running sums so that it vectorises.
fn squares(values: &[f32]) -> f64 {
    vectorized(|| {
        let mut sums = [0.0f64; 8];
        let chunks = values.chunks_exact(8);
        let rest: f64 = chunks.remainder().iter().map(|&v| f64::from(v) * f64::from(v)).sum();
        for chunk in chunks {
            for (sum, &value) in sums.iter_mut().zip(chunk) {
                *sum += f64::from(value) * f64::from(value);
            }
        }
        sums.iter().sum::<f64>() + rest
    })
}

impl Gradients {
    /// The Euclidean norm over all parameters.
    pub(super) fn norm(&self) -> f64 {
        let rows = squares(&self.words.grad) + squares(&self.communities.grad);
        let shared: f64 = self.shared.iter().map(|grad| squares(grad)).sum();
        let heads: f64 = self.heads.values().flatten().map(|grad| squares(grad)).sum();
        (rows + shared + heads).sqrt()
    }
}

/// The learning rate of a step (`step` from 0 over the whole training, `epoch` from 0): linear
/// warm-up, constant, then geometric decay by epoch.
pub(super) fn learning_rate(params: &ClassifierParams, step: u64, epoch: usize) -> f64 {
    let warm = match params.warmup {
        0 => 1.0,
        warmup => ((step + 1) as f64 / warmup as f64).min(1.0),
    };
    let epochs = epoch.saturating_sub(params.decay_after);
    f64::from(params.learning_rate) * warm * f64::from(params.decay).powf(epochs as f64)
}

/// Clips the gradients, whose Euclidean norm is `norm`, to `params.clip_norm` and applies AdamW to
/// what they touch, and nothing else: variables of absent communities and rows of absent words
/// stay as they are, bit by bit.
pub(super) fn apply(
    parameters: &mut Parameters,
    gradients: &Gradients,
    norm: f64,
    params: &ClassifierParams,
    step: u64,
    epoch: usize,
) -> Result<(), ClassifierError> {
    let limit = f64::from(params.clip_norm);
    let scale = if norm > limit { (limit / norm) as f32 } else { 1.0 };
    let rate = learning_rate(params, step, epoch);
    let decay = f64::from(params.weight_decay);
    // Biases and normalisation aren't decayed: pulling them to zero regularises nothing.
    let decay_of = |dims: usize| if dims > 1 { decay } else { 0.0 };
    for (trained, grad) in parameters.shared.iter_mut().zip(&gradients.shared) {
        trained.update(grad, rate, decay_of(trained.var.dims().len()), scale)?;
    }
    for (&community, [weight, bias]) in &gradients.heads {
        if let Some(head) = parameters.heads.get_mut(community) {
            head.weight.update(weight, rate, decay, scale)?;
            head.bias.update(bias, rate, 0.0, scale)?;
        }
    }
    let rows = Step::new(rate, 0.0, scale, step + 1);
    parameters.words.update(&gradients.words.rows, &gradients.words.grad, rows);
    parameters.communities.update(&gradients.communities.rows, &gradients.communities.grad, rows);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_adds_common_rows_and_keeps_the_others() {
        let a = RowGrads { rows: vec![1, 3, 5], grad: vec![1.0, 1.0, 3.0, 3.0, 5.0, 5.0] };
        let b = RowGrads { rows: vec![0, 3, 9], grad: vec![0.5, 0.5, 0.25, 0.25, 9.0, 9.0] };
        let sum = merge(&a, &b, 2);
        assert_eq!(sum.rows, [0, 1, 3, 5, 9]);
        assert_eq!(sum.grad, [0.5, 0.5, 1.0, 1.0, 3.25, 3.25, 5.0, 5.0, 9.0, 9.0]);
        let none = RowGrads { rows: vec![], grad: vec![] };
        assert_eq!(merge(&none, &b, 2).grad, b.grad);
        assert_eq!(merge(&a, &none, 2).rows, a.rows);
    }

    #[test]
    fn the_rate_rises_then_holds_then_falls() {
        let params = ClassifierParams::default().with_learning_rate(0.25).with_decay(0.5);
        assert_eq!(learning_rate(&params, 0, 0), 0.0025);
        assert_eq!(learning_rate(&params, 99, 0), 0.25);
        assert_eq!(learning_rate(&params, 5000, 4), 0.25);
        assert_eq!(learning_rate(&params, 5000, 6), 0.0625);
        assert_eq!(learning_rate(&params.with_warmup(0), 0, 0), 0.25);
    }
}
