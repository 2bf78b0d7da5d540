//! Folders of Model2Vec and of sentence-transformers.

use std::path::{Path, PathBuf};

use hashrec_storage::{Bytes, Table, map_file};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::Value;

use super::{MAX_TOKENS, Rows, StaticTable, TOKENIZER, check_dim, half::from_half};
use crate::{VectorizeError, json_field::Field, subwords::Subwords};

const CONFIG: &str = "config.json";
const MODULES: &str = "modules.json";
const TENSORS: &str = "model.safetensors";
/// What the libraries call the vectors.
const NAMES: [&str; 2] = ["embeddings", "embedding.weight"];

impl StaticTable {
    /// Whether a folder says that it holds a static table, of whatever library. It may be damaged.
    pub fn is_in(folder: &Path) -> bool {
        let says = |file, pointer: &str, name: &str| {
            let json = optional_json(folder, file).ok().flatten();
            let value = json.as_ref().and_then(|json| json.pointer(pointer)?.as_str());
            value.is_some_and(|value| value.rsplit('.').next() == Some(name))
        };
        says(CONFIG, "/model_type", "model2vec") || says(MODULES, "/0/type", "StaticEmbedding")
    }

    /// Reads a folder of Model2Vec (`config.json`, `model.safetensors`, `tokenizer.json`), or of
    /// sentence-transformers with a `StaticEmbedding` in its `modules.json`.
    ///
    /// Vectors are those of the library that wrote the folder, scaled to length 1. Model2Vec's leave
    /// out what no piece spells, and read 512 tokens unless `max_length` in `config.json` says
    /// otherwise; before that, a text is cut to so many times the median token's characters. sentence-transformers' count unknown words as the token for them. It reads whole
    /// texts unless `truncation` in `tokenizer.json` says otherwise; here 512 tokens are read
    /// ([`with_max_tokens`](Self::with_max_tokens) changes that).
    ///
    /// # Errors
    /// [`VectorizeError::MissingFile`] names a file that is missing; [`VectorizeError::ModelFile`]
    /// and [`VectorizeError::ModelValue`] what is malformed or not supported;
    /// [`VectorizeError::Storage`] if a file can't be mapped.
    pub fn from_folder(folder: &Path) -> Result<Self, VectorizeError> {
        let modules = optional_json(folder, MODULES)?;
        let config = optional_json(folder, CONFIG)?;
        let place = match &modules {
            Some(modules) => folder.join(module(modules)?),
            None => folder.to_owned(),
        };
        let kind = config.as_ref().map(|config| Field::root(CONFIG, config).get("model_type"));
        let is_model2vec = kind.as_ref().is_some_and(|kind| kind.value() == "model2vec");
        if modules.is_none() && !is_model2vec {
            return Err(match kind {
                Some(kind) => kind.wrong("model2vec"),
                None => missing(folder, CONFIG),
            });
        }
        let tokenizer = required(&place, TOKENIZER)?;
        let subwords = Subwords::from_json(TOKENIZER, &tokenizer)?;
        let tensors = required(&place, TENSORS)?;
        let tensors = Tensors::read(&tensors)?;
        let (name, vectors) = tensors.vectors()?;
        let &[row_count, dim] = vectors.shape() else {
            return Err(wrong_shape(name, &vectors, "rows and columns"));
        };
        check_dim(dim)?;
        let tokens = subwords.tokens();
        let row_of = tensors.row_of(tokens, row_count)?;
        if row_of.is_none() && row_count != tokens {
            return Err(wrong_shape(name, &vectors, &format!("{tokens} rows, one for each token")));
        }
        let mut table = Self {
            dim,
            row_count,
            max_tokens: MAX_TOKENS,
            max_characters: None,
            drops_unknown: is_model2vec,
            rows: rows(name, &vectors, row_count)?,
            weights: tensors.weights(tokens)?,
            row_of,
            subwords,
        };
        if let (true, Some(config)) = (is_model2vec, &config) {
            table.max_tokens = max_length(config)?;
            // Texts are first cut to what so many tokens of median length hold.
            let characters = table.max_tokens.checked_mul(table.subwords.median());
            table.max_characters = characters.filter(|_| table.max_tokens < usize::MAX);
        } else {
            table.max_tokens = truncation(&tokenizer)?;
        }
        Ok(table)
    }
}

