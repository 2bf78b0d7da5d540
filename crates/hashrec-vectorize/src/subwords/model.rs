//! The `model` of `tokenizer.json`: which pieces a word is made of.

use serde::{Deserialize, Serialize};

use super::{
    unigram::{Lattice, Unigram},
    vocabulary::Vocabulary,
    wordpiece::WordPiece,
};
use crate::{VectorizeError, json_field::Field};

const SUPPORTED: &str = "Unigram, WordLevel or WordPiece";

/// How a word is cut into pieces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Model {
    Unigram(Unigram),
    /// A word is a piece, or unknown.
    WordLevel,
    WordPiece(WordPiece),
}

/// A model's settings, and its pieces with their tokens, in the order of the file.
pub(super) struct ParsedModel<'a> {
    pub(super) model: Model,
    pub(super) pieces: Vec<(&'a str, u32)>,
    /// How likely each token is; empty for models that don't ask.
    pub(super) scores: Vec<f64>,
    /// The token of what no piece spells.
    pub(super) unknown: u32,
}

impl<'a> ParsedModel<'a> {
    /// Reads a model whose tokens are at most `most`.
    pub(super) fn parse(field: &Field<'a>, most: u32) -> Result<Self, VectorizeError> {
        let kind = field.get("type");
        let name = if kind.is_null() { guess(field) } else { kind.text()? };
        match name {
            "Unigram" => unigram(field, most),
            "WordLevel" => words(field, most, Model::WordLevel),
            "WordPiece" => words(field, most, Model::WordPiece(WordPiece::parse(field)?)),
            _ if kind.is_null() => Err(field.wrong(SUPPORTED)),
            _ => Err(kind.wrong(SUPPORTED)),
        }
    }
}

/// A model whose vocabulary gives each piece its token.
fn words<'a>(
    field: &Field<'a>,
    most: u32,
    model: Model,
) -> Result<ParsedModel<'a>, VectorizeError> {
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
    Ok(ParsedModel { model, pieces: pieces?, scores: Vec::new(), unknown: token(name)? })
}

/// A model whose vocabulary lists pieces with their scores, in the order of their tokens.
fn unigram<'a>(field: &Field<'a>, most: u32) -> Result<ParsedModel<'a>, VectorizeError> {
    let mut pieces = Vec::new();
    for entry in field.get("vocab").items()? {
        let piece = match entry.value().as_array().map(Vec::as_slice) {
            Some([text, score]) => text.as_str().zip(score.as_f64()),
            _ => None,
        };
        pieces.push(piece.ok_or_else(|| entry.wrong("a piece and its score"))?);
    }
    if pieces.len() > most as usize {
        return Err(field.get("vocab").wrong(&format!("at most {most} pieces")));
    }
    let unknown = field.get("unk_id");
    let last = u32::try_from(pieces.len()).unwrap_or(most).checked_sub(1);
    Ok(ParsedModel {
        model: Model::Unigram(Unigram::parse(field, &pieces)?),
        scores: pieces.iter().map(|&(_, score)| score).collect(),
        unknown: match last {
            Some(last) => unknown.number(last)?,
            None => return Err(unknown.wrong("a piece of the vocabulary")),
        },
        pieces: pieces.into_iter().map(|(text, _)| text).zip(0..).collect(),
    })
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
    pub(super) fn tokens(
        &self,
        vocabulary: Vocabulary<'_>,
        word: &str,
        lattice: &mut Lattice,
        out: &mut Vec<u32>,
    ) {
        let Vocabulary { trie, unknown, .. } = vocabulary;
        match self {
            Self::Unigram(model) => model.tokens(vocabulary, word, lattice, out),
            Self::WordLevel => out.push(trie.get(word.as_bytes()).unwrap_or(unknown)),
            Self::WordPiece(model) => model.tokens(vocabulary, word, out),
        }
    }
}
