//! The encoder's layers one by one as operations, for tests.

use std::sync::Arc;

use candle_core::{Result, Shape, bail};

use super::operation::Kernel;
use crate::{
    kernels::{attention, lstm, norm, pool},
    sequences::Sequences,
};

/// Bidirectional LSTM: (distinct word vectors, weights, bias) → [tokens, 2H].
pub(super) struct BiLstm {
    pub(super) lstm: lstm::Lstm,
    pub(super) sequences: Arc<Sequences>,
}

impl Kernel for BiLstm {
    type Saved = lstm::Saved;
    const NAME: &'static str = "bidirectional-lstm";

    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, Self::Saved)> {
        let [x, weight, bias] = inputs else { bail!("expected three inputs") };
        let (out, saved) = self.lstm.forward(&self.sequences, x, weight, bias);
        Ok((out, (self.sequences.tokens(), 2 * self.lstm.hidden).into(), saved))
    }

    fn backward(
        &self,
        inputs: &[&[f32]],
        output: &[f32],
        grad: &[f32],
        saved: &Self::Saved,
    ) -> Result<Vec<Vec<f32>>> {
        let [x, weight, _] = inputs else { bail!("expected three inputs") };
        Ok(self.lstm.backward(&self.sequences, x, weight, output, grad, saved).into())
    }
}

/// Multi-head self-attention: [tokens, 3 · width] → [tokens, width].
pub(super) struct Attention {
    pub(super) width: usize,
    pub(super) heads: usize,
    pub(super) sequences: Arc<Sequences>,
}

impl Kernel for Attention {
    type Saved = attention::Saved;
    const NAME: &'static str = "self-attention";

    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, Self::Saved)> {
        let [qkv] = inputs else { bail!("expected one input") };
        let (out, saved) = attention::forward(&self.sequences, qkv, self.width, self.heads);
        Ok((out, (self.sequences.tokens(), self.width).into(), saved))
    }

    fn backward(
        &self,
        inputs: &[&[f32]],
        _: &[f32],
        grad: &[f32],
        saved: &Self::Saved,
    ) -> Result<Vec<Vec<f32>>> {
        let [qkv] = inputs else { bail!("expected one input") };
        let dqkv = attention::backward(&self.sequences, qkv, self.width, self.heads, grad, saved);
        Ok(vec![dqkv])
    }
}

/// Layer normalisation: ([rows, width], scale [width], shift [width]) → [rows, width].
pub(super) struct Norm;

impl Kernel for Norm {
    type Saved = norm::Saved;
    const NAME: &'static str = "layer-norm";

    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, Self::Saved)> {
        let [x, scale, shift] = inputs else { bail!("expected three inputs") };
        let (out, saved) = norm::forward(x, scale, shift);
        Ok((out, (x.len() / scale.len(), scale.len()).into(), saved))
    }

    fn backward(
        &self,
        inputs: &[&[f32]],
        _: &[f32],
        grad: &[f32],
        saved: &Self::Saved,
    ) -> Result<Vec<Vec<f32>>> {
        let [_, scale, _] = inputs else { bail!("expected three inputs") };
        Ok(norm::backward(scale, grad, saved).into())
    }
}

/// Mean and maximum of every post's tokens: [tokens, width] → [posts, 2 · width].
pub(super) struct Pool {
    pub(super) width: usize,
    pub(super) sequences: Arc<Sequences>,
}

impl Kernel for Pool {
    type Saved = pool::Saved;
    const NAME: &'static str = "mean-max-pool";

    fn forward(&self, inputs: &[&[f32]]) -> Result<(Vec<f32>, Shape, Self::Saved)> {
        let [x] = inputs else { bail!("expected one input") };
        let (out, saved) = pool::forward(&self.sequences, x, self.width);
        Ok((out, (self.sequences.posts(), 2 * self.width).into(), saved))
    }

    fn backward(
        &self,
        _: &[&[f32]],
        _: &[f32],
        grad: &[f32],
        saved: &Self::Saved,
    ) -> Result<Vec<Vec<f32>>> {
        Ok(vec![pool::backward(&self.sequences, self.width, grad, saved)])
    }
}
