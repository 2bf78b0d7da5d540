//! From texts to token ids, special tokens included.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use hashrec_tokenize::Tokenizer as WordTokenizer;
use icu_normalizer::ComposingNormalizerBorrowed;
use serde_json::Value;
use tokenizers::Tokenizer;

use super::{
    charsmap,
    config::Config,
    files::{SENTENCEPIECE, TOKENIZER, TOKENIZER_CONFIG, TransformerFiles},
    sentencepiece::SentencePiece,
    words::words,
};
use crate::VectorizeError;

/// A model's tokenizer.
pub(super) struct TextTokens {
    tokenizer: Tokenizer,
    /// MeCab words, where pieces are found inside words only.
    words: Option<Words>,
    /// The ids before and after every text.
    head: Vec<u32>,
    tail: Vec<u32>,
    /// The id between two texts.
    separator: Option<u32>,
    vocabulary: usize,
    file: &'static str,
}

struct Words {
    tokenizer: Arc<dyn WordTokenizer>,
    lower_case: bool,
}

impl TextTokens {
    /// Reads `tokenizer.json`, or `spiece.model` for a model that reads the words of `words`.
    pub(super) fn read(
        files: &TransformerFiles,
        config: &Config,
        words: Option<Arc<dyn WordTokenizer>>,
    ) -> Result<Self, VectorizeError> {
        let settings: Value = match files.get(TOKENIZER_CONFIG) {
            Some(_) => files.json(TOKENIZER_CONFIG)?,
            None => Value::Null,
        };
        let mut tokens = match files.get(TOKENIZER) {
            Some(_) => Self::from_tokenizer_json(files, &settings)?,
            None => Self::from_sentencepiece(files, &settings, words)?,
        };
        tokens.vocabulary = config.vocabulary();
        tokens.separator = tokens.separator.or(config.separator());
        tokens.check(&[&tokens.head[..], &tokens.tail, tokens.separator.as_slice()].concat())?;
        Ok(tokens)
    }

    fn from_tokenizer_json(
        files: &TransformerFiles,
        settings: &Value,
    ) -> Result<Self, VectorizeError> {
        let json: Value = files.json(TOKENIZER)?;
        let dropout = &json["model"]["dropout"];
        if dropout.as_f64().is_some_and(|share| share > 0.0) {
            return Err(VectorizeError::model_value(TOKENIZER, "model.dropout", dropout, "0"));
        }
        charsmap::check_json(&json)?;
        let file = files.get(TOKENIZER).map_or(&[][..], |file| file);
        let mut tokenizer = caught(TOKENIZER, || Tokenizer::from_bytes(file))?;
        // Texts are cut and padded here, not there.
        caught(TOKENIZER, || tokenizer.with_padding(None).with_truncation(None).map(drop))?;
        let around = caught(TOKENIZER, || tokenizer.encode("a", true))?;
        let (ids, special) = (around.get_ids(), around.get_special_tokens_mask());
        let head = special.iter().take_while(|&&special| special == 1).count();
        let tail = special[head..].iter().rev().take_while(|&&special| special == 1).count();
        let separator = tokenizer.token_to_id(token(settings, "sep_token").unwrap_or("[SEP]"));
        Ok(Self {
            head: ids[..head].to_vec(),
            tail: ids[ids.len() - tail..].to_vec(),
            separator,
            vocabulary: 0,
            words: None,
            tokenizer,
            file: TOKENIZER,
        })
    }

