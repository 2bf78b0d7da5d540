//! The paper's net (figure 2): what the posts of a batch go through on their way to logits.
//!
//! ```text
//! words ─ embedding ─ BiLSTM ─┬─ self-attention ─(+)─ layer norm ─ mean ⊕ maximum ─┐
//!                             └───────────────────┘                                ├─ output layer
//! community ─ embedding ───────────────────────────────────────────────────────────┘  of the community
//! ```
//!
//! Tokens are packed (see [`Sequences`](crate::sequences::Sequences)): a layer that works on one
//! token at a time sees no padding, and the others mask it.

use std::collections::BTreeMap;

use candle_core::{Device, Result, Tensor, Var, bail};
use candle_nn::{Embedding, Linear, Module, ops::layer_norm_slow};

use super::{
    attention::SelfAttention,
    batch::{Batch, Padding},
    bilstm::BiLstm,
    fused::FusedEncoder,
    variables::Variables,
};
use crate::{
    kernels::norm::EPSILON,
    weights::{Layers, SHARED_TABLES},
};

/// The layers, as far as one batch needs them.
pub(super) struct Net {
    layers: Layers,
    /// The parameters that all posts share, table after table; the layers hold views of them.
    shared: Tensor,
    /// The vectors of the batch's distinct words: `[words, dim]`.
    words: Tensor,
    lstm: BiLstm,
    attention: SelfAttention,
    norm: LayerNorm,
    /// The vectors of the batch's communities.
    communities: Embedding,
    /// The output layers of those communities, each in parts side by side.
    heads: BTreeMap<usize, Vec<Linear>>,
}

/// Layer normalisation. candle's own layer has no gradient on its fast path.
struct LayerNorm {
    scale: Tensor,
    shift: Tensor,
}

/// Draws the factors of inverted dropout for that many values; `None` for no dropout.
pub(super) type Dropout<'a> = dyn FnMut(usize) -> Option<Vec<f32>> + 'a;

impl Net {
    /// A net that computes with, and is differentiated by, these variables.
    pub(super) fn new(layers: Layers, variables: &Variables) -> Result<Self> {
        let shared = variables.shared.as_tensor();
        let [lstm, lstm_bias, qkv, qkv_bias, out, out_bias, scale, shift] = tables(layers, shared)?;
        let head = |[weight, bias]: &[Var; 2]| {
            Linear::new(weight.as_tensor().clone(), Some(bias.as_tensor().clone()))
        };
        let communities = variables.communities.as_tensor().clone();
        Ok(Self {
            layers,
            shared: shared.clone(),
            words: variables.words.as_tensor().clone(),
            lstm: BiLstm { sizes: layers.lstm(), weight: lstm, bias: lstm_bias },
            attention: SelfAttention {
                heads: layers.heads,
                qkv: Linear::new(qkv, Some(qkv_bias)),
                out: Linear::new(out, Some(out_bias)),
            },
            norm: LayerNorm { scale, shift },
            communities: Embedding::new(communities, layers.community_dim),
            heads: variables
                .heads
                .iter()
                .map(|(&at, parts)| (at, parts.iter().map(head).collect()))
                .collect(),
        })
    }

    /// The logits of every post for the hashtags of its own community: [posts, hashtags of the
    /// widest community], padded on the right with zeros. The posts stand in the order of
    /// [`Batch::members`].
    pub(super) fn forward(&self, batch: &Batch, dropout: &mut Dropout<'_>) -> Result<Tensor> {
        let factors = dropout(self.words.elem_count());
        let texts = match batch.device {
            Device::Cpu => self.fused_texts(factors, batch)?,
            _ => self.texts(&drop_out(&self.words, factors)?, batch)?,
        };
        let communities = self.communities.forward(&batch.places)?;
        let joint = Tensor::cat(&[texts, communities], 1)?;
        let joint = drop_out(&joint, dropout(joint.elem_count()))?;
        let mut logits = Vec::with_capacity(self.heads.len());
        for (head, posts) in self.heads.values().zip(batch.members.values()) {
            let posts = Tensor::new(posts.as_slice(), &batch.device)?;
            let joint = joint.index_select(&posts, 0)?;
            let parts = head.iter().map(|part| part.forward(&joint)).collect::<Result<Vec<_>>>()?;
            logits.push(Tensor::cat(&parts, 1)?);
        }
        padded(&logits)
    }

    /// The text vectors of the posts: `[posts, 2 · token]`.
    pub(super) fn texts(&self, words: &Tensor, batch: &Batch) -> Result<Tensor> {
        let padding = batch.padding()?;
        let hidden = self.lstm.forward(words, &batch.sequences)?;
        let attended = self.attention.forward(&hidden, &padding)?;
        let tokens = self.norm.forward(&(hidden + attended)?)?;
        mean_and_maximum(&tokens, &padding)
    }

    /// [`texts`](Self::texts) behind dropout, as one operation on the CPU.
    pub(super) fn fused_texts(&self, dropout: Option<Vec<f32>>, batch: &Batch) -> Result<Tensor> {
        let fused = FusedEncoder::new(self.layers, batch.sequences.clone(), dropout);
        self.words.apply_op2(&self.shared, fused)
    }
}

/// The shared tables as views of one tensor of them all.
fn tables(layers: Layers, shared: &Tensor) -> Result<[Tensor; SHARED_TABLES]> {
    let mut start = 0;
    let mut tables = Vec::with_capacity(SHARED_TABLES);
    for (rows, columns) in layers.shared_shapes() {
        let table = shared.narrow(0, start, rows * columns)?;
        tables.push(if columns == 1 { table } else { table.reshape((rows, columns))? });
        start += rows * columns;
    }
    match tables.try_into() {
        Ok(tables) => Ok(tables),
        Err(_) => bail!("a shared table is missing"),
    }
}

impl Module for LayerNorm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        layer_norm_slow(x, &self.scale, &self.shift, EPSILON)
    }
}

fn drop_out(x: &Tensor, factors: Option<Vec<f32>>) -> Result<Tensor> {
    match factors {
        Some(factors) => x * Tensor::from_vec(factors, x.shape(), x.device())?,
        None => Ok(x.clone()),
    }
}

/// One below the other, padded with zeros to the widest.
fn padded(rows: &[Tensor]) -> Result<Tensor> {
    let mut widest = 0;
    for rows in rows {
        widest = widest.max(rows.dim(1)?);
    }
    let padded = rows.iter().map(|rows| rows.pad_with_zeros(1, 0, widest - rows.dim(1)?));
    Tensor::cat(&padded.collect::<Result<Vec<_>>>()?, 0)
}

/// The mean and the maximum of every post's tokens, side by side: `[tokens, width]` →
/// `[posts, 2 · width]`.
fn mean_and_maximum(tokens: &Tensor, padding: &Padding) -> Result<Tensor> {
    let x = padding.pad(tokens)?;
    let mask = padding.mask.unsqueeze(2)?.broadcast_as(x.shape())?;
    let zeros = x.zeros_like()?;
    let sum = mask.where_cond(&x, &zeros)?.sum(1)?;
    let mean = sum.broadcast_div(&padding.lengths)?;
    let maximum = mask.where_cond(&x, &(zeros + f64::NEG_INFINITY)?)?.max(1)?;
    Tensor::cat(&[mean, maximum], 1)
}

#[cfg(test)]
#[path = "net_tests.rs"]
mod tests;
