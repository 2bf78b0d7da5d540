//! The encoder as one operation of the graph, for the CPU.
//!
//! candle shares every element-wise operation on 65,536 numbers or more among threads that wait for
//! each other by spinning, and adds each gradient to a tensor of zeros. A batch's tokens make such
//! tensors in every layer: layer by layer, an epoch takes about twelve times the CPU time, and
//! nearly four times where candle has one thread. One operation leaves two of them in the graph, the word
//! vectors and the parameters.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Storage, Tensor, bail};

use crate::{
    kernels::text::{self, Saved},
    sequences::Sequences,
    weights::{Layers, SHARED_TABLES},
};

/// (word vectors `[words, dim]`, the shared tables one after the other) → text vectors
/// `[posts, 2 · token]`.
pub(super) struct FusedEncoder {
    layers: Layers,
    sequences: Arc<Sequences>,
    /// Factors of the word vectors' values; none without dropout.
    dropout: Option<Vec<f32>>,
    /// What the backward pass needs from the forward pass.
    saved: OnceLock<Saved>,
}

/// The numbers of a contiguous tensor.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let all = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets().and_then(|(start, end)| all.get(start..end)) {
        Some(values) => Ok(values),
        None => bail!("the fused encoder needs contiguous tensors"),
    }
}

impl FusedEncoder {
    pub(super) fn new(
        layers: Layers,
        sequences: Arc<Sequences>,
        dropout: Option<Vec<f32>>,
    ) -> Self {
        Self { layers, sequences, dropout, saved: OnceLock::new() }
    }

    /// Word vectors, or their gradient, behind dropout.
    fn dropped<'a>(&self, words: &'a [f32]) -> Cow<'a, [f32]> {
        match &self.dropout {
            Some(factors) => words.iter().zip(factors).map(|(x, factor)| x * factor).collect(),
            None => words.into(),
        }
    }

    /// The shared tables in one slice of them all.
    fn tables<'a>(&self, mut all: &'a [f32]) -> [&'a [f32]; SHARED_TABLES] {
        self.layers.shared_shapes().map(|(rows, columns)| {
            let (table, rest) = all.split_at(rows * columns);
            all = rest;
            table
        })
    }

    /// The gradients of word vectors and shared tables.
    fn backward(&self, words: &[f32], shared: &[f32], grad: &[f32]) -> Result<[Vec<f32>; 2]> {
        let Some(saved) = self.saved.get() else { bail!("there was no forward pass") };
        let tables = self.tables(shared);
        let words = self.dropped(words);
        let grads = text::backward(self.layers, &self.sequences, &words, tables, grad, saved);
        let [of_words, of_shared @ ..] = grads;
        Ok([self.dropped(&of_words).into_owned(), of_shared.concat()])
    }
}

impl CustomOp2 for FusedEncoder {
    fn name(&self) -> &'static str {
        "encoder"
    }

    fn cpu_fwd(
        &self,
        words: &CpuStorage,
        words_layout: &Layout,
        shared: &CpuStorage,
        shared_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let words = self.dropped(values(words, words_layout)?);
        let tables = self.tables(values(shared, shared_layout)?);
        let (texts, saved) = text::forward(self.layers, &self.sequences, &words, tables);
        if self.saved.set(saved).is_err() {
            bail!("there was a forward pass before");
        }
        Ok((CpuStorage::F32(texts), (self.sequences.posts(), 2 * self.layers.token()).into()))
    }

    fn bwd(
        &self,
        words: &Tensor,
        shared: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let guards = [words, shared, &grad].map(Tensor::storage_and_layout);
        let mut slices = [&[][..]; 3];
        for (slice, (storage, layout)) in slices.iter_mut().zip(&guards) {
            let Storage::Cpu(storage) = &**storage else { bail!("the fused encoder needs a CPU") };
            *slice = values(storage, layout)?;
        }
        let [of_words, of_shared] = self.backward(slices[0], slices[1], slices[2])?;
        let like = |grad, tensor: &Tensor| Tensor::from_vec(grad, tensor.shape(), tensor.device());
        Ok((Some(like(of_words, words)?), Some(like(of_shared, shared)?)))
    }
}
