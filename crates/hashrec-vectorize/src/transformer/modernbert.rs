//! ModernBERT (Warner et al., 2024): layer normalisation before each half of a layer, rotary
//! positions, gated dense layers, and attention to the neighbourhood in most layers.

use std::ops::Range;

use super::{
    attention::{Heads, Rotary},
    config::{Config, Kind},
    kernels::{Activation, Linear, Norm, add_to},
    weights::{Tensor, Weights},
};
use crate::VectorizeError;

/// The encoder of ModernBERT.
pub(super) struct ModernBert {
    /// [vocabulary, width].
    words: Tensor,
    embedding_norm: Norm,
    layers: Vec<Layer>,
    final_norm: Norm,
    heads: usize,
    width: usize,
    inner: usize,
    activation: Activation,
    window: usize,
    global_rotary: Rotary,
    local_rotary: Rotary,
}

struct Layer {
    /// Absent in the first layer, whose input is normalised already.
    attention_norm: Option<Norm>,
    query_key_value: Linear,
    attention_out: Linear,
    norm: Norm,
    gated: Linear,
    outer: Linear,
    local: bool,
}

/// A tensor that tells under which prefix a file keeps its names, and the prefixes in use.
pub(super) const PROBE: &str = "embeddings.tok_embeddings.weight";
pub(super) const PREFIXES: [&str; 2] = ["", "model."];

impl ModernBert {
    /// Reads the weights, for texts of up to `capacity` tokens.
    pub(super) fn read(
        config: &Config,
        weights: &mut Weights,
        capacity: usize,
    ) -> Result<Self, VectorizeError> {
        let (local, window, thetas) = match &config.kind {
            Kind::ModernBert { local, window, global_theta, local_theta } => {
                (local.as_slice(), *window, [*global_theta, *local_theta])
            }
            _ => (&[][..], 0, [1.0; 2]),
        };
        let (width, inner, epsilon) = (config.width, config.inner, config.epsilon);
        let words = weights.take(PROBE, &[config.vocabulary, width])?;
        let embedding_norm = weights.norm("embeddings.norm", width, epsilon, false)?;
        let mut layers = Vec::new();
        for (layer, &local) in local.iter().enumerate() {
            let name = |part: &str| format!("layers.{layer}.{part}");
            let attention_norm = match layer {
                0 => None,
                _ => Some(weights.norm(&name("attn_norm"), width, epsilon, false)?),
            };
            layers.push(Layer {
                attention_norm,
                query_key_value: weights.linear(&name("attn.Wqkv"), 3 * width, width, false)?,
                attention_out: weights.linear(&name("attn.Wo"), width, width, false)?,
                norm: weights.norm(&name("mlp_norm"), width, epsilon, false)?,
                gated: weights.linear(&name("mlp.Wi"), 2 * inner, width, false)?,
                outer: weights.linear(&name("mlp.Wo"), width, inner, false)?,
                local,
            });
        }
        let final_norm = weights.norm("final_norm", width, epsilon, false)?;
        let [global_rotary, local_rotary] =
            thetas.map(|theta| Rotary::new(theta, config.head_width(), capacity));
        Ok(Self {
            words,
            embedding_norm,
            layers,
            final_norm,
            heads: config.heads,
            width,
            inner,
            activation: config.activation,
            window,
            global_rotary,
            local_rotary,
        })
    }

    /// The last hidden state of every token: `ids` of all texts, and where each text stands.
    pub(super) fn forward(&self, ids: &[u32], texts: &[Range<usize>]) -> Vec<f32> {
        let width = self.width;
        let mut x = Vec::with_capacity(ids.len() * width);
        for &id in ids {
            let at = id as usize * width;
            x.extend_from_slice(&self.words[at..at + width]);
        }
        self.embedding_norm.apply(&mut x);
        for layer in &self.layers {
            let mut normed = x.clone();
            if let Some(norm) = &layer.attention_norm {
                norm.apply(&mut normed);
            }
            let mut qkv = layer.query_key_value.apply(&normed);
            let (rotary, window) = match layer.local {
                true => (&self.local_rotary, Some(self.window)),
                false => (&self.global_rotary, None),
            };
            rotary.apply(texts, &mut qkv, width);
            let seen = Heads { width, heads: self.heads, window }.apply(texts, &qkv);
            add_to(&mut x, &layer.attention_out.apply(&seen));
            normed.copy_from_slice(&x);
            layer.norm.apply(&mut normed);
            let gated = self.activation.apply_gated(&layer.gated.apply(&normed), self.inner);
            add_to(&mut x, &layer.outer.apply(&gated));
        }
        self.final_norm.apply(&mut x);
        x
    }
}
