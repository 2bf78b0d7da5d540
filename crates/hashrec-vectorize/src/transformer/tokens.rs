//! From texts to token ids, special tokens included.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use hashrec_tokenize::{Tokenizer, Worker};
use icu_normalizer::ComposingNormalizerBorrowed;
use serde_json::Value;

use super::{
    config::Config,
    files::{SENTENCEPIECE, TOKENIZER, TOKENIZER_CONFIG, TransformerFiles},
    sentencepiece::{SPACE, SentencePiece, charsmap::Charsmap},
    words::words,
};
use crate::VectorizeError;

/// A model's tokenizer.
pub(super) struct TextTokens {
    cutter: Cutter,
    /// The ids before and after every text.
    head: Vec<u32>,
    tail: Vec<u32>,
    /// The id between two texts.
    separator: Option<u32>,
    vocabulary: usize,
}

enum Cutter {
    /// `tokenizer.json`.
    Whole(Box<tokenizers::Tokenizer>),
    /// MeCab words, then `spiece.model` inside each.
    Words { model: SentencePiece, words: Arc<dyn Tokenizer>, lower_case: bool },
}

/// The buffers for many texts on one thread.
pub(super) struct Reader<'t> {
    tokens: &'t TextTokens,
    worker: Option<Box<dyn Worker + 't>>,
    pieces: Vec<(String, u32)>,
}

impl TextTokens {
    pub(super) fn read(
        files: &TransformerFiles,
        config: &Config,
        words: Option<Arc<dyn Tokenizer>>,
    ) -> Result<Self, VectorizeError> {
        let settings: Value = match files.get(TOKENIZER_CONFIG) {
            Some(_) => files.json(TOKENIZER_CONFIG)?,
            None => Value::Null,
        };
        let mut tokens = match files.get(TOKENIZER) {
            Some(file) => Self::from_tokenizer_json(file, &settings)?,
            None => Self::from_sentencepiece(files, &settings, words)?,
        };
        tokens.vocabulary = config.vocabulary;
        tokens.separator = tokens.separator.or(config.separator);
        let special = tokens.head.iter().chain(&tokens.tail).chain(&tokens.separator);
        for &id in special {
            tokens.check(id)?;
        }
        Ok(tokens)
    }

    fn from_tokenizer_json(file: &[u8], settings: &Value) -> Result<Self, VectorizeError> {
        check_tokenizer_json(file)?;
        let mut tokenizer = caught(|| tokenizers::Tokenizer::from_bytes(file))?;
        // Texts are cut and batched here, not there.
        let cutting = tokenizer.with_padding(None).with_truncation(None).map(drop);
        cutting.map_err(|error| bad_tokenizer("truncation", error.to_string()))?;
        let around = caught(|| tokenizer.encode("a", true))?;
        let special = around.get_special_tokens_mask();
        let head = special.iter().take_while(|&&special| special == 1).count();
        let tail = special[head..].iter().rev().take_while(|&&special| special == 1).count();
        let ids = around.get_ids();
        let separator = match token(settings, "sep_token") {
            Some(name) => tokenizer.token_to_id(name),
            None => tokenizer.token_to_id("[SEP]"),
        };
        Ok(Self {
            head: ids[..head].to_vec(),
            tail: ids[ids.len() - tail..].to_vec(),
            separator,
            vocabulary: 0,
            cutter: Cutter::Whole(Box::new(tokenizer)),
        })
    }

