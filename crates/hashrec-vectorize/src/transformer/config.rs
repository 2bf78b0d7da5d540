//! `config.json`: the architecture and its sizes.

use candle_nn::Activation;
use candle_transformers::models::{bert, modernbert, xlm_roberta};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::files::{CONFIG, TransformerFiles};
use crate::VectorizeError;

/// A supported architecture, by its `model_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Architecture {
    Bert,
    #[serde(rename = "distilbert")]
    DistilBert,
    #[serde(rename = "modernbert")]
    ModernBert,
    XlmRoberta,
}

/// The fields of `config.json` that change the result. The aliases are DistilBERT's names.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    #[serde(rename = "model_type")]
    pub(super) architecture: Architecture,
    #[serde(rename = "vocab_size")]
    pub(super) vocabulary: usize,
    #[serde(rename = "hidden_size", alias = "dim")]
    pub(super) width: usize,
    #[serde(rename = "num_hidden_layers", alias = "n_layers")]
    pub(super) layers: usize,
    #[serde(rename = "num_attention_heads", alias = "n_heads")]
    heads: usize,
    #[serde(rename = "intermediate_size", alias = "hidden_dim")]
    inner: usize,
    #[serde(rename = "max_position_embeddings")]
    positions: usize,
    #[serde(alias = "activation", alias = "hidden_activation", default)]
    hidden_act: Activation,
    #[serde(rename = "pad_token_id", default)]
    pub(super) padding: u32,
    #[serde(rename = "sep_token_id")]
    pub(super) separator: Option<u32>,
    layer_norm_eps: Option<f64>,
    type_vocab_size: Option<usize>,
    position_embedding_type: Option<String>,
    // ModernBERT only.
    norm_eps: Option<f64>,
    local_attention: Option<usize>,
    global_attn_every_n_layers: Option<usize>,
    layer_types: Option<Vec<Attention>>,
    global_rope_theta: Option<f64>,
    local_rope_theta: Option<f64>,
    #[serde(default)]
    rope_parameters: RopeParameters,
    rope_scaling: Option<Value>,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    #[serde(default)]
    norm_bias: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
enum Attention {
    #[serde(rename = "full_attention")]
    Global,
    #[serde(rename = "sliding_attention")]
    Local,
}

#[derive(Debug, Default, Deserialize)]
struct RopeParameters {
    #[serde(rename = "full_attention")]
    global: Option<Rope>,
    #[serde(rename = "sliding_attention")]
    local: Option<Rope>,
}

#[derive(Debug, Deserialize)]
struct Rope {
    rope_type: Option<String>,
    rope_theta: Option<f64>,
}

impl Config {
    /// Reads and checks the file. Sizes are limited, so that nothing absurd is allocated.
    pub(super) fn read(files: &TransformerFiles) -> Result<Self, VectorizeError> {
        let mut fields: Map<String, Value> = files.json(CONFIG)?;
        fields.retain(|_, value| !value.is_null());
        let config: Self = serde_json::from_value(fields.into())
            .map_err(|error| VectorizeError::model_file(CONFIG, error))?;
        config.check()?;
        Ok(config)
    }

    /// The longest text in tokens, special tokens included.
    pub(super) fn capacity(&self) -> usize {
        match self.architecture {
            // Positions are counted from behind the padding token's.
            Architecture::XlmRoberta => {
                self.positions.saturating_sub(self.padding as usize).saturating_sub(1)
            }
            _ => self.positions,
        }
    }

