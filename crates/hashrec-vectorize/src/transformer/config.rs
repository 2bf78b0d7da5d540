//! `config.json`: the architecture and its sizes.

use candle_transformers::models::{bert, modernbert, xlm_roberta};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

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

/// The fields of `config.json` under the names that candle-transformers reads, checked.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) architecture: Architecture,
    fields: Map<String, Value>,
}

/// Names of DistilBERT and ModernBERT, and of the same fields in candle-transformers.
const RENAMED: [(&str, &str); 9] = [
    ("activation", "hidden_act"),
    ("dim", "hidden_size"),
    ("hidden_activation", "hidden_act"),
    ("hidden_dim", "intermediate_size"),
    ("n_heads", "num_attention_heads"),
    ("n_layers", "num_hidden_layers"),
    ("norm_eps", "layer_norm_eps"),
    ("/rope_parameters/full_attention/rope_theta", "global_rope_theta"),
    ("/rope_parameters/sliding_attention/rope_theta", "local_rope_theta"),
];

/// Sizes and the largest allowed; larger than in any published model, and small enough that
/// nothing absurd is allocated.
const SIZES: [(&str, u64); 9] = [
    ("vocab_size", 1 << 24),
    ("hidden_size", 1 << 14),
    ("num_hidden_layers", 1 << 9),
    ("num_attention_heads", 1 << 14),
    ("intermediate_size", 1 << 16),
    ("max_position_embeddings", 1 << 20),
    ("type_vocab_size", 1 << 10),
    ("local_attention", 1 << 20),
    ("global_attn_every_n_layers", 1 << 9),
];

impl Config {
    pub(super) fn read(files: &TransformerFiles) -> Result<Self, VectorizeError> {
        let mut file: Map<String, Value> = files.json(CONFIG)?;
        file.retain(|_, value| !value.is_null());
        let kind = file.get("model_type").cloned().unwrap_or_default();
        let architecture = serde_json::from_value(kind.clone()).map_err(|_| {
            value("model_type", kind, "bert, distilbert, modernbert or xlm-roberta")
        })?;
        let file = Value::Object(file);
        let mut fields = defaults(architecture);
        fields.extend(file.as_object().cloned().unwrap_or_default());
        for (from, to) in RENAMED {
            if let Some(value) = file.get(from).or_else(|| file.pointer(from)) {
                fields.insert(to.to_owned(), value.clone());
            }
        }
        let mut config = Self { architecture, fields };
        config.resolve_layer_types()?;
        config.check(&file)?;
        Ok(config)
    }

    /// The number of tokens that the weights know.
    pub(super) fn vocabulary(&self) -> usize {
        self.size("vocab_size")
    }

    /// The number of floats in a vector.
    pub(super) fn width(&self) -> usize {
        self.size("hidden_size")
    }

    /// The number of layers.
    pub(super) fn layers(&self) -> usize {
        self.size("num_hidden_layers")
    }

    /// The token that fills shorter texts.
    pub(super) fn padding(&self) -> u32 {
        self.size("pad_token_id") as u32
    }

    /// The token between two texts, where this file names it.
    pub(super) fn separator(&self) -> Option<u32> {
        u32::try_from(self.fields.get("sep_token_id")?.as_u64()?).ok()
    }

    /// The longest text in tokens, special tokens included.
    pub(super) fn capacity(&self) -> usize {
        let positions = self.size("max_position_embeddings");
        match self.architecture {
            // Positions start behind the padding token's.
            Architecture::XlmRoberta => positions.saturating_sub(self.size("pad_token_id") + 1),
            _ => positions,
        }
    }

    /// BERT; and DistilBERT, which is a BERT without token types.
    pub(super) fn bert(&self) -> Result<bert::Config, VectorizeError> {
        let mut config = self.fields.clone();
        // Prefixes of names are handled where the weights are read.
        config.remove("model_type");
        if let Some("gelu_new" | "gelu_pytorch_tanh") = config["hidden_act"].as_str() {
            config.insert("hidden_act".to_owned(), json!("geluapproximate"));
        }
        parse(config)
    }

    /// ModernBERT for texts of up to `capacity` tokens.
    pub(super) fn modernbert(&self, capacity: usize) -> Result<modernbert::Config, VectorizeError> {
        let mut config = self.fields.clone();
        config.insert("max_position_embeddings".to_owned(), json!(capacity));
        parse(config)
    }

    pub(super) fn xlm_roberta(&self) -> Result<xlm_roberta::Config, VectorizeError> {
        parse(self.fields.clone())
    }

    /// A size that was checked.
    fn size(&self, field: &str) -> usize {
        self.fields.get(field).and_then(Value::as_u64).unwrap_or(0) as usize
    }