/// The folder of the static module, relative to that of `modules.json`.
fn module(modules: &Value) -> Result<PathBuf, VectorizeError> {
    let modules = Field::root(MODULES, modules);
    let mut found = None;
    for module in modules.items()? {
        let kind = module.get("type");
        let name = kind.text()?.rsplit('.').next().unwrap_or_default();
        match name {
            "StaticEmbedding" if found.is_none() => {
                let path = module.get("path");
                let plain = Path::new(path.text()?);
                let inside = |part: std::path::Component<'_>| {
                    use std::path::Component::{CurDir, Normal};
                    matches!(part, CurDir | Normal(_))
                };
                if !plain.components().all(inside) {
                    return Err(path.wrong("a folder inside this one"));
                }
                found = Some(plain.to_owned());
            }
            // Vectors are scaled anyway.
            "Normalize" if found.is_some() => {}
            _ => return Err(kind.wrong("one StaticEmbedding, and after it at most Normalize")),
        }
    }
    found.ok_or_else(|| modules.wrong("a StaticEmbedding"))
}

/// How many tokens Model2Vec reads.
fn max_length(config: &Value) -> Result<usize, VectorizeError> {
    let field = Field::root(CONFIG, config).get("max_length");
    match config.get("max_length") {
        None => Ok(MAX_TOKENS),
        Some(Value::Null) => Ok(usize::MAX),
        Some(_) => Ok(field.number(u32::MAX)? as usize),
    }
}

/// How many tokens sentence-transformers reads, if the tokenizer cuts texts.
fn truncation(tokenizer: &[u8]) -> Result<usize, VectorizeError> {
    let json: Value = serde_json::from_slice(tokenizer)
        .map_err(|error| VectorizeError::model_file(TOKENIZER, error))?;
    let field = Field::root(TOKENIZER, &json).get("truncation");
    if field.is_null() {
        return Ok(MAX_TOKENS);
    }
    let direction = field.get("direction");
    if !direction.is_null() && direction.value() != "Right" {
        return Err(direction.wrong("Right"));
    }
    Ok(field.get("max_length").number(u32::MAX)? as usize)
}

/// The vectors with the bits that they have in the file.
fn rows(name: &str, tensor: &TensorView<'_>, row_count: usize) -> Result<Rows, VectorizeError> {
    match tensor.dtype() {
        Dtype::F16 => {
            let (values, _) = tensor.data().as_chunks::<2>();
            let values: Vec<u16> = values.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
            if values.iter().any(|bits| bits & 0x7c00 == 0x7c00) {
                return Err(VectorizeError::model_value(TENSORS, name, "not finite", "numbers"));
            }
            Ok(Rows::Half(values.into()))
        }
        Dtype::I8 => {
            let values: Vec<i8> = tensor.data().iter().map(|byte| byte.cast_signed()).collect();
            // The common scale is lost; the direction of a sum is the same for any.
            let scales = vec![1.0 / 127.0; row_count];
            Ok(Rows::Int8 { values: values.into(), scales: scales.into() })
        }
        _ => Ok(Rows::Single(floats(name, tensor)?.into())),
    }
}

/// The numbers of a tensor, which must be finite.
fn floats(name: &str, tensor: &TensorView<'_>) -> Result<Vec<f32>, VectorizeError> {
    let data = tensor.data();
    let values: Vec<f32> = match tensor.dtype() {
        Dtype::F64 => {
            data.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes) as f32).collect()
        }
        Dtype::F32 => data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        Dtype::BF16 => {
            let bits = data.as_chunks::<2>().0.iter().map(|bytes| u16::from_le_bytes(*bytes));
            bits.map(|bits| f32::from_bits(u32::from(bits) << 16)).collect()
        }
        Dtype::F16 => {
            let bits = data.as_chunks::<2>().0.iter().map(|bytes| u16::from_le_bytes(*bytes));
            bits.map(from_half).collect()
        }
        other => {
            let found = format!("{other:?}");
            return Err(VectorizeError::model_value(TENSORS, name, found, "floats"));
        }
    };
    if !values.iter().all(|value| value.is_finite()) {
        return Err(VectorizeError::model_value(TENSORS, name, "not finite", "numbers"));
    }
    Ok(values)
}