    fn check(&self) -> Result<(), VectorizeError> {
        for (field, found, most) in [
            ("vocab_size", self.vocabulary, 1 << 24),
            ("hidden_size", self.width, 1 << 14),
            ("num_hidden_layers", self.layers, 1 << 9),
            ("num_attention_heads", self.heads, 1 << 14),
            ("intermediate_size", self.inner, 1 << 16),
            ("max_position_embeddings", self.positions, 1 << 20),
            ("type_vocab_size", self.token_types(), 1 << 10),
            ("local_attention", self.window(), 1 << 20),
            ("global_attn_every_n_layers", self.global_every(), 1 << 20),
        ] {
            require((1..=most).contains(&found), self.name(field), found, &format!("1 to {most}"))?;
        }
        let heads = self.heads;
        require(
            self.width.is_multiple_of(heads),
            self.name("num_attention_heads"),
            heads,
            "a divisor of the width",
        )?;
        let inside = (self.padding as usize) < self.vocabulary;
        require(inside, "pad_token_id", self.padding, "a token of the vocabulary")?;
        let position = self.position_embedding_type.as_deref().unwrap_or("absolute");
        require(position == "absolute", "position_embedding_type", position, "absolute")?;
        let epsilon = self.epsilon();
        require((0.0..=1.0).contains(&epsilon), "layer_norm_eps", epsilon, "0 to 1")?;
        match self.architecture {
            Architecture::ModernBert => self.check_modernbert(),
            _ => self.bert_activation().map(drop),
        }
    }

    /// Refuses variants of ModernBERT that candle-transformers does not compute.
    fn check_modernbert(&self) -> Result<(), VectorizeError> {
        let gelu = self.hidden_act == Activation::Gelu;
        require(gelu, "hidden_activation", format!("{:?}", self.hidden_act), "gelu")?;
        require(
            self.width.is_multiple_of(2 * self.heads),
            "num_attention_heads",
            self.heads,
            "a divisor of half the width",
        )?;
        for (field, bias) in [
            ("attention_bias", self.attention_bias),
            ("mlp_bias", self.mlp_bias),
            ("norm_bias", self.norm_bias),
        ] {
            require(!bias, field, bias, "false")?;
        }
        require(self.rope_scaling.is_none(), "rope_scaling", "set", "null")?;
        for rope in
            [&self.rope_parameters.global, &self.rope_parameters.local].into_iter().flatten()
        {
            let kind = rope.rope_type.as_deref().unwrap_or("default");
            require(kind == "default", "rope_parameters", kind, "rope_type \"default\"")?;
        }
        for (field, theta) in
            [("global_rope_theta", self.global_theta()), ("local_rope_theta", self.local_theta())]
        {
            require(theta.is_finite() && theta >= 1.0, field, theta, "a number from 1")?;
        }
        let Some(types) = &self.layer_types else { return Ok(()) };
        let every = self.global_every();
        let regular = types.len() == self.layers
            && types
                .iter()
                .enumerate()
                .all(|(layer, kind)| (*kind == Attention::Global) == layer.is_multiple_of(every));
        let found = format!("{types:?}");
        require(regular, "layer_types", found, "one for each layer, every n-th of them global")
    }

    fn token_types(&self) -> usize {
        match self.architecture {
            Architecture::DistilBert => 1,
            _ => self.type_vocab_size.unwrap_or(2),
        }
    }

    fn window(&self) -> usize {
        self.local_attention.unwrap_or(128)
    }

    /// The distance between layers with global attention; the first layer is one.
    fn global_every(&self) -> usize {
        match &self.layer_types {
            Some(types) => {
                let second = types.iter().skip(1).position(|&kind| kind == Attention::Global);
                second.map_or(types.len().max(1), |between| between + 1)
            }
            None => self.global_attn_every_n_layers.unwrap_or(3),
        }
    }

    fn epsilon(&self) -> f64 {
        match self.architecture {
            Architecture::ModernBert => self.norm_eps.unwrap_or(1e-5),
            Architecture::DistilBert => 1e-12,
            _ => self.layer_norm_eps.unwrap_or(1e-12),
        }
    }

    fn global_theta(&self) -> f64 {
        let theta = self.rope_parameters.global.as_ref().and_then(|rope| rope.rope_theta);
        theta.or(self.global_rope_theta).unwrap_or(160_000.0)
    }

    fn local_theta(&self) -> f64 {
        let theta = self.rope_parameters.local.as_ref().and_then(|rope| rope.rope_theta);
        theta.or(self.local_rope_theta).unwrap_or(10_000.0)
    }

