//! BERT (Devlin et al., 2019) and DistilBERT (Sanh et al., 2019): the same encoder under other
//! names, layer normalisation after each half of a layer.

use std::ops::Range;

use super::{
    attention::Heads,
    config::{Config, Kind},
    kernels::{Activation, Linear, Norm, add_to},
    weights::{Tensor, Weights},
};
use crate::VectorizeError;

/// The encoder of BERT and DistilBERT.
pub(super) struct PostNorm {
    /// [vocabulary, width].
    words: Tensor,
    /// [positions, width].
    positions: Tensor,
    /// [types, width], of which the first row is used; BERT has it.
    token_types: Option<Tensor>,
    norm: Norm,
    layers: Vec<Layer>,
    heads: Heads,
    activation: Activation,
}

struct Layer {
    query_key_value: [Linear; 3],
    attention_out: Linear,
    attention_norm: Norm,
    inner: Linear,
    outer: Linear,
    norm: Norm,
}

/// What the parts of a layer are called.
struct Names {
    layer: &'static str,
    query_key_value: [&'static str; 3],
    attention_out: &'static str,
    attention_norm: &'static str,
    inner: &'static str,
    outer: &'static str,
    norm: &'static str,
}

const BERT: Names = Names {
    layer: "encoder.layer",
    query_key_value: ["attention.self.query", "attention.self.key", "attention.self.value"],
    attention_out: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    inner: "intermediate.dense",
    outer: "output.dense",
    norm: "output.LayerNorm",
};

const DISTILBERT: Names = Names {
    layer: "transformer.layer",
    query_key_value: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
    attention_out: "attention.out_lin",
    attention_norm: "sa_layer_norm",
    inner: "ffn.lin1",
    outer: "ffn.lin2",
    norm: "output_layer_norm",
};

/// A tensor that tells under which prefix a file keeps its names, and the prefixes in use.
pub(super) const PROBE: &str = "embeddings.word_embeddings.weight";
pub(super) const PREFIXES: [&str; 3] = ["", "bert.", "distilbert."];

impl PostNorm {
    pub(super) fn read(config: &Config, weights: &mut Weights) -> Result<Self, VectorizeError> {
        let width = config.width;
        let (names, token_types) = match config.kind {
            Kind::Bert { token_types } => (BERT, Some(token_types)),
            _ => (DISTILBERT, None),
        };
        let epsilon = config.epsilon;
        let words = weights.take(PROBE, &[config.vocabulary, width])?;
        let name = "embeddings.position_embeddings.weight";
        let positions = weights.take(name, &[config.positions, width])?;
        let name = "embeddings.token_type_embeddings.weight";
        let token_types = match token_types {
            Some(types) => Some(weights.take(name, &[types, width])?),
            None => None,
        };
        let norm = weights.norm("embeddings.LayerNorm", width, epsilon, true)?;
        let mut layers = Vec::new();
        for layer in 0..config.layers {
            let name = |part: &str| format!("{}.{layer}.{part}", names.layer);
            let mut linear = |part: &str, outputs: usize, inputs: usize| {
                weights.linear(&name(part), outputs, inputs, true)
            };
            let [q, k, v] = names.query_key_value;
            layers.push(Layer {
                query_key_value: [
                    linear(q, width, width)?,
                    linear(k, width, width)?,
                    linear(v, width, width)?,
                ],
                attention_out: linear(names.attention_out, width, width)?,
                inner: linear(names.inner, config.inner, width)?,
                outer: linear(names.outer, width, config.inner)?,
                attention_norm: weights.norm(&name(names.attention_norm), width, epsilon, true)?,
                norm: weights.norm(&name(names.norm), width, epsilon, true)?,
            });
        }
        let heads = Heads { width, heads: config.heads, window: None };
        let activation = config.activation;
        Ok(Self { words, positions, token_types, norm, layers, heads, activation })
    }

    /// The last hidden state of every token: `ids` of all texts, and where each text stands.
    pub(super) fn forward(&self, ids: &[u32], texts: &[Range<usize>]) -> Vec<f32> {
        let width = self.heads.width;
        let mut x = Vec::with_capacity(ids.len() * width);
        for &id in ids {
            let at = id as usize * width;
            x.extend_from_slice(&self.words[at..at + width]);
        }
        for text in texts {
            let rows = &mut x[text.start * width..text.end * width];
            add_to(rows, &self.positions[..rows.len()]);
        }
        if let Some(types) = &self.token_types {
            x.chunks_exact_mut(width).for_each(|row| add_to(row, &types[..width]));
        }
        self.norm.apply(&mut x);
        let mut qkv = vec![0.0; ids.len() * 3 * width];
        for layer in &self.layers {
            for (part, linear) in layer.query_key_value.iter().enumerate() {
                linear.apply_to(&x, &mut qkv, part * width, 3 * width);
            }
            let seen = layer.attention_out.apply(&self.heads.apply(texts, &qkv));
            add_to(&mut x, &seen);
            layer.attention_norm.apply(&mut x);
            let mut inner = layer.inner.apply(&x);
            self.activation.apply(&mut inner);
            add_to(&mut x, &layer.outer.apply(&inner));
            layer.norm.apply(&mut x);
        }
        x
    }
}