    fn from_sentencepiece(
        files: &TransformerFiles,
        settings: &Value,
        words: Option<Arc<dyn Tokenizer>>,
    ) -> Result<Self, VectorizeError> {
        let problem = |file: &str, field: &str, problem: String| VectorizeError::ModelFile {
            file: file.to_owned(),
            field: field.to_owned(),
            problem,
        };
        for (field, supported) in
            [("word_tokenizer_type", "mecab"), ("subword_tokenizer_type", "sentencepiece")]
        {
            let found = &settings[field];
            if found != supported {
                let text = format!("{found}; {supported:?} is supported with {SENTENCEPIECE}");
                return Err(problem(TOKENIZER_CONFIG, field, text));
            }
        }
        let Some(words) = words else {
            let text = "the model reads MeCab words: give it a tokenizer with the dictionary of \
                        mecab_kwargs";
            return Err(problem(TOKENIZER_CONFIG, "word_tokenizer_type", text.to_owned()));
        };
        let file = files.get(SENTENCEPIECE).map_or(&[][..], |file| file);
        let model =
            SentencePiece::read(file).map_err(|text| problem(SENTENCEPIECE, "model", text))?;
        let special = |field: &str, usual: &str| {
            let name = token(settings, field).unwrap_or(usual);
            let unknown =
                || problem(TOKENIZER_CONFIG, field, format!("{SENTENCEPIECE} lacks {name:?}"));
            model.find(name).ok_or_else(unknown)
        };
        let (first, last) = (special("cls_token", "[CLS]")?, special("sep_token", "[SEP]")?);
        let flag = |field: &str, usual: bool| settings[field].as_bool().unwrap_or(usual);
        if !flag("keep_accents", true) {
            let text = "false is not supported".to_owned();
            return Err(problem(TOKENIZER_CONFIG, "keep_accents", text));
        }
        Ok(Self {
            head: vec![first],
            tail: vec![last],
            separator: Some(last),
            vocabulary: 0,
            cutter: Cutter::Words { model, words, lower_case: flag("do_lower_case", false) },
        })
    }

    /// The special tokens of two texts: around them, and between.
    pub(super) fn special(&self) -> usize {
        self.head.len() + self.tail.len() + 1
    }

    /// Buffers for one thread.
    pub(super) fn reader(&self) -> Reader<'_> {
        let worker = match &self.cutter {
            Cutter::Whole(_) => None,
            Cutter::Words { words, .. } => Some(words.worker()),
        };
        Reader { tokens: self, worker, pieces: Vec::new() }
    }

    fn check(&self, id: u32) -> Result<(), VectorizeError> {
        if (id as usize) < self.vocabulary {
            return Ok(());
        }
        Err(VectorizeError::ModelFile {
            file: self.file().to_owned(),
            field: "vocabulary".to_owned(),
            problem: format!("token {id}, but vocab_size of config.json is {}", self.vocabulary),
        })
    }

    fn file(&self) -> &'static str {
        match self.cutter {
            Cutter::Whole(_) => TOKENIZER,
            Cutter::Words { .. } => SENTENCEPIECE,
        }
    }
}

impl Reader<'_> {
    /// A text and the special tokens around it, in at most `most` tokens: the end of the text is
    /// left out.
    pub(super) fn text(&mut self, text: &str, most: usize) -> Result<Vec<u32>, VectorizeError> {
        let mut ids = self.tokens.head.clone();
        self.append(text, &mut ids)?;
        ids.truncate(most.saturating_sub(self.tokens.tail.len()));
        ids.extend_from_slice(&self.tokens.tail);
        Ok(ids)
    }

    /// Two texts with a separator between them, read as one text of at most `most` tokens: the end
    /// of the first is left out, and of the second only what would not fit alone.
    pub(super) fn pair(
        &mut self,
        first: &str,
        second: &str,
        most: usize,
    ) -> Result<Vec<u32>, VectorizeError> {
        let Some(separator) = self.tokens.separator else {
            return Err(VectorizeError::ModelFile {
                file: TOKENIZER_CONFIG.to_owned(),
                field: "sep_token".to_owned(),
                problem: "no token separates two texts in this model".to_owned(),
            });
        };
        let (head, tail) = (&self.tokens.head, &self.tokens.tail);
        let room = most.saturating_sub(head.len() + tail.len() + 1);
        let mut ids = head.clone();
        let mut after = Vec::new();
        self.append(second, &mut after)?;
        after.truncate(room);
        self.append(first, &mut ids)?;
        ids.truncate(head.len() + room - after.len());
        ids.push(separator);
        ids.extend(after);
        ids.extend_from_slice(tail);
        Ok(ids)
    }

    fn append(&mut self, text: &str, ids: &mut Vec<u32>) -> Result<(), VectorizeError> {
        let from = ids.len();
        match &self.tokens.cutter {
            Cutter::Whole(tokenizer) => {
                let encoding = caught(|| tokenizer.encode_fast(text, false))?;
                ids.extend_from_slice(encoding.get_ids());
            }
            Cutter::Words { model, lower_case, .. } => {
                let text = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
                let Some(worker) = &mut self.worker else { return Ok(()) };
                let pieces = &mut self.pieces;
                pieces.clear();
                words(&mut **worker, &text, |word| {
                    if *lower_case {
                        encode_word(model, &word.to_lowercase(), pieces);
                    } else {
                        encode_word(model, word, pieces);
                    }
                });
                ids.extend(pieces.iter().map(|(_, id)| *id));
            }
        }
        ids[from..].iter().try_for_each(|&id| self.tokens.check(id))
    }
}