/// The tensors of a file.
struct Tensors<'a>(SafeTensors<'a>);

impl<'a> Tensors<'a> {
    fn read(file: &'a [u8]) -> Result<Self, VectorizeError> {
        let tensors = SafeTensors::deserialize(file);
        Ok(Self(tensors.map_err(|error| VectorizeError::model_file(TENSORS, error))?))
    }

    fn get(&self, name: &str) -> Option<TensorView<'a>> {
        self.0.tensor(name).ok()
    }

    fn vectors(&self) -> Result<(&'static str, TensorView<'a>), VectorizeError> {
        let found = NAMES.iter().find_map(|name| Some((*name, self.get(name)?)));
        found.ok_or_else(|| {
            let names = format!("{:?}", self.0.names());
            let expected = "one called embeddings or embedding.weight";
            VectorizeError::model_value(TENSORS, "the names of tensors", names, expected)
        })
    }

    /// Each token's weight.
    fn weights(&self, tokens: usize) -> Result<Option<Table<f32>>, VectorizeError> {
        let name = "weights";
        let Some(tensor) = self.get(name) else { return Ok(None) };
        if tensor.shape() != [tokens] {
            return Err(wrong_shape(name, &tensor, &format!("[{tokens}], one for each token")));
        }
        Ok(Some(floats(name, &tensor)?.into()))
    }

    /// Each token's row.
    fn row_of(&self, tokens: usize, rows: usize) -> Result<Option<Table<u32>>, VectorizeError> {
        let name = "mapping";
        let Some(tensor) = self.get(name) else { return Ok(None) };
        if tensor.shape() != [tokens] {
            return Err(wrong_shape(name, &tensor, &format!("[{tokens}], one for each token")));
        }
        let data = tensor.data();
        let numbers: Vec<Option<u32>> = match tensor.dtype() {
            Dtype::I64 | Dtype::U64 => {
                let numbers = data.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b));
                numbers.map(|number| u32::try_from(number).ok()).collect()
            }
            Dtype::I32 | Dtype::U32 => {
                let numbers = data.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b));
                numbers.map(Some).collect()
            }
            other => {
                let found = format!("{other:?}");
                return Err(VectorizeError::model_value(TENSORS, name, found, "whole numbers"));
            }
        };
        let is_row = |number: &Option<u32>| number.filter(|&row| (row as usize) < rows);
        let checked: Option<Vec<u32>> = numbers.iter().map(is_row).collect();
        let checked = checked.ok_or_else(|| {
            let expected = format!("0 to {}", rows.saturating_sub(1));
            VectorizeError::model_value(TENSORS, name, "a row that is not there", &expected)
        })?;
        Ok(Some(checked.into()))
    }
}

fn wrong_shape(name: &str, tensor: &TensorView<'_>, expected: &str) -> VectorizeError {
    let found = format!("of shape {:?}", tensor.shape());
    VectorizeError::model_value(TENSORS, name, found, expected)
}

fn missing(folder: &Path, file: &str) -> VectorizeError {
    VectorizeError::MissingFile {
        file: file.to_owned(),
        place: folder.display().to_string(),
        hint: "give the folder of a Model2Vec model, or of a sentence-transformers model with a \
               StaticEmbedding",
    }
}

fn required(folder: &Path, file: &str) -> Result<Bytes, VectorizeError> {
    let path = folder.join(file);
    if path.is_file() { Ok(map_file(&path)?) } else { Err(missing(folder, file)) }
}

fn optional_json(folder: &Path, file: &str) -> Result<Option<Value>, VectorizeError> {
    let path = folder.join(file);
    if !path.is_file() {
        return Ok(None);
    }
    let json = serde_json::from_slice(&map_file(&path)?);
    Ok(Some(json.map_err(|error| VectorizeError::model_file(file, error))?))
}
