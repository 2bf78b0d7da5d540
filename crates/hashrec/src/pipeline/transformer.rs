//! A transformer as parts of a bundle: its files, and the tokenizer of its words if it needs one.

use std::sync::Arc;

use hashrec_tokenize::{TextTokenizer, Tokenizer};
use hashrec_vectorize::{Transformer, TransformerFiles, TransformerParams};

#[cfg(feature = "trainer")]
use super::parts::Parts;
use super::{stage::PartReader, vectors::TextVectorizer};
use crate::{bundle::error::BundleError, config::TransformerSource};

/// What the names of its parts begin with.
const PREFIX: &str = "transformer.";

/// The part that splits texts into MeCab words.
const WORDS: &str = "transformer-words";

impl TransformerSource {
    fn params(&self) -> TransformerParams {
        TransformerParams::default()
            .with_max_tokens(self.max_tokens)
            .with_batch(self.batch)
            .with_post_prefix(&self.post_prefix)
            .with_hashtag_prefix(&self.hashtag_prefix)
    }
}

/// The transformer among the parts.
pub(crate) fn read(
    parts: &PartReader<'_>,
    source: &TransformerSource,
) -> Result<TextVectorizer, BundleError> {
    let files: Vec<_> = parts
        .parts
        .iter()
        .filter_map(|(name, bytes)| Some((name.strip_prefix(PREFIX)?.to_owned(), bytes.clone())))
        .collect();
    if files.is_empty() {
        return Err(parts.missing("transformer"));
    }
    let words = match parts.parts.contains_key(WORDS) {
        true => Some(Arc::new(parts.read(WORDS, TextTokenizer::read)?) as Arc<dyn Tokenizer>),
        false => None,
    };
    let model = TransformerFiles::from_bytes(files)
        .and_then(|files| Transformer::new(&files, &source.params(), words))
        .map_err(BundleError::part("transformer"))?;
    Ok(TextVectorizer::Transformer(Arc::new(model)))
}

/// Adds the files of a folder, and the tokenizer, to the parts.
#[cfg(feature = "trainer")]
pub(crate) fn add(
    parts: &mut Parts,
    source: &TransformerSource,
) -> Result<(), crate::error::TrainError> {
    use hashrec_tokenize::{Dictionary, TokenizeError, TokenizerParams};
    use hashrec_vectorize::VectorizeError;

    use crate::{error::TrainError, progress::Stage};

    let folder = source.folder.as_deref().ok_or(TrainError::NoTransformer)?;
    let files = TransformerFiles::from_folder(folder)
        .map_err(TrainError::step::<VectorizeError>(Stage::Vectors))?;
    for (name, bytes) in files.iter() {
        parts.insert(format!("{PREFIX}{name}"), bytes.to_vec().into());
    }
    let Some(path) = &source.dictionary else { return Ok(()) };
    let words = Dictionary::open(path).and_then(|dictionary| {
        let params = TokenizerParams::default()
            .with_keep_hashtags(false)
            .with_max_chars(TokenizerParams::MAX_CHARS);
        TextTokenizer::vibrato(params, Arc::new(dictionary), [""; 0])?.write()
    });
    let words = words.map_err(TrainError::step::<TokenizeError>(Stage::Vectors))?;
    parts.insert(WORDS.to_owned(), words.into());
    Ok(())
}
