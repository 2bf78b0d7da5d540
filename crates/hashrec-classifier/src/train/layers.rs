//! The parts of the net as differentiable operations.

use std::sync::Arc;

use candle_core::{Result, Shape, bail};

use super::operation::Kernel;
use crate::{
    kernels::{linear, text},
    sequences::Sequences,
    weights::{Layers, SHARED},
};

/// The encoder: (distinct word vectors, shared tables) → text vectors, [posts, 2 · token].
pub(super) struct Encode {
    pub(super) layers: Layers,
    pub(super) sequences: Arc<Sequences>,
    /// One factor per value of the word vectors; none without dropout.
    pub(super) dropout: Option<Vec<f32>>,
}

/// Word vectors behind dropout, and the encoder's own.
pub(super) struct SavedEncode {
    dropped: Option<Vec<f32>>,
    text: text::Saved,
}

fn product(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

fn shared<'a>(tables: &[&'a [f32]]) -> Result<[&'a [f32]; SHARED.len()]> {
    match tables.try_into() {
        Ok(tables) => Ok(tables),
        Err(_) => bail!("expected {} shared tables, found {}", SHARED.len(), tables.len()),
    }
}

impl Kernel for Encode {
    type Saved = SavedEncode;
    const NAME: &'static str = "encode";

    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, Self::Saved)> {
        let [x, tables @ ..] = inputs else { bail!("expected word vectors") };
        let dropped = self.dropout.as_ref().map(|factors| product(x, factors));
        let x = dropped.as_deref().unwrap_or(x);
        let (out, text) = text::forward(self.layers, &self.sequences, x, shared(tables)?);
        let shape = (self.sequences.posts(), 2 * self.layers.token());
        Ok((out, shape.into(), SavedEncode { dropped, text }))
    }

    fn backward(
        &self,
        inputs: &[&[f32]],
        _: &[f32],
        grad: &[f32],
        saved: &Self::Saved,
    ) -> Result<Vec<Vec<f32>>> {
        let [x, tables @ ..] = inputs else { bail!("expected word vectors") };
        let x = saved.dropped.as_deref().unwrap_or(x);
        let shared = shared(tables)?;
        let mut grads = text::backward(self.layers, &self.sequences, x, shared, grad, &saved.text);
        if let Some(factors) = &self.dropout {
            grads[0].iter_mut().zip(factors).for_each(|(grad, factor)| *grad *= factor);
        }
        Ok(grads.into())
    }
}

/// Dense layer: ([rows, inputs], [outputs, inputs], [outputs]) → [rows, outputs].
pub(super) struct Linear {
    pub(super) inputs: usize,
}

impl Kernel for Linear {
    type Saved = ();
    const NAME: &'static str = "linear";

    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, ())> {
        let [x, weight, bias] = inputs else { bail!("expected three inputs") };
        let out = linear::forward(x, weight, bias, self.inputs);
        Ok((out, (x.len() / self.inputs, bias.len()).into(), ()))
    }

    fn backward(
        &self,
        inputs: &[&[f32]],
        _: &[f32],
        grad: &[f32],
        (): &(),
    ) -> Result<Vec<Vec<f32>>> {
        let [x, weight, bias] = inputs else { bail!("expected three inputs") };
        Ok(linear::backward(x, weight, bias.len(), self.inputs, grad).into())
    }
}
