//! `config.json`: what kind of model it is, and its sizes.

use serde_json::{Map, Value};

use super::{
    files::{CONFIG, TransformerFiles},
    kernels::Activation,
};
use crate::VectorizeError;

/// A model's configuration; every size was checked, so that what is computed from them is small
/// enough and never divides by zero.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) kind: Kind,
    pub(super) vocabulary: usize,
    pub(super) width: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    /// Width inside the two dense layers after attention.
    pub(super) inner: usize,
    /// The longest text.
    pub(super) positions: usize,
    pub(super) activation: Activation,
    /// Added to the variance in layer normalisation.
    pub(super) epsilon: f32,
    /// The id between two texts, where this file names it.
    pub(super) separator: Option<u32>,
}

/// The architectures that are known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Bert { token_types: usize },
    DistilBert,
    ModernBert { local: Vec<bool>, window: usize, global_theta: f32, local_theta: f32 },
}

impl Config {
    pub(super) fn read(files: &TransformerFiles) -> Result<Self, VectorizeError> {
        let fields = Fields(files.json(CONFIG)?);
        match fields.text("model_type", None)? {
            "bert" => fields.bert(),
            "distilbert" => fields.distilbert(),
            "modernbert" => fields.modernbert(),
            other => Err(problem(
                "model_type",
                format!("{other:?}; \"bert\", \"distilbert\" and \"modernbert\" are supported"),
            )),
        }
    }

    /// Floats of a token inside one head.
    pub(super) fn head_width(&self) -> usize {
        self.width / self.heads
    }

    fn checked(self, heads_field: &str) -> Result<Self, VectorizeError> {
        if !self.width.is_multiple_of(self.heads) {
            let found = format!("{} heads don't divide a width of {}", self.heads, self.width);
            return Err(problem(heads_field, found));
        }
        Ok(self)
    }
}

/// The fields of the file.
struct Fields(Map<String, Value>);

impl Fields {
    fn bert(&self) -> Result<Config, VectorizeError> {
        let position = self.text("position_embedding_type", Some("absolute"))?;
        if position != "absolute" {
            let found = format!("{position:?}; \"absolute\" is supported");
            return Err(problem("position_embedding_type", found));
        }
        let token_types = self.size("type_vocab_size", Some(2), 1024)?;
        let config = Config {
            kind: Kind::Bert { token_types },
            vocabulary: self.size("vocab_size", None, MAX_VOCABULARY)?,
            width: self.size("hidden_size", None, MAX_WIDTH)?,
            layers: self.size("num_hidden_layers", None, MAX_LAYERS)?,
            heads: self.size("num_attention_heads", None, MAX_WIDTH)?,
            inner: self.size("intermediate_size", None, MAX_INNER)?,
            positions: self.size("max_position_embeddings", None, MAX_POSITIONS)?,
            activation: self.activation("hidden_act")?,
            epsilon: self.small("layer_norm_eps", 1e-12)?,
            separator: None,
        };
        config.checked("num_attention_heads")
    }

    fn distilbert(&self) -> Result<Config, VectorizeError> {
        let config = Config {
            kind: Kind::DistilBert,
            vocabulary: self.size("vocab_size", None, MAX_VOCABULARY)?,
            width: self.size("dim", None, MAX_WIDTH)?,
            layers: self.size("n_layers", None, MAX_LAYERS)?,
            heads: self.size("n_heads", None, MAX_WIDTH)?,
            inner: self.size("hidden_dim", None, MAX_INNER)?,
            positions: self.size("max_position_embeddings", None, MAX_POSITIONS)?,
            activation: self.activation("activation")?,
            epsilon: 1e-12,
            separator: None,
        };
        config.checked("n_heads")
    }

    fn modernbert(&self) -> Result<Config, VectorizeError> {
        let layers = self.size("num_hidden_layers", None, MAX_LAYERS)?;
        let kind = Kind::ModernBert {
            local: self.local_layers(layers)?,
            window: self.size("local_attention", Some(128), MAX_POSITIONS)? / 2,
            global_theta: self.theta("full_attention", "global_rope_theta", 160_000.0)?,
            local_theta: self.theta("sliding_attention", "local_rope_theta", 10_000.0)?,
        };
        let config = Config {
            kind,
            vocabulary: self.size("vocab_size", None, MAX_VOCABULARY)?,
            width: self.size("hidden_size", None, MAX_WIDTH)?,
            layers,
            heads: self.size("num_attention_heads", None, MAX_WIDTH)?,
            inner: self.size("intermediate_size", None, MAX_INNER)?,
            positions: self.size("max_position_embeddings", Some(8192), MAX_POSITIONS)?,
            activation: self.activation("hidden_activation")?,
            epsilon: self.small("norm_eps", 1e-5)?,
            separator: self.id("sep_token_id")?,
        };
        if !config.width.is_multiple_of(2 * config.heads) {
            let found = format!(
                "{} heads don't divide a width of {} into halves",
                config.heads, config.width
            );
            return Err(problem("num_attention_heads", found));
        }
        Ok(config)
    }

