//! What sentence-transformers says about a model: how hidden states become one vector, what is put
//! before a text, and how much of it is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{VectorizeError, json_field::Field};

pub(super) const MODULES: &str = "modules.json";
const POOLING: &str = "config.json";
const LENGTH: &str = "sentence_bert_config.json";
const PROMPTS: &str = "config_sentence_transformers.json";

/// How the hidden states of a text's tokens become one vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pooling {
    /// Their mean.
    #[default]
    Mean,
    /// The first token's.
    First,
}

/// What a model's folder says beyond its architecture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Sentence {
    pub(super) pooling: Pooling,
    /// What is put before a text, by what the text is for.
    pub(super) prompts: BTreeMap<String, String>,
    /// The most tokens of a text.
    pub(super) max_tokens: Option<usize>,
}

impl Sentence {
    /// Reads the files of a folder; `find` gives the content of one by its path in the folder.
    pub(super) fn read(
        find: impl Fn(&str) -> Result<Option<Value>, VectorizeError>,
    ) -> Result<Self, VectorizeError> {
        let mut read = Self::default();
        if let Some(modules) = find(MODULES)? {
            let modules = Field::root(MODULES, &modules);
            for module in modules.items()? {
                let kind = module.get("type");
                match kind.text()?.rsplit('.').next().unwrap_or_default() {
                    "Transformer" | "Normalize" => {}
                    "Pooling" => {
                        let path = module.get("path");
                        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                        if !path.text()?.chars().all(is_plain) {
                            return Err(path.wrong("a folder inside this one"));
                        }
                        let file = format!("{}/{POOLING}", path.text()?);
                        if let Some(json) = find(&file)? {
                            read.pooling = pooling(&file, &json)?;
                        }
                    }
                    _ => return Err(kind.wrong("Transformer, Pooling or Normalize")),
                }
            }
        }
        if let Some(json) = find(LENGTH)? {
            let most = Field::root(LENGTH, &json).get("max_seq_length");
            if !most.is_null() {
                read.max_tokens = Some(most.number(u32::MAX)? as usize);
            }
        }
        if let Some(json) = find(PROMPTS)? {
            let prompts = Field::root(PROMPTS, &json).get("prompts");
            for (name, prompt) in prompts.value().as_object().into_iter().flatten() {
                let wrong = || prompts.wrong("texts by name");
                let prompt = prompt.as_str().ok_or_else(wrong)?;
                read.prompts.insert(name.clone(), prompt.to_owned());
            }
        }
        Ok(read)
    }
}

/// The pooling that a file names.
fn pooling(file: &str, json: &Value) -> Result<Pooling, VectorizeError> {
    let mut modes: Vec<&str> = match json.get("pooling_mode") {
        Some(mode) => mode.as_str().into_iter().collect(),
        None => json
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, set)| **set == true)
            .filter_map(|(name, _)| name.strip_prefix("pooling_mode_"))
            .collect(),
    };
    modes.sort_unstable();
    match modes[..] {
        ["mean" | "mean_tokens"] => Ok(Pooling::Mean),
        ["cls" | "cls_token"] => Ok(Pooling::First),
        _ => Err(VectorizeError::model_value(
            file,
            "pooling_mode",
            format!("{modes:?}"),
            "mean or cls",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(files: &[(&str, Value)]) -> Result<Sentence, VectorizeError> {
        Sentence::read(|name| {
            Ok(files.iter().find(|(own, _)| *own == name).map(|(_, json)| json.clone()))
        })
    }

    fn modules(kinds: &[&str]) -> Value {
        let module = |kind: &&str| {
            let path = if *kind == "Pooling" { "1_Pooling" } else { "" };
            json!({"type": format!("sentence_transformers.models.{kind}"), "path": path})
        };
        kinds.iter().map(module).collect()
    }

    #[test]
    fn a_folder_without_such_files_has_the_mean_and_no_prompts() {
        assert_eq!(read(&[]).unwrap(), Sentence::default());
    }

    #[test]
    fn what_the_files_say_counts() {
        let files = [
            (MODULES, modules(&["Transformer", "Pooling", "Normalize"])),
            ("1_Pooling/config.json", json!({"pooling_mode_cls_token": true, "x": false})),
            (LENGTH, json!({"max_seq_length": 128})),
            (PROMPTS, json!({"prompts": {"query": "query: "}})),
        ];
        let read = read(&files).unwrap();
        assert_eq!((read.pooling, read.max_tokens), (Pooling::First, Some(128)));
        assert_eq!(read.prompts["query"], "query: ");
    }

    #[test]
    fn what_is_not_supported_is_named() {
        let pooling = |config: Value| {
            read(&[(MODULES, modules(&["Pooling"])), ("1_Pooling/config.json", config)])
        };
        assert!(pooling(json!({"pooling_mode": "mean"})).is_ok());
        for (found, named) in [
            (pooling(json!({"pooling_mode_max_tokens": true})), "max_tokens"),
            (pooling(json!({"pooling_mode": "lasttoken"})), "lasttoken"),
            (read(&[(MODULES, modules(&["Transformer", "Dense"]))]), "Dense"),
            (read(&[(PROMPTS, json!({"prompts": {"query": 3}}))]), "prompts"),
            (read(&[(LENGTH, json!({"max_seq_length": "long"}))]), "max_seq_length"),
        ] {
            let error = found.unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
        let outside = json!([{"type": "Pooling", "path": "../elsewhere"}]);
        assert!(read(&[(MODULES, outside)]).unwrap_err().to_string().contains("path"));
    }
}