    /// Replaces a list of the layers' kinds of attention by the distance between global layers.
    fn resolve_layer_types(&mut self) -> Result<(), VectorizeError> {
        let Some(types) = self.fields.get("layer_types").cloned() else { return Ok(()) };
        let kinds = types.as_array().map_or(&[][..], Vec::as_slice);
        let global = |kind: &Value| kind == "full_attention";
        let every = kinds.iter().skip(1).position(global).map_or(kinds.len().max(1), |n| n + 1);
        let regular = kinds.iter().enumerate().all(|(layer, kind)| {
            let is_global = layer.is_multiple_of(every);
            kind == if is_global { "full_attention" } else { "sliding_attention" }
        });
        if !regular || Some(kinds.len() as u64) != self.fields["num_hidden_layers"].as_u64() {
            let expected = "sliding_attention for all layers but every n-th, full_attention";
            return Err(value("layer_types", types, expected));
        }
        self.fields.insert("global_attn_every_n_layers".to_owned(), json!(every));
        Ok(())
    }

    /// Checks ranges, and refuses variants that candle-transformers does not compute.
    fn check(&self, file: &Value) -> Result<(), VectorizeError> {
        let require = |holds: bool, field: &str, expected: &str| {
            let renamed =
                RENAMED.iter().find(|(from, to)| *to == field && file.get(from).is_some());
            let found = self.fields.get(field).unwrap_or(&Value::Null);
            let error = || value(renamed.map_or(field, |(from, _)| from), found, expected);
            if holds { Ok(()) } else { Err(error()) }
        };
        let number = |field: &str| self.fields.get(field).and_then(Value::as_f64);
        for (field, most) in SIZES {
            let found = self.fields.get(field).and_then(Value::as_u64);
            let fits = found.is_some_and(|found| (1..=most).contains(&found));
            require(fits, field, &format!("1 to {most}"))?;
        }
        let (width, heads) = (self.width(), self.size("num_attention_heads"));
        require(
            width.is_multiple_of(2 * heads),
            "num_attention_heads",
            "a divisor of half the width",
        )?;
        let padding = self.fields["pad_token_id"].as_u64();
        let known = padding.is_some_and(|padding| padding < self.vocabulary() as u64);
        require(known, "pad_token_id", "a token of the vocabulary")?;
        let separator = self.fields.get("sep_token_id");
        require(separator.is_none_or(Value::is_u64), "sep_token_id", "a token")?;
        let epsilon = number("layer_norm_eps").is_some_and(|e| (0.0..=1.0).contains(&e));
        require(epsilon, "layer_norm_eps", "0 to 1")?;
        for field in ["global_rope_theta", "local_rope_theta"] {
            require(number(field).is_some_and(|theta| theta >= 1.0), field, "a number from 1")?;
        }
        for (field, only) in [
            ("position_embedding_type", json!("absolute")),
            ("attention_bias", json!(false)),
            ("mlp_bias", json!(false)),
            ("norm_bias", json!(false)),
            ("rope_scaling", Value::Null),
        ] {
            let found = self.fields.get(field);
            require(found.is_none_or(|found| *found == only), field, &only.to_string())?;
        }
        for kind in ["full_attention", "sliding_attention"] {
            let rope = file.pointer(&format!("/rope_parameters/{kind}/rope_type"));
            require(
                rope.is_none_or(|rope| rope == "default"),
                "rope_parameters",
                "rope_type default",
            )?;
        }
        let activations: &[&str] = match self.architecture {
            Architecture::ModernBert => &["gelu"],
            _ => &["gelu", "gelu_new", "gelu_pytorch_tanh", "relu"],
        };
        let known =
            self.fields["hidden_act"].as_str().is_some_and(|act| activations.contains(&act));
        require(known, "hidden_act", &activations.join(", "))
    }
}

/// What the file may leave out: defaults of `transformers`, and fields that change nothing.
fn defaults(architecture: Architecture) -> Map<String, Value> {
    let defaults = json!({
        "hidden_act": "gelu",
        "pad_token_id": 0,
        "layer_norm_eps": if architecture == Architecture::ModernBert { 1e-5 } else { 1e-12 },
        "type_vocab_size": if architecture == Architecture::DistilBert { 1 } else { 2 },
        "position_embedding_type": "absolute",
        "local_attention": 128,
        "global_attn_every_n_layers": 3,
        "global_rope_theta": 160_000.0,
        "local_rope_theta": 10_000.0,
        "initializer_range": 0.0,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
    });
    defaults.as_object().cloned().unwrap_or_default()
}

fn parse<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, VectorizeError> {
    serde_json::from_value(fields.into()).map_err(|error| VectorizeError::model_file(CONFIG, error))
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
        assert_eq!((config.separator(), config.capacity()), (Some(4), 8192));
        let modern = config.modernbert(512).unwrap();
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
        let config = read(&value).unwrap().modernbert(8).unwrap();
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
            ("norm_eps", json!(-1)),
            ("sep_token_id", json!(-4)),
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
            let named = error.chain().contains(field);
            assert!(named, "{field} {bad}: {}", error.chain());
        }
    }
}
