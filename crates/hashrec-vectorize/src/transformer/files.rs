//! The files of a model.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use hashrec_storage::{Bytes, map_file};
use serde::{Deserialize, de::DeserializeOwned};

use super::sentence::Sentence;
use crate::VectorizeError;

pub(super) const CONFIG: &str = "config.json";
pub(super) const WEIGHTS: &str = "model.safetensors";
pub(super) const WEIGHTS_INDEX: &str = "model.safetensors.index.json";
pub(super) const TOKENIZER: &str = "tokenizer.json";
pub(super) const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
/// What sentence-transformers' files say, in one.
pub(super) const SENTENCE: &str = "sentence.json";
pub(super) const SENTENCEPIECE: &str = "spiece.model";

/// The files of a model that are needed to compute vectors, by their names in the Hugging Face
/// layout. A bundle stores these. Cloning is cheap: the contents are shared.
///
/// - `config.json`
/// - `model.safetensors`, or `model.safetensors.index.json` and the files it names
/// - of sentence-transformers, if they are there, how states are pooled (`modules.json`,
///   `1_Pooling/config.json`), the longest text (`sentence_bert_config.json`) and the prompts
///   (`config_sentence_transformers.json`): `sentence.json` holds them here
/// - `tokenizer.json` (and `tokenizer_config.json` if it is there), or else `spiece.model` and
///   `tokenizer_config.json`
#[derive(Clone)]
pub struct TransformerFiles {
    files: BTreeMap<String, Bytes>,
}

impl TransformerFiles {
    /// Maps the files of a folder. They must not be changed in place while this value lives.
    ///
    /// # Errors
    /// [`VectorizeError::MissingFile`] if a required file is missing;
    /// [`VectorizeError::ModelFile`] or [`VectorizeError::ModelValue`] if the index of the weights
    /// is malformed or refers to anything but a file in the same folder;
    /// [`VectorizeError::Storage`] if a file can't be mapped.
    pub fn from_folder(folder: &Path) -> Result<Self, VectorizeError> {
        let place = folder.display().to_string();
        let find = |name: &str| {
            let path = folder.join(name);
            if path.is_file() { Ok(Some(map_file(&path)?)) } else { Ok(None) }
        };
        let mut files = Self::select(&place, find)?;
        let sentence = Sentence::read(|name| {
            let parse = |bytes: Bytes| {
                serde_json::from_slice(&bytes)
                    .map_err(|error| VectorizeError::model_file(name, error))
            };
            find(name)?.map(parse).transpose()
        })?;
        let sentence = serde_json::to_vec(&sentence)
            .map_err(|error| VectorizeError::model_file(SENTENCE, error))?;
        files.files.insert(SENTENCE.to_owned(), sentence.into());
        Ok(files)
    }

    /// Picks the required files from files in memory, by the names they have in a model's folder.
    /// Other files are ignored.
    ///
    /// # Errors
    /// As [`TransformerFiles::from_folder`].
    pub fn from_bytes(
        files: impl IntoIterator<Item = (String, Bytes)>,
    ) -> Result<Self, VectorizeError> {
        let files: BTreeMap<String, Bytes> = files.into_iter().collect();
        Self::select("the given files", |name| Ok(files.get(name).cloned()))
    }

    /// The files, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..]))
    }

    fn select(
        place: &str,
        find: impl Fn(&str) -> Result<Option<Bytes>, VectorizeError>,
    ) -> Result<Self, VectorizeError> {
        let mut chosen = Self { files: BTreeMap::new() };
        let mut take = |name: &str| {
            let found = find(name)?;
            let is_there = found.is_some();
            chosen.files.extend(found.map(|bytes| (name.to_owned(), bytes)));
            Ok::<bool, VectorizeError>(is_there)
        };
        let missing = |file: &str, hint| {
            let (file, place) = (file.to_owned(), place.to_owned());
            Err(VectorizeError::MissingFile { file, place, hint })
        };
        if !take(CONFIG)? {
            return missing(CONFIG, "download the whole model folder");
        }
        if !take(WEIGHTS)? && !take(WEIGHTS_INDEX)? {
            let hint = "weights are read as safetensors; convert a pytorch_model.bin first";
            return missing(WEIGHTS, hint);
        }
        let is_json = take(TOKENIZER)?;
        if !is_json && !take(SENTENCEPIECE)? {
            let hint =
                "the tokenizer is read from tokenizer.json, or from spiece.model after MeCab";
            return missing(TOKENIZER, hint);
        }
        if !take(TOKENIZER_CONFIG)? && !is_json {
            return missing(TOKENIZER_CONFIG, "it says how to use spiece.model");
        }
        take(SENTENCE)?;
        for shard in chosen.shards()? {
            let Some(bytes) = find(&shard)? else {
                return missing(&shard, "the index of the weights refers to it");
            };
            chosen.files.insert(shard, bytes);
        }
        Ok(chosen)
    }

    /// The names of the weight files that the index names; none if there is no index.
    fn shards(&self) -> Result<BTreeSet<String>, VectorizeError> {
        #[derive(Deserialize)]
        struct Index {
            weight_map: BTreeMap<String, String>,
        }
        if self.get(WEIGHTS_INDEX).is_none() {
            return Ok(BTreeSet::new());
        }
        let index: Index = self.json(WEIGHTS_INDEX)?;
        let shards: BTreeSet<String> = index.weight_map.into_values().collect();
        // Plain names: nothing outside the folder, nothing that is read as something else.
        let is_plain = |shard: &String| {
            !shard.contains(['/', '\\', ':', '\0'])
                && !shard.starts_with('.')
                && shard.ends_with(".safetensors")
        };
        if shards.is_empty() || !shards.iter().all(is_plain) {
            let expected = "the names of .safetensors files in the same folder";
            let found = format!("{shards:?}");
            return Err(VectorizeError::model_value(WEIGHTS_INDEX, "weight_map", found, expected));
        }
        Ok(shards)
    }

    /// A file's content.
    pub(super) fn get(&self, name: &str) -> Option<&Bytes> {
        self.files.get(name)
    }

    /// What sentence-transformers' files say.
    pub(super) fn sentence(&self) -> Result<Sentence, VectorizeError> {
        self.get(SENTENCE).map_or(Ok(Sentence::default()), |_| self.json(SENTENCE))
    }

    /// The prompt that the folder has for the first of these purposes that it knows, as
    /// `config_sentence_transformers.json` names them (`query`, `passage`, `document`).
    ///
    /// # Errors
    /// [`VectorizeError::ModelFile`] if the prompts are malformed.
    pub fn prompt(&self, purposes: &[&str]) -> Result<Option<String>, VectorizeError> {
        let prompts = self.sentence()?.prompts;
        Ok(purposes.iter().find_map(|&purpose| prompts.get(purpose).cloned()))
    }

    /// The files with weights, by name.
    pub(super) fn weights(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        let weights = self.files.iter().filter(|(name, _)| name.ends_with(".safetensors"));
        weights.map(|(name, bytes)| (name.as_str(), bytes))
    }

    /// A JSON file's content; an error if it is absent.
    pub(super) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, VectorizeError> {
        let bytes = self.get(name).map_or(&[][..], |bytes| bytes);
        serde_json::from_slice(bytes).map_err(|error| VectorizeError::model_file(name, error))
    }
}

