//! The self-attention of the net.

use candle_core::{D, Result, Tensor};
use candle_nn::{Linear, Module, ops::softmax};

use super::batch::Padding;

/// Multi-head self-attention inside every post.
pub(super) struct SelfAttention {
    pub(super) heads: usize,
    /// Queries, keys and values side by side: `[width]` → `[3 · width]`.
    pub(super) qkv: Linear,
    pub(super) out: Linear,
}

impl SelfAttention {
    /// `[tokens, width]` → `[tokens, width]`.
    pub(super) fn forward(&self, x: &Tensor, padding: &Padding) -> Result<Tensor> {
        self.out.forward(&attend(&self.qkv.forward(x)?, self.heads, padding)?)
    }
}

/// softmax(Q · Kᵀ / √width) · V, head by head: `[tokens, 3 · width]` → `[tokens, width]`.
fn attend(qkv: &Tensor, heads: usize, padding: &Padding) -> Result<Tensor> {
    let (posts, longest) = padding.mask.dims2()?;
    let width = qkv.dim(1)? / 3;
    // [3, posts, heads, longest, head width]
    let parts = padding
        .pad(qkv)?
        .reshape((posts, longest, 3, heads, width / heads))?
        .permute((2, 0, 3, 1, 4))?
        .contiguous()?;
    let (q, k, v) = (parts.get(0)?, parts.get(1)?, parts.get(2)?);
    let scores = (q.matmul(&k.t()?.contiguous()?)? / ((width / heads) as f64).sqrt())?;
    let mask = padding.mask.reshape((posts, 1, 1, longest))?.broadcast_as(scores.shape())?;
    let nowhere = (scores.zeros_like()? + f64::NEG_INFINITY)?;
    let weights = softmax(&mask.where_cond(&scores, &nowhere)?, D::Minus1)?;
    let attended = weights.matmul(&v)?.transpose(1, 2)?.contiguous()?;
    padding.unpad(&attended.reshape((posts, longest, width))?)
}