/// The pieces of one word. A comma after a digit stands alone, as in `transformers`.
fn encode_word(model: &SentencePiece, word: &str, pieces: &mut Vec<(String, u32)>) {
    let word = word.replace("``", "\"").replace("''", "\"");
    let first = pieces.len();
    model.encode(&word, pieces);
    let joined = |piece: &str| {
        piece.strip_suffix(',').is_some_and(|number| number.ends_with(|c: char| c.is_numeric()))
    };
    if !pieces[first..].iter().any(|(piece, _)| joined(piece)) {
        return;
    }
    for (piece, id) in pieces.split_off(first) {
        if !joined(&piece) {
            pieces.push((piece, id));
            continue;
        }
        let number = piece.trim_end_matches(',').replace(SPACE, "");
        let at = pieces.len();
        model.encode(&number, pieces);
        if !piece.starts_with(SPACE)
            && let Some(rest) = pieces.get(at).and_then(|(piece, _)| piece.strip_prefix(SPACE))
        {
            let rest = rest.to_owned();
            if rest.is_empty() {
                pieces.remove(at);
            } else {
                let id = model.id(&rest);
                pieces[at] = (rest, id);
            }
        }
        pieces.push((",".to_owned(), model.id(",")));
    }
}

/// The text of a special token: a string, or an object with `content`.
fn token<'a>(settings: &'a Value, field: &str) -> Option<&'a str> {
    let value = settings.get(field)?;
    value.as_str().or_else(|| value.get("content")?.as_str())
}

/// Refuses what the `tokenizers` crate would read and later stumble over: normalisation rules that
/// lead nowhere, and tokenizers that draw lots.
fn check_tokenizer_json(file: &[u8]) -> Result<(), VectorizeError> {
    let json: Value =
        serde_json::from_slice(file).map_err(|error| bad_tokenizer("json", error.to_string()))?;
    let dropout = &json["model"]["dropout"];
    if dropout.as_f64().is_some_and(|share| share > 0.0) {
        return Err(bad_tokenizer("model.dropout", format!("{dropout}; texts would vary")));
    }
    // Every object, wherever it stands: the reader nests them freely. The depth was limited above.
    let mut left = vec![&json];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(values) => left.extend(values),
            Value::Object(fields) => {
                if let Some(rules) = fields.get("precompiled_charsmap").filter(|v| !v.is_null()) {
                    let rules = rules.as_str().ok_or("it is not a text");
                    rules
                        .and_then(|rules| Charsmap::parse_base64(rules).map(drop))
                        .map_err(|error| bad_tokenizer("precompiled_charsmap", error.to_owned()))?;
                }
                left.extend(fields.values().filter(|value| value.is_array() || value.is_object()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn bad_tokenizer(field: &str, problem: String) -> VectorizeError {
    VectorizeError::ModelFile { file: TOKENIZER.to_owned(), field: field.to_owned(), problem }
}

/// Calls into the `tokenizers` crate, which checks most of what it reads, but not all of it: what
/// still panics there becomes an error here. Nothing is changed by the calls, so nothing is left
/// half done.
fn caught<T>(call: impl FnOnce() -> tokenizers::Result<T>) -> Result<T, VectorizeError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(bad_tokenizer("content", error.to_string())),
        Err(_) => Err(bad_tokenizer("content", "its reader gave up on it".to_owned())),
    }
}