    fn bert_activation(&self) -> Result<bert::HiddenAct, VectorizeError> {
        match self.hidden_act {
            Activation::Gelu => Ok(bert::HiddenAct::Gelu),
            Activation::NewGelu | Activation::GeluPytorchTanh => {
                Ok(bert::HiddenAct::GeluApproximate)
            }
            Activation::Relu => Ok(bert::HiddenAct::Relu),
            other => {
                Err(value(self.name("hidden_act"), format!("{other:?}"), "gelu, gelu_new or relu"))
            }
        }
    }

    /// What the file calls a field.
    fn name(&self, field: &'static str) -> &'static str {
        match (self.architecture, field) {
            (Architecture::DistilBert, "hidden_size") => "dim",
            (Architecture::DistilBert, "num_hidden_layers") => "n_layers",
            (Architecture::DistilBert, "num_attention_heads") => "n_heads",
            (Architecture::DistilBert, "intermediate_size") => "hidden_dim",
            (Architecture::DistilBert, "hidden_act") => "activation",
            _ => field,
        }
    }

    /// BERT; and DistilBERT, which is a BERT without token types.
    pub(super) fn bert(&self) -> Result<bert::Config, VectorizeError> {
        Ok(bert::Config {
            vocab_size: self.vocabulary,
            hidden_size: self.width,
            num_hidden_layers: self.layers,
            num_attention_heads: self.heads,
            intermediate_size: self.inner,
            hidden_act: self.bert_activation()?,
            max_position_embeddings: self.positions,
            type_vocab_size: self.token_types(),
            layer_norm_eps: self.epsilon(),
            model_type: None,
            ..bert::Config::default()
        })
    }

    /// ModernBERT for texts of up to `capacity` tokens.
    pub(super) fn modernbert(&self, capacity: usize) -> modernbert::Config {
        modernbert::Config {
            vocab_size: self.vocabulary,
            hidden_size: self.width,
            num_hidden_layers: self.layers,
            num_attention_heads: self.heads,
            intermediate_size: self.inner,
            max_position_embeddings: capacity,
            layer_norm_eps: self.epsilon(),
            pad_token_id: self.padding,
            global_attn_every_n_layers: self.global_every(),
            global_rope_theta: self.global_theta(),
            local_attention: self.window(),
            local_rope_theta: self.local_theta(),
            classifier_config: None,
        }
    }

    pub(super) fn xlm_roberta(&self) -> xlm_roberta::Config {
        xlm_roberta::Config {
            hidden_size: self.width,
            layer_norm_eps: self.epsilon(),
            attention_probs_dropout_prob: 0.0,
            hidden_dropout_prob: 0.0,
            num_attention_heads: self.heads,
            position_embedding_type: "absolute".to_owned(),
            intermediate_size: self.inner,
            hidden_act: self.hidden_act,
            num_hidden_layers: self.layers,
            vocab_size: self.vocabulary,
            max_position_embeddings: self.positions,
            type_vocab_size: self.token_types(),
            pad_token_id: self.padding,
        }
    }
}

fn require(
    holds: bool,
    field: &str,
    found: impl ToString,
    expected: &str,
) -> Result<(), VectorizeError> {
    if holds { Ok(()) } else { Err(value(field, found, expected)) }
}

fn value(field: &str, found: impl ToString, expected: &str) -> VectorizeError {
    VectorizeError::model_value(CONFIG, field, found, expected)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Config, VectorizeError> {
        let files = [("config.json", value.to_string()), ("model.safetensors", String::new())];
        let files = files.into_iter().chain([("tokenizer.json", String::new())]);
        let files = files.map(|(name, content)| (name.to_owned(), content.into()));
        Config::read(&TransformerFiles::from_bytes(files)?)
    }

    fn modernbert() -> Value {
        json!({
            "model_type": "modernbert", "vocab_size": 102_400, "hidden_size": 256,
            "num_hidden_layers": 10, "num_attention_heads": 4, "intermediate_size": 1024,
            "max_position_embeddings": 8192, "local_attention": 128, "norm_eps": 1e-5,
            "layer_norm_eps": 1e-6, "global_attn_every_n_layers": 3,
            "global_rope_theta": 160_000.0, "local_rope_theta": 10_000.0,
            "hidden_activation": "gelu", "pad_token_id": 3, "sep_token_id": 4,
        })
    }

    fn distilbert() -> Value {
        json!({
            "model_type": "distilbert", "activation": "gelu", "dim": 768, "hidden_dim": 3072,
            "n_heads": 12, "n_layers": 6, "max_position_embeddings": 512, "vocab_size": 32_768,
            "sinusoidal_pos_embds": true, "pad_token_id": null,
        })
    }

    #[test]
    fn published_configurations_are_understood() {
        let config = read(&modernbert()).unwrap();
        assert_eq!((config.separator, config.capacity()), (Some(4), 8192));
        let modern = config.modernbert(512);
        assert_eq!((modern.hidden_size, modern.max_position_embeddings), (256, 512));
        assert_eq!((modern.global_attn_every_n_layers, modern.layer_norm_eps), (3, 1e-5));
        let bert = read(&distilbert()).unwrap().bert().unwrap();
        assert_eq!((bert.hidden_size, bert.num_hidden_layers, bert.type_vocab_size), (768, 6, 1));
        let mut value = distilbert();
        value["model_type"] = json!("xlm-roberta");
        value["pad_token_id"] = json!(1);
        assert_eq!(read(&value).unwrap().capacity(), 510);
    }

    #[test]
    fn newer_fields_of_modernbert_are_understood() {
        let mut value = modernbert();
        value["num_hidden_layers"] = json!(3);
        value["layer_types"] = json!(["full_attention", "sliding_attention", "full_attention"]);
        value["rope_parameters"] = json!({
            "full_attention": {"rope_type": "default", "rope_theta": 5_000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 70.0},
        });
        let config = read(&value).unwrap().modernbert(8);
        assert_eq!((config.global_rope_theta, config.local_rope_theta), (5_000.0, 70.0));
        assert_eq!(config.global_attn_every_n_layers, 2);
    }

    #[test]
    fn values_out_of_range_are_named() {
        for (field, bad, named) in [
            ("model_type", json!("gpt2"), "gpt2"),
            ("model_type", Value::Null, "model_type"),
            ("dim", json!(0), "dim"),
            ("dim", json!(u64::MAX), "dim"),
            ("dim", json!(-768), "-768"),
            ("dim", json!(768.5), "768.5"),
            ("dim", Value::Null, "hidden_size"),
            ("n_heads", json!(0), "n_heads"),
            ("n_heads", json!(7), "n_heads"),
            ("n_layers", json!(1_000_000), "n_layers"),
            ("hidden_dim", json!(1u64 << 40), "hidden_dim"),
            ("vocab_size", json!(1u64 << 40), "vocab_size"),
            ("max_position_embeddings", json!(0), "max_position_embeddings"),
            ("activation", json!("silu"), "activation"),
            ("activation", json!("tan"), "tan"),
            ("pad_token_id", json!(40_000), "pad_token_id"),
            ("position_embedding_type", json!("relative_key"), "relative_key"),
        ] {
            let mut value = distilbert();
            value[field] = bad.clone();
            let error = read(&value).unwrap_err();
            assert!(error.chain().contains(named), "{field} {bad}: {}", error.chain());
        }
    }

    #[test]
    fn variants_of_modernbert_that_are_not_computed_are_named() {
        for (field, bad) in [
            ("num_attention_heads", json!(256)),
            ("global_rope_theta", json!(0)),
            ("layer_norm_eps", json!("small")),
            ("norm_bias", json!(true)),
            ("mlp_bias", json!(true)),
            ("layer_types", json!(["full_attention"])),
            ("rope_scaling", json!({"factor": 2})),
            ("rope_parameters", json!({"full_attention": {"rope_type": "yarn"}})),
            ("global_attn_every_n_layers", json!(0)),
        ] {
            let mut value = modernbert();
            value[field] = bad.clone();
            let error = read(&value).unwrap_err();
            let named = error.chain().contains(field) || error.chain().contains("small");
            assert!(named, "{field} {bad}: {}", error.chain());
        }
    }
}