    /// For each layer, whether a token sees its neighbourhood only: `layer_types`, or in older
    /// files all but every n-th layer.
    fn local_layers(&self, layers: usize) -> Result<Vec<bool>, VectorizeError> {
        let Some(types) = self.get("layer_types") else {
            let every = self.size("global_attn_every_n_layers", Some(3), MAX_LAYERS)?;
            return Ok((0..layers).map(|layer| !layer.is_multiple_of(every)).collect());
        };
        let types = types.as_array().map_or(&[][..], Vec::as_slice);
        let local = types.iter().map(|kind| match kind.as_str() {
            Some("full_attention") => Ok(false),
            Some("sliding_attention") => Ok(true),
            _ => Err(problem("layer_types", format!("{kind} is not known"))),
        });
        let local: Vec<bool> = local.collect::<Result<_, _>>()?;
        if local.len() != layers {
            let found = format!("it lists {} layers, num_hidden_layers is {layers}", local.len());
            return Err(problem("layer_types", found));
        }
        Ok(local)
    }

    /// The base of rotary embeddings: in `rope_parameters` by kind of attention, or in older files
    /// in a field of its own.
    fn theta(&self, attention: &str, field: &str, default: f32) -> Result<f32, VectorizeError> {
        if self.get("rope_scaling").is_some() {
            return Err(problem("rope_scaling", "scaled rotary embeddings are not supported"));
        }
        let parameters = self.get("rope_parameters").and_then(|all| all.get(attention));
        let kind = parameters.and_then(|parameters| parameters.get("rope_type"));
        if kind.is_some_and(|kind| kind != "default") {
            return Err(problem("rope_parameters", "only rope_type \"default\" is supported"));
        }
        let new = parameters.and_then(|parameters| parameters.get("rope_theta"));
        let Some(value) = new.or_else(|| self.get(field)) else { return Ok(default) };
        match value.as_f64().map(|theta| theta as f32) {
            Some(theta) if theta.is_finite() && theta >= 1.0 => Ok(theta),
            _ => Err(problem(field, format!("{value}; a number from 1 on is expected"))),
        }
    }

    /// A field that is there and not null.
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn size(
        &self,
        name: &'static str,
        default: Option<usize>,
        most: usize,
    ) -> Result<usize, VectorizeError> {
        match (self.get(name), default) {
            (None, Some(default)) => Ok(default),
            (None, None) => Err(problem(name, "the field is missing")),
            (Some(value), _) => match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
                Some(n) if (1..=most).contains(&n) => Ok(n),
                _ => Err(problem(name, format!("{value}; a number from 1 to {most} is expected"))),
            },
        }
    }

    fn small(&self, name: &'static str, default: f32) -> Result<f32, VectorizeError> {
        let Some(value) = self.get(name) else { return Ok(default) };
        match value.as_f64().map(|number| number as f32) {
            Some(number) if (0.0..=1.0).contains(&number) => Ok(number),
            _ => Err(problem(name, format!("{value}; a number from 0 to 1 is expected"))),
        }
    }

    fn id(&self, name: &'static str) -> Result<Option<u32>, VectorizeError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_u64().and_then(|id| u32::try_from(id).ok()) {
            Some(id) => Ok(Some(id)),
            None => Err(problem(name, format!("{value}; a token's id is expected"))),
        }
    }

    fn text(
        &self,
        name: &'static str,
        default: Option<&'static str>,
    ) -> Result<&str, VectorizeError> {
        match (self.get(name), default) {
            (None, Some(default)) => Ok(default),
            (None, None) => Err(problem(name, "the field is missing")),
            (Some(value), _) => {
                value.as_str().ok_or_else(|| problem(name, format!("{value}; a text is expected")))
            }
        }
    }

    fn activation(&self, name: &'static str) -> Result<Activation, VectorizeError> {
        let found = self.text(name, Some("gelu"))?;
        let unknown = || {
            problem(name, format!("{found:?}; \"gelu\", \"gelu_new\" and \"relu\" are supported"))
        };
        Activation::named(found).ok_or_else(unknown)
    }
}

