//! Texts to tokens, as a `tokenizer.json` describes them: an own reader of what static tables use.
//!
//! A text is searched for added tokens, normalized, searched again, split, and each part cut into
//! pieces of the vocabulary. Special tokens around a text, padding and truncation are left out.

mod added;
mod build_trie;
mod characters;
mod limits;
#[cfg(feature = "train")]
mod meaning;
mod model;
mod normalizer;
mod pattern;
mod rules;
mod splitter;
mod trie;
mod unigram;
mod vocabulary;
mod wordpiece;

use std::collections::BTreeMap;

use hashrec_storage::{Part, PartWriter, Table};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(feature = "train")]
pub(crate) use self::meaning::meaningful_tokens;
use self::{
    added::{AddedToken, AddedTokens, Part as TextPart},
    build_trie::build_trie,
    limits::MOST_TOKENS,
    model::{Model, ParsedModel},
    normalizer::Normalizer,
    rules::Rules,
    splitter::Splitter,
    trie::{LONGEST, Trie},
    unigram::Lattice,
    vocabulary::Vocabulary,
};
use crate::{VectorizeError, json_field::Field};

#[cfg(test)]
pub(crate) use self::rules::tests::file as rules_file;

/// Checks SentencePiece's rules of normalization, as files hold them.
#[cfg(feature = "encoder")]
pub(crate) fn check_rules(rules: &[u8]) -> Result<(), &'static str> {
    Rules::parse(rules).map(drop)
}

/// So many ids may be free, besides as many as are taken.
const GAPS: usize = 1 << 12;
/// The most bytes of all pieces.
const MOST_BYTES: usize = 1 << 28;
const PIECES: &str = "pieces";
const SCORES: &str = "scores";

/// A tokenizer. Its pieces can be a view into a mapped file.
#[derive(Clone, Debug)]
pub(crate) struct Subwords {
    settings: Settings,
    /// Found in the text as it is, and in the normalized text.
    added: AddedTokens,
    added_normalized: AddedTokens,
    tables: Tables,
}

/// What can stay in a mapped file.
#[derive(Clone, Debug, PartialEq)]
struct Tables {
    /// A trie from a piece's text to its token.
    pieces: Table<u32>,
    /// How likely each token is; empty for models that don't ask.
    scores: Table<f64>,
    rules: Rules,
}

/// What a tokenizer is, but for its pieces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    normalizer: Normalizer,
    splitter: Splitter,
    model: Model,
    added: Vec<AddedToken>,
    unknown: u32,
    /// One more than the largest token.
    tokens: u32,
    /// The median number of characters of a token's text.
    median: u32,
}

/// What is used again from text to text.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The tokens of the last text.
    pub(crate) tokens: Vec<u32>,
    normalized: [String; 2],
    split: Vec<String>,
    lattice: Lattice,
}

impl Subwords {
    /// Reads the content of a `tokenizer.json`; `file` is its name in errors.
    ///
    /// # Errors
    /// [`VectorizeError::ModelFile`] if it is not JSON; [`VectorizeError::ModelValue`] names what is
    /// malformed or not supported.
    pub(crate) fn from_json(file: &str, content: &[u8]) -> Result<Self, VectorizeError> {
        let json: Value = serde_json::from_slice(content)
            .map_err(|error| VectorizeError::model_file(file, error))?;
        let root = Field::root(file, &json);
        let (normalizer, rules) = Normalizer::parse(&root.get("normalizer"))?;
        let splitter = Splitter::parse(&root.get("pre_tokenizer"))?;
        let field = root.get("model");
        let ParsedModel { model, pieces, scores, unknown } =
            ParsedModel::parse(&field, MOST_TOKENS)?;
        // A piece that stands twice is the later one.
        let pieces: BTreeMap<&str, u32> = pieces.into_iter().collect();
        let vocabulary = field.get("vocab");
        if pieces.keys().any(|text| text.contains('\0') || text.len() > LONGEST) {
            return Err(vocabulary.wrong("pieces of at most 1024 bytes without U+0000"));
        }
        if pieces.keys().map(|text| text.len()).sum::<usize>() >= MOST_BYTES {
            return Err(vocabulary.wrong("pieces of fewer than 2^28 bytes together"));
        }
        let keys: Vec<(&[u8], u32)> = pieces
            .iter()
            .filter(|(text, _)| !text.is_empty())
            .map(|(text, &token)| (text.as_bytes(), token))
            .collect();
        let field = root.get("added_tokens");
        let added = added::parse(&field, MOST_TOKENS)?;
        for token in &added {
            if let Some(id) = pieces.get(token.content.as_str()).filter(|&&id| id != token.id) {
                let expected = format!("{id}, as in the vocabulary");
                let name = format!("added_tokens: the id of {:?}", token.content);
                return Err(VectorizeError::model_value(file, name, token.id, &expected));
            }
        }
        let mut texts = pieces.clone();
        texts.extend(added.iter().map(|token| (token.content.as_str(), token.id)));
        let tokens = texts.values().max().map_or(0, |&most| most + 1);
        // A row for each would be large for nothing.
        if tokens as usize > 2 * texts.len() + GAPS {
            let expected = format!("no gaps in the ids of {} tokens", texts.len());
            return Err(VectorizeError::model_value(file, "the largest id", tokens - 1, &expected));
        }
        let settings = Settings {
            normalizer,
            splitter,
            model,
            unknown,
            tokens,
            median: median(texts.keys().map(|text| text.chars().count()).collect()),
            added,
        };
        let pieces = build_trie(&keys).into();
        Ok(Self::new(settings, Tables { pieces, scores: scores.into(), rules }))
    }