    fn from_sentencepiece(
        files: &TransformerFiles,
        settings: &Value,
        words: Option<Arc<dyn WordTokenizer>>,
    ) -> Result<Self, VectorizeError> {
        for (field, supported) in [
            ("word_tokenizer_type", Value::from("mecab")),
            ("subword_tokenizer_type", Value::from("sentencepiece")),
            ("keep_accents", Value::from(true)),
        ] {
            let found = settings.get(field).unwrap_or(&Value::Null);
            if *found != supported && !(found.is_null() && supported == true) {
                let expected = supported.to_string();
                return Err(VectorizeError::model_value(TOKENIZER_CONFIG, field, found, &expected));
            }
        }
        let tokenizer = words.ok_or(VectorizeError::NoWordTokenizer)?;
        let lower_case = settings["do_lower_case"].as_bool().unwrap_or(false);
        let file = files.get(SENTENCEPIECE).map_or(&[][..], |file| file);
        let model = caught(SENTENCEPIECE, || SentencePiece::read(file))?;
        let special = |field: &str, usual: &str| {
            let name = token(settings, field).unwrap_or(usual);
            let expected = "a piece of spiece.model";
            model
                .id(name)
                .ok_or_else(|| VectorizeError::model_value(TOKENIZER_CONFIG, field, name, expected))
        };
        let (first, last) = (special("cls_token", "[CLS]")?, special("sep_token", "[SEP]")?);
        Ok(Self {
            head: vec![first],
            tail: vec![last],
            separator: Some(last),
            vocabulary: 0,
            words: Some(Words { tokenizer, lower_case }),
            tokenizer: model.tokenizer,
            file: SENTENCEPIECE,
        })
    }

    /// The number of special tokens around and between two texts.
    pub(super) fn special(&self) -> usize {
        self.head.len() + self.tail.len() + 1
    }

    /// A text and the special tokens around it, in at most `most` tokens: the end of the text is
    /// cut.
    pub(super) fn text(&self, text: &str, most: usize) -> Result<Vec<u32>, VectorizeError> {
        let mut ids = [&self.head[..], &self.ids(text)?].concat();
        ids.truncate(most.saturating_sub(self.tail.len()));
        ids.extend_from_slice(&self.tail);
        Ok(ids)
    }

    /// A token alone and the special tokens around it.
    pub(super) fn token(&self, token: u32) -> Result<Vec<u32>, VectorizeError> {
        self.check(&[token])?;
        Ok([&self.head[..], &[token], &self.tail].concat())
    }

    /// Two texts with a separator between them as one text of at most `most` tokens: the end of
    /// the first is cut, and of the second only what does not fit alone.
    ///
    /// By hand, because tokenizers differ in how they set two texts apart, and refuse to cut both.
    pub(super) fn pair(
        &self,
        first: &str,
        second: &str,
        most: usize,
    ) -> Result<Vec<u32>, VectorizeError> {
        let separator = self.separator.ok_or(VectorizeError::NoSeparator)?;
        let room = most.saturating_sub(self.special());
        let (mut before, mut after) = (self.ids(first)?, self.ids(second)?);
        after.truncate(room);
        before.truncate(room - after.len());
        Ok([&self.head[..], &before, &[separator], &after, &self.tail].concat())
    }

    /// The tokens of a text alone.
    fn ids(&self, text: &str) -> Result<Vec<u32>, VectorizeError> {
        let encoding = match &self.words {
            Some(Words { tokenizer, lower_case }) => {
                let text = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
                let tokens = tokenizer.tokenize(&text);
                let found = words(&tokens, &text).into_iter();
                let found: Vec<String> = match lower_case {
                    true => found.map(str::to_lowercase).collect(),
                    false => found.map(str::to_owned).collect(),
                };
                caught(self.file, || self.tokenizer.encode_fast(found, false))?
            }
            None => caught(self.file, || self.tokenizer.encode_fast(text, false))?,
        };
        let ids = encoding.get_ids().to_vec();
        self.check(&ids)?;
        Ok(ids)
    }

    /// Refuses tokens that the weights don't know.
    fn check(&self, ids: &[u32]) -> Result<(), VectorizeError> {
        let (file, vocabulary) = (self.file, self.vocabulary);
        match ids.iter().find(|&&id| id as usize >= vocabulary) {
            None => Ok(()),
            Some(&token) => Err(VectorizeError::UnknownToken { file, token, vocabulary }),
        }
    }
}

/// The text of a special token: a string, or an object with `content`.
fn token<'a>(settings: &'a Value, field: &str) -> Option<&'a str> {
    let value = settings.get(field)?;
    value.as_str().or_else(|| value.get("content")?.as_str())
}

/// Calls into the `tokenizers` crate, which checks most of what it reads but not all: a panic there
/// becomes an error here. The calls leave nothing half changed.
fn caught<T>(
    file: &str,
    call: impl FnOnce() -> tokenizers::Result<T>,
) -> Result<T, VectorizeError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(VectorizeError::model_file(file, error)),
        Err(_) => Err(VectorizeError::model_file(file, "the tokenizer is malformed")),
    }
}
