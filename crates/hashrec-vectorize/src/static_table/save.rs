//! Writing a Model2Vec folder.

use std::{fs, path::Path};

use hashrec_storage::StorageError;
use safetensors::{Dtype, tensor::TensorView};
use serde_json::{Value, json};

use super::{Rows, StaticTable, TOKENIZER};
use crate::{VectorizeError, subwords::Subwords};

impl StaticTable {
    /// Writes a folder that Model2Vec reads, and [`from_folder`](Self::from_folder): `config.json`,
    /// `model.safetensors` and `tokenizer.json`. `tokenizer` is the content of the `tokenizer.json`
    /// that the table was made with. Without weights or shared rows, the folder gets a
    /// `modules.json` too, for sentence-transformers.
    ///
    /// # Errors
    /// [`VectorizeError::ModelFile`] or [`VectorizeError::ModelValue`] if `tokenizer` is not that of
    /// the table; [`VectorizeError::Storage`] if a file can't be written.
    pub fn save_folder(&self, folder: &Path, tokenizer: &[u8]) -> Result<(), VectorizeError> {
        let subwords = Subwords::from_json(TOKENIZER, tokenizer)?;
        if !subwords.equals(&self.subwords) {
            let expected = "the tokenizer of the table";
            return Err(VectorizeError::model_value(TOKENIZER, "content", "another", expected));
        }
        let (dtype, name, bytes) = match &self.rows {
            Rows::Single(values) => (Dtype::F32, "float32", floats(values)),
            Rows::Half(values) => {
                (Dtype::F16, "float16", values.iter().flat_map(|v| v.to_le_bytes()).collect())
            }
            Rows::Int8 { values, .. } => {
                (Dtype::I8, "int8", values.iter().map(|value| value.cast_unsigned()).collect())
            }
        };
        let weights = self.all_weights().map(|weights| floats(&weights));
        let rows = self.row_of.as_ref();
        let rows: Option<Vec<u8>> =
            rows.map(|rows| rows.iter().flat_map(|&row| i64::from(row).to_le_bytes()).collect());
        let encode = |error| VectorizeError::model_file("model.safetensors", error);
        let tokens = self.tokens();
        let view = |dtype, shape, bytes| TensorView::new(dtype, shape, bytes).map_err(encode);
        let mut tensors =
            vec![("embeddings", view(dtype, vec![self.row_count, self.dim], &bytes)?)];
        if let Some(weights) = &weights {
            tensors.push(("weights", view(Dtype::F32, vec![tokens], weights)?));
        }
        if let Some(rows) = &rows {
            tensors.push(("mapping", view(Dtype::I64, vec![tokens], rows)?));
        }
        let plain = tensors.len() == 1;
        let tensors = safetensors::serialize(tensors, None).map_err(encode)?;
        let max_length = (self.max_tokens < usize::MAX).then_some(self.max_tokens);
        let mut config = json!({
            "model_type": "model2vec",
            "architectures": ["StaticModel"],
            "hidden_dim": self.dim,
            "seq_length": 1_000_000,
            "max_length": max_length,
            "normalize": true,
            "embedding_dtype": name,
        });
        if rows.is_some() {
            config["vocabulary_quantization"] = json!(self.row_count);
        }
        let io = |action, path: &Path, source| {
            VectorizeError::from(StorageError::Io { path: path.to_owned(), action, source })
        };
        fs::create_dir_all(folder).map_err(|source| io("create", folder, source))?;
        let write = |name: &str, content: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, content).map_err(|source| io("write", &path, source))
        };
        write("config.json", pretty(&config).as_bytes())?;
        write("model.safetensors", &tensors)?;
        write(TOKENIZER, tokenizer)?;
        let modules = json!([
            {"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"},
            {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
        ]);
        if plain { write("modules.json", pretty(&modules).as_bytes()) } else { Ok(()) }
    }

    /// Weights of tokens that make good for what the library does not know: rows with scales.
    fn all_weights(&self) -> Option<Vec<f32>> {
        let scales = match &self.rows {
            Rows::Int8 { scales, .. } => Some(scales),
            _ => None,
        };
        if self.weights.is_none() && scales.is_none() {
            return None;
        }
        let weight = |token: usize| {
            let weight = self.weights.as_ref().map_or(Some(1.0), |all| all.get(token).copied());
            let row =
                self.row_of.as_ref().map_or(Some(token), |rows| Some(*rows.get(token)? as usize));
            let scale = scales.map_or(Some(1.0), |scales| scales.get(row?).copied());
            weight.unwrap_or(0.0) * scale.unwrap_or(0.0)
        };
        Some((0..self.tokens()).map(weight).collect())
    }
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn pretty(json: &Value) -> String {
    format!("{json:#}\n")
}
