//! The encoder of a model: candle-transformers on the CPU.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor, safetensors::load_buffer};
use candle_nn::VarBuilder;
use candle_transformers::models::{
    bert::BertModel, modernbert::ModernBert, xlm_roberta::XLMRobertaModel,
};

use super::{
    config::{Architecture, Config},
    files::{TransformerFiles, WEIGHTS},
    sentence::Pooling,
};
use crate::VectorizeError;

/// An encoder with its weights.
pub(super) struct Model {
    encoder: Encoder,
    padding: u32,
    pooling: Pooling,
}

enum Encoder {
    /// BERT and DistilBERT.
    Bert(BertModel),
    ModernBert(ModernBert),
    XlmRoberta(XLMRobertaModel),
}

impl Model {
    /// Reads the weights, for texts of up to `capacity` tokens.
    pub(super) fn read(
        files: &TransformerFiles,
        config: &Config,
        capacity: usize,
        pooling: Pooling,
    ) -> std::result::Result<Self, VectorizeError> {
        let weights = read_weights(files, config)?;
        let failed = |error| VectorizeError::model_file(WEIGHTS, error);
        let vars = VarBuilder::from_tensors(weights, DType::F32, &Device::Cpu);
        let encoder = match config.architecture {
            Architecture::Bert | Architecture::DistilBert => {
                BertModel::load(vars, &config.bert()?).map(Encoder::Bert)
            }
            Architecture::ModernBert => {
                check_attention_norms(&vars, config).map_err(failed)?;
                ModernBert::load(vars, &config.modernbert(capacity)?).map(Encoder::ModernBert)
            }
            Architecture::XlmRoberta => {
                XLMRobertaModel::new(&config.xlm_roberta()?, vars).map(Encoder::XlmRoberta)
            }
        };
        Ok(Self { encoder: encoder.map_err(failed)?, padding: config.padding(), pooling })
    }

    /// The pooled last hidden states of each text's tokens: texts × width, row after row. Texts
    /// are numbered, and given as their token ids.
    pub(super) fn encode(&self, texts: &[(usize, &[u32])]) -> Result<Vec<f32>> {
        let (ids, mask) = self.padded(texts)?;
        let hidden = match &self.encoder {
            Encoder::Bert(bert) => bert.forward(&ids, &ids.zeros_like()?, Some(&mask))?,
            Encoder::ModernBert(bert) => bert.forward(&ids, &mask)?,
            Encoder::XlmRoberta(bert) => {
                bert.forward(&ids, &mask, &ids.zeros_like()?, None, None, None)?
            }
        };
        if self.pooling == Pooling::First {
            return hidden.narrow(1, 0, 1)?.flatten_all()?.to_vec1();
        }
        let mask = mask.unsqueeze(2)?;
        let sums = hidden.broadcast_mul(&mask)?.sum(1)?;
        sums.broadcast_div(&mask.sum(1)?)?.flatten_all()?.to_vec1()
    }

    /// The token ids, and 1 for each token and 0 for padding: both texts × the longest text.
    fn padded(&self, texts: &[(usize, &[u32])]) -> Result<(Tensor, Tensor)> {
        let length = texts.iter().map(|(_, text)| text.len()).max().unwrap_or(0);
        let (mut ids, mut mask) = (Vec::new(), Vec::<f32>::new());
        for ((_, text), end) in texts.iter().zip((length..).step_by(length.max(1))) {
            ids.extend_from_slice(text);
            mask.resize(ids.len(), 1.0);
            ids.resize(end, self.padding);
            mask.resize(end, 0.0);
        }
        let shape = (texts.len(), length);
        Ok((
            Tensor::from_vec(ids, shape, &Device::Cpu)?,
            Tensor::from_vec(mask, shape, &Device::Cpu)?,
        ))
    }
}

/// What a file's names may begin with, where it holds more than the encoder.
const PREFIXES: [&str; 4] = ["bert.", "distilbert.", "roberta.", "model."];

/// DistilBERT's names, and what BERT calls the same tensors.
const DISTILBERT_TO_BERT: [(&str, &str); 9] = [
    ("transformer.layer.", "encoder.layer."),
    (".attention.q_lin.", ".attention.self.query."),
    (".attention.k_lin.", ".attention.self.key."),
    (".attention.v_lin.", ".attention.self.value."),
    (".attention.out_lin.", ".attention.output.dense."),
    (".sa_layer_norm.", ".attention.output.LayerNorm."),
    (".ffn.lin1.", ".intermediate.dense."),
    (".ffn.lin2.", ".output.dense."),
    (".output_layer_norm.", ".output.LayerNorm."),
];

/// All tensors in 32 bits, under the names that candle-transformers expects.
///
/// DistilBERT is read as BERT with token types of zeros: its own encoder there approximates the
/// activation, which moves a vector's coordinates by up to 4.4e-3.
fn read_weights(
    files: &TransformerFiles,
    config: &Config,
) -> std::result::Result<HashMap<String, Tensor>, VectorizeError> {
    let mut weights = HashMap::new();
    for (file, bytes) in files.weights() {
        let failed = |error| VectorizeError::model_file(file, error);
        let wrong =
            |name, found, expected| VectorizeError::model_value(file, name, found, expected);
        for (name, tensor) in load_buffer(bytes, &Device::Cpu).map_err(failed)? {
            let tensor = tensor.to_dtype(DType::F32).map_err(failed)?;
            if !is_finite(&tensor).map_err(failed)? {
                return Err(wrong(name, "not finite", "finite numbers"));
            }
            if weights.insert(expected_name(config.architecture, &name), tensor).is_some() {
                return Err(wrong(name, "repeated", "one tensor a name"));
            }
        }
    }
    if config.architecture == Architecture::DistilBert {
        let zeros = Tensor::zeros((1, config.width()), DType::F32, &Device::Cpu)
            .map_err(|error| VectorizeError::model_file(WEIGHTS, error))?;
        let name = "embeddings.token_type_embeddings.weight";
        if weights.insert(name.to_owned(), zeros).is_some() {
            return Err(VectorizeError::model_value(WEIGHTS, name, "present", "no token types"));
        }
    }
    Ok(weights)
}

fn is_finite(tensor: &Tensor) -> Result<bool> {
    Ok(tensor.abs()?.sum_all()?.to_scalar::<f32>()?.is_finite())
}

fn expected_name(architecture: Architecture, name: &str) -> String {
    let bare = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    match architecture {
        Architecture::DistilBert => {
            let renamed = |name: String, (from, to): &(&str, &str)| name.replace(from, to);
            DISTILBERT_TO_BERT.iter().fold(bare.to_owned(), renamed)
        }
        Architecture::ModernBert => format!("model.{bare}"),
        Architecture::Bert | Architecture::XlmRoberta => bare.to_owned(),
    }
}

/// Every layer but the first normalises its input; candle-transformers would go on without.
fn check_attention_norms(vars: &VarBuilder<'_>, config: &Config) -> Result<()> {
    for layer in 1..config.layers() {
        vars.get(config.width(), &format!("model.layers.{layer}.attn_norm.weight"))?;
    }
    Ok(())
}