impl std::fmt::Debug for TransformerFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes = self.files.iter().map(|(name, bytes)| (name, bytes.len()));
        f.debug_map().entries(sizes).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(files: &[(&str, &str)]) -> Result<TransformerFiles, VectorizeError> {
        let owned = |(name, content): &(&str, &str)| {
            ((*name).to_owned(), Bytes::copy_from_slice(content.as_bytes()))
        };
        TransformerFiles::from_bytes(files.iter().map(owned))
    }

    #[test]
    fn only_required_files_are_taken() {
        let files = select(&[
            ("config.json", "{}"),
            ("model.safetensors", ""),
            ("tokenizer.json", "{}"),
            ("tokenizer_config.json", "{}"),
            ("spiece.model", ""),
            ("README.md", "a model"),
            ("pytorch_model.bin", ""),
        ])
        .unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name).collect();
        let want = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];
        assert_eq!(names, want);
    }

    #[test]
    fn a_missing_file_is_named() {
        let all = [
            ("config.json", "{}"),
            ("model.safetensors", ""),
            ("spiece.model", ""),
            ("tokenizer_config.json", "{}"),
        ];
        assert!(select(&all).is_ok());
        for (left_out, named) in [
            ("config.json", "config.json"),
            ("model.safetensors", "model.safetensors"),
            ("spiece.model", "tokenizer.json"),
            ("tokenizer_config.json", "tokenizer_config.json"),
        ] {
            let rest: Vec<_> = all.into_iter().filter(|(name, _)| *name != left_out).collect();
            match select(&rest).unwrap_err() {
                VectorizeError::MissingFile { file, .. } => assert_eq!(file, named),
                error => panic!("{error}"),
            }
        }
        let error = TransformerFiles::from_folder(Path::new("/no/such/model")).unwrap_err();
        assert!(error.to_string().contains("/no/such/model"), "{error}");
    }

    #[test]
    fn an_index_refers_to_files_in_its_folder_only() {
        let with = |index: &str, shard: &str| {
            select(&[
                ("config.json", "{}"),
                ("tokenizer.json", "{}"),
                ("model.safetensors.index.json", index),
                (shard, ""),
            ])
        };
        let good = r#"{"weight_map": {"a": "model-00001-of-00001.safetensors"}}"#;
        let files = with(good, "model-00001-of-00001.safetensors").unwrap();
        assert_eq!(files.weights().count(), 1);
        assert!(matches!(with(good, "other"), Err(VectorizeError::MissingFile { .. })));
        for bad in [
            "../secret.safetensors",
            "/etc/secret.safetensors",
            "a/b.safetensors",
            "..\\\\b.safetensors",
            "C:b.safetensors",
            ".safetensors",
            "config.json",
            "",
        ] {
            let index = format!(r#"{{"weight_map": {{"a": "{bad}"}}}}"#);
            let error = with(&index, bad).unwrap_err();
            assert!(
                matches!(&error, VectorizeError::ModelValue { field, .. } if field == "weight_map"),
                "{bad}: {error}"
            );
        }
        for bad in ["", "{}", "[]", r#"{"weight_map": 3}"#, r#"{"weight_map": {}}"#] {
            let error = with(bad, "x").unwrap_err();
            assert!(error.to_string().contains("index.json"), "{error}");
        }
    }
}