    fn new(settings: Settings, tables: Tables) -> Self {
        let (mut as_is, mut normalized) = (Vec::new(), Vec::new());
        let mut buffers = Default::default();
        for token in &settings.added {
            if token.normalized {
                let text = settings.normalizer.apply(&tables.rules, &token.content, &mut buffers);
                normalized.push((text.to_owned(), token.clone()));
            } else {
                as_is.push((token.content.clone(), token.clone()));
            }
        }
        Self {
            added: AddedTokens::new(as_is),
            added_normalized: AddedTokens::new(normalized),
            settings,
            tables,
        }
    }

    /// What [`read`](Self::read) needs besides the tables.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Writes the tables.
    pub(crate) fn write(&self, writer: &mut PartWriter) -> Result<(), VectorizeError> {
        let Tables { pieces, scores, rules } = &self.tables;
        writer.table(PIECES, pieces)?;
        writer.table(SCORES, scores)?;
        rules.write(writer)
    }

    /// Reads the tables, which stay in the part.
    pub(crate) fn read(part: &Part, settings: Settings) -> Result<Self, VectorizeError> {
        let (pieces, scores) = (part.table(PIECES)?, part.table(SCORES)?);
        Ok(Self::new(settings, Tables { pieces, scores, rules: Rules::read(part)? }))
    }

    /// Whether both give every text the same tokens.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.settings == other.settings && self.tables == other.tables
    }

    /// One more than the largest token.
    pub(crate) fn tokens(&self) -> usize {
        self.settings.tokens as usize
    }

    /// The token of what no piece spells.
    pub(crate) fn unknown(&self) -> u32 {
        self.settings.unknown
    }

    /// The median number of characters of a token's text.
    pub(crate) fn median(&self) -> usize {
        self.settings.median as usize
    }

    /// Replaces the tokens in `scratch` with those of a text: the first `most`.
    pub(crate) fn tokenize(&self, text: &str, most: usize, scratch: &mut Scratch) {
        let Scratch { tokens, normalized, split, lattice } = scratch;
        let Settings { normalizer, splitter, model, unknown, .. } = &self.settings;
        let Tables { pieces, scores, rules } = &self.tables;
        let vocabulary = Vocabulary { trie: Trie(pieces), scores, unknown: *unknown };
        tokens.clear();
        self.added.split(text, |part| match part {
            TextPart::Token(token) => tokens.push(token),
            TextPart::Text(text, is_first) => {
                let text = normalizer.apply(rules, text, normalized);
                self.added_normalized.split(text, |part| match part {
                    TextPart::Token(token) => tokens.push(token),
                    TextPart::Text(text, begins) => {
                        splitter.split(text, is_first && begins, split, &mut |word| {
                            if tokens.len() < most {
                                model.tokens(vocabulary, word, lattice, tokens);
                            }
                        });
                    }
                });
            }
        });
        tokens.truncate(most);
    }
}

/// The middle of the lengths, cut to a whole number.
fn median(mut lengths: Vec<usize>) -> u32 {
    lengths.sort_unstable();
    let middle = lengths.len() / 2;
    let upper = lengths.get(middle).copied().unwrap_or(0);
    let lower = match lengths.len().is_multiple_of(2) {
        true => lengths.get(middle.wrapping_sub(1)).copied().unwrap_or(0),
        false => upper,
    };
    u32::try_from((lower + upper) / 2).unwrap_or(u32::MAX)
}
