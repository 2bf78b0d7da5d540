//! One step: the gradients of a batch, on several threads, summed, clipped and applied.

use std::collections::btree_map::Entry;

use candle_core::Device;

use super::{
    batch::Batch,
    loss::masked_loss,
    net::Net,
    objective::Objective,
    parameters::{Blocks, Parameters, Update},
    posts::Posts,
    random::{Purpose, dropout, generator},
    variables::Variables,
};
use crate::{
    ClassifierError, ClassifierParams, kernels::simd::vectorized, sequences::Sequences,
    weights::TABLES,
};

/// The loss and the gradients of some posts of a batch.
#[derive(Default)]
pub(super) struct Gradients {
    pub(super) loss: f64,
    pub(super) tables: [Blocks; TABLES.len()],
}

/// What a step reads besides the parameters and the posts of its batch.
pub(super) struct Context<'a> {
    pub(super) posts: &'a Posts,
    pub(super) objective: &'a Objective,
    pub(super) params: &'a ClassifierParams,
    pub(super) device: &'a Device,
    /// Finished steps of the whole run.
    pub(super) step: u64,
}

impl Context<'_> {
    /// The loss and the gradients of a batch, computed by `params.threads` threads. Shares of the
    /// batch are summed in the order of their threads, so the result depends on how many there
    /// are, but not on which of them finishes first.
    pub(super) fn gradients(
        &self,
        parameters: &Parameters,
        batch: &[u32],
    ) -> Result<Gradients, ClassifierError> {
        let count = self.params.threads.clamp(1, batch.len().max(1));
        // Neighbours in a batch are of similar length: dealt out in turn, the shares are of equal
        // size.
        let share = |n: usize| batch.iter().copied().skip(n).step_by(count).collect::<Vec<u32>>();
        let of = |n: usize| self.share(parameters, &share(n), batch.len(), n as u64);
        let all: Vec<candle_core::Result<Gradients>> = std::thread::scope(|scope| {
            let of = &of;
            let others: Vec<_> = (1..count).map(|n| scope.spawn(move || of(n))).collect();
            let first = std::iter::once(Ok(of(0)));
            let joined = first.chain(others.into_iter().map(|other| other.join()));
            joined.collect::<Result<_, _>>().map_err(|_| ClassifierError::Worker)
        })?;
        let mut sum = Gradients::default();
        for gradients in all {
            sum.add(gradients?);
        }
        Ok(sum)
    }

    /// The loss of one share of a batch of `of_batch` posts, and its gradients.
    fn share(
        &self,
        parameters: &Parameters,
        share: &[u32],
        of_batch: usize,
        number: u64,
    ) -> candle_core::Result<Gradients> {
        let words: Vec<&[u32]> =
            share.iter().map(|&post| self.posts.words(post as usize)).collect();
        let sequences = Sequences::pack(&words);
        let packed: Vec<usize> = sequences.origin().iter().map(|&i| share[i] as usize).collect();
        let communities: Vec<usize> = packed.iter().map(|&i| self.posts.community(i)).collect();
        let batch = Batch::new(sequences, &communities, self.device)?;
        let variables = Variables::copy(parameters, &batch)?;
        let net = Net::new(parameters.layers, &variables)?;
        let rate = self.params.dropout;
        let mut random = generator(self.params.seed, Purpose::Dropout, self.step, number);
        let mut draw = |len: usize| (rate > 0.0).then(|| dropout(len, rate, &mut random));
        let logits = net.forward(&batch, &mut draw)?;
        let posts = batch
            .members
            .iter()
            .flat_map(|(&community, rows)| rows.iter().map(move |&row| (community, row as usize)));
        let gold = posts.map(|(community, row)| (community, self.posts.gold(packed[row])));
        let labels = self.objective.labels(gold, logits.dim(1)?);
        let loss = (masked_loss(self.objective.loss, &logits, &labels)? / of_batch as f64)?;
        let tables = variables.gradients(parameters, &batch, &loss.backward()?)?;
        Ok(Gradients { loss: f64::from(loss.to_scalar::<f32>()?), tables })
    }
}

impl Gradients {
    fn add(&mut self, other: Self) {
        self.loss += other.loss;
        for (blocks, more) in self.tables.iter_mut().zip(other.tables) {
            for (start, grad) in more {
                match blocks.entry(start) {
                    Entry::Vacant(entry) => drop(entry.insert(grad)),
                    Entry::Occupied(mut entry) => {
                        entry.get_mut().iter_mut().zip(grad).for_each(|(sum, value)| *sum += value);
                    }
                }
            }
        }
    }

    /// The Euclidean norm over all parameters.
    pub(super) fn norm(&self) -> f64 {
        self.tables.iter().flat_map(Blocks::values).map(|grad| squares(grad)).sum::<f64>().sqrt()
    }
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

/// Clips the gradients, whose Euclidean norm is `norm`, to `params.clip_norm` and applies AdamW.
pub(super) fn apply(
    parameters: &mut Parameters,
    gradients: &Gradients,
    norm: f64,
    params: &ClassifierParams,
    step: u64,
    epoch: usize,
) {
    let limit = f64::from(params.clip_norm);
    parameters.update(
        &gradients.tables,
        Update {
            learning_rate: learning_rate(params, step, epoch),
            weight_decay: f64::from(params.weight_decay),
            scale: if norm > limit { (limit / norm) as f32 } else { 1.0 },
            count: step + 1,
        },
    );
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
