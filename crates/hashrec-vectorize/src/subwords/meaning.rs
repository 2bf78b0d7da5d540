//! Which tokens mean something.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{added, limits::MOST_TOKENS, model::ParsedModel};
use crate::{VectorizeError, json_field::Field};

/// The tokens that texts are made of, in ascending order: no special tokens, none for what is
/// unknown, none that its maker left free.
///
/// # Errors
/// As [`Subwords::from_json`](super::Subwords::from_json).
pub(crate) fn meaningful_tokens(file: &str, content: &[u8]) -> Result<Vec<u32>, VectorizeError> {
    let json: Value =
        serde_json::from_slice(content).map_err(|error| VectorizeError::model_file(file, error))?;
    let root = Field::root(file, &json);
    let field = root.get("model");
    let ParsedModel { pieces, unknown, .. } = ParsedModel::parse(&field, MOST_TOKENS)?;
    let used = pieces.iter().filter(|(text, _)| !text.is_empty() && !is_unused(text));
    let mut tokens: BTreeSet<u32> = used.map(|&(_, token)| token).collect();
    for token in added::parse(&root.get("added_tokens"), MOST_TOKENS)? {
        if token.special || is_unused(&token.content) {
            tokens.remove(&token.id);
        } else {
            tokens.insert(token.id);
        }
    }
    tokens.remove(&unknown);
    Ok(tokens.into_iter().collect())
}

/// Whether a piece is one that its maker left free: `[unused7]`, `<unused7>`.
fn is_unused(text: &str) -> bool {
    let inner = text.strip_prefix(['[', '<']).and_then(|text| text.strip_suffix([']', '>']));
    inner
        .and_then(|inner| inner.strip_prefix("unused"))
        .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn special_and_unused_tokens_mean_nothing() {
        let json = json!({
            "added_tokens": [
                {"id": 0, "content": "[PAD]", "special": true},
                {"id": 7, "content": "new word", "special": false},
            ],
            "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {
                "[PAD]": 0, "[UNK]": 1, "[unused3]": 2, "<unused>": 3, "a": 4, "[unuseda]": 5, "": 6,
            }},
        });
        let content = json.to_string();
        assert_eq!(meaningful_tokens("tokenizer.json", content.as_bytes()).unwrap(), [4, 5, 7]);
        assert!(meaningful_tokens("tokenizer.json", b"{}").is_err());
    }
}