// Above every published model by far, and small enough that sizes never overflow.
const MAX_VOCABULARY: usize = 1 << 24;
const MAX_WIDTH: usize = 1 << 14;
const MAX_INNER: usize = 1 << 16;
const MAX_LAYERS: usize = 1 << 9;
const MAX_POSITIONS: usize = 1 << 20;

fn problem(field: &str, problem: impl Into<String>) -> VectorizeError {
    VectorizeError::ModelFile {
        file: CONFIG.to_owned(),
        field: field.to_owned(),
        problem: problem.into(),
    }
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
            "global_attn_every_n_layers": 3, "global_rope_theta": 160_000.0,
            "local_rope_theta": 10_000.0, "hidden_activation": "gelu", "sep_token_id": 4,
        })
    }

    fn distilbert() -> Value {
        json!({
            "model_type": "distilbert", "activation": "gelu", "dim": 768, "hidden_dim": 3072,
            "n_heads": 12, "n_layers": 6, "max_position_embeddings": 512, "vocab_size": 32_768,
            "sinusoidal_pos_embds": true,
        })
    }

    #[test]
    fn the_files_of_published_models_are_understood() {
        let config = read(&modernbert()).unwrap();
        let Kind::ModernBert { local, window, global_theta, local_theta } = &config.kind else {
            panic!("{config:?}")
        };
        let want = [false, true, true, false, true, true, false, true, true, false];
        assert_eq!((local.as_slice(), *window), (&want[..], 64));
        assert_eq!((*global_theta, *local_theta), (160_000.0, 10_000.0));
        assert_eq!((config.width, config.separator), (256, Some(4)));
        let config = read(&distilbert()).unwrap();
        assert_eq!((config.kind, config.width, config.layers), (Kind::DistilBert, 768, 6));
    }

    #[test]
    fn newer_fields_of_modernbert_are_understood() {
        let mut value = modernbert();
        value["num_hidden_layers"] = json!(2);
        value["layer_types"] = json!(["sliding_attention", "full_attention"]);
        value["rope_parameters"] = json!({
            "full_attention": {"rope_type": "default", "rope_theta": 5_000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 70.0},
        });
        let Kind::ModernBert { local, global_theta, local_theta, .. } = read(&value).unwrap().kind
        else {
            panic!()
        };
        assert_eq!((local, global_theta, local_theta), (vec![true, false], 5_000.0, 70.0));
    }

    #[test]
    fn absurd_values_are_refused_by_name() {
        for (field, bad) in [
            ("model_type", json!("gpt2")),
            ("model_type", Value::Null),
            ("dim", json!(0)),
            ("dim", json!(u64::MAX)),
            ("dim", json!(-768)),
            ("dim", json!(768.5)),
            ("dim", json!("768")),
            ("n_heads", json!(0)),
            ("n_heads", json!(7)),
            ("n_layers", json!(1_000_000)),
            ("hidden_dim", json!(1u64 << 40)),
            ("vocab_size", json!(1u64 << 40)),
            ("max_position_embeddings", json!(0)),
            ("activation", json!("tan")),
            ("activation", json!(3)),
        ] {
            let mut value = distilbert();
            value[field] = bad.clone();
            match read(&value).unwrap_err() {
                VectorizeError::ModelFile { file, field: found, .. } => {
                    assert_eq!((file.as_str(), found.as_str()), ("config.json", field), "{bad}");
                }
                error => panic!("{error}"),
            }
        }
        for (field, bad) in [
            ("num_attention_heads", json!(256)),
            ("global_rope_theta", json!(0)),
            ("global_rope_theta", json!("big")),
            ("norm_eps", json!(-1)),
            ("layer_types", json!(["full_attention"])),
            ("layer_types", json!(7)),
            ("rope_scaling", json!({"factor": 2})),
            ("rope_parameters", json!({"full_attention": {"rope_type": "yarn"}})),
            ("global_attn_every_n_layers", json!(0)),
            ("sep_token_id", json!(-4)),
        ] {
            let mut value = modernbert();
            value[field] = bad.clone();
            let error = read(&value).unwrap_err();
            assert!(error.to_string().contains(field), "{field} {bad}: {error}");
        }
    }

    #[test]
    fn something_else_than_an_object_is_refused() {
        for value in [json!([]), json!(3), json!("bert"), json!({})] {
            assert!(matches!(read(&value), Err(VectorizeError::ModelFile { .. })), "{value}");
        }
    }
}
