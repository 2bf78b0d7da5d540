//! The `model` of `tokenizer.json`: which pieces a word is made of.

use serde::{Deserialize, Serialize};

use super::{trie::Trie, wordpiece::WordPiece};
use crate::{VectorizeError, json_field::Field};

const SUPPORTED: &str = "WordLevel or WordPiece";

/// How a word is cut into pieces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Model {
    /// A word is a piece, or unknown.
    WordLevel,
    WordPiece(WordPiece),
}

/// A model's settings, and its pieces with their tokens, in the order of the file.
pub(super) struct ParsedModel<'a> {
    pub(super) model: Model,
    pub(super) pieces: Vec<(&'a str, u32)>,
    /// The token of what no piece spells.
    pub(super) unknown: u32,
}

impl<'a> ParsedModel<'a> {
    pub(super) fn parse(field: &Field<'a>, most: u32) -> Result<Self, VectorizeError> {
        let kind = field.get("type");
        let kind_name = if kind.is_null() { guess(field) } else { kind.text()? };
        let model = match kind_name {
            "WordLevel" => Model::WordLevel,
            "WordPiece" => Model::WordPiece(WordPiece::parse(field)?),
            _ if kind.is_null() => return Err(field.wrong(SUPPORTED)),
            _ => return Err(kind.wrong(SUPPORTED)),
        };
        let vocabulary = field.get("vocab");
        let entries = vocabulary.value().as_object();
        let entries = entries.ok_or_else(|| vocabulary.wrong("an object: tokens by their text"))?;
        let token = |text: &str| vocabulary.get(text).number(most);
        let pieces: Result<Vec<(&str, u32)>, VectorizeError> =
            entries.keys().map(|text| Ok((text.as_str(), token(text)?))).collect();
        let unknown = field.get("unk_token");
        let name = unknown.text()?;
        if !entries.contains_key(name) {
            return Err(unknown.wrong("a token of the vocabulary"));
        }
        Ok(Self { model, pieces: pieces?, unknown: token(name)? })
    }
}

/// What files without a type hold.
fn guess(model: &Field<'_>) -> &'static str {
    if !model.get("merges").is_null() {
        "BPE"
    } else if !model.get("continuing_subword_prefix").is_null() {
        "WordPiece"
    } else if model.get("vocab").value().is_array() {
        "Unigram"
    } else {
        "WordLevel"
    }
}

impl Model {
    /// Appends the tokens of a word.
    pub(super) fn tokens(&self, trie: Trie<'_>, unknown: u32, word: &str, out: &mut Vec<u32>) {
        match self {
            Self::WordLevel => out.push(trie.get(word.as_bytes()).unwrap_or(unknown)),
            Self::WordPiece(model) => model.tokens(trie, unknown, word, out),
        }
    }
}
