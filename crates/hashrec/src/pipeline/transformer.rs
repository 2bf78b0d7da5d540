//! Transformers as parts of a bundle: their files, and the tokenizer of their words if they need one.

#[cfg(feature = "learn")]
use std::path::Path;
use std::sync::Arc;

use hashrec_tokenize::{TextTokenizer, Tokenizer};
use hashrec_vectorize::{
    TextEncoder, Transformer, TransformerFiles, TransformerParams, VectorizeError,
};

#[cfg(feature = "learn")]
use super::parts::Parts;
use super::{stage::PartReader, vectors::TextVectorizer};
#[cfg(feature = "learn")]
use crate::error::LearnError;
use crate::{
    bundle::error::BundleError,
    config::{EncoderParams, TransformerSource},
};

/// The names of a transformer's parts.
struct Names {
    /// What those of its files begin with.
    files: &'static str,
    /// The part that splits texts into MeCab words.
    words: &'static str,
    /// What errors call it.
    whole: &'static str,
}

/// The transformer whose vectors the paper's ranker compares.
const COMPARED: Names =
    Names { files: "transformer.", words: "transformer-words", whole: "transformer" };

/// The transformer that says what texts mean.
const ENCODER: Names = Names { files: "encoder.", words: "encoder-words", whole: "encoder" };

impl TransformerSource {
    fn params(&self) -> TransformerParams {
        TransformerParams::default()
            .with_max_tokens(self.max_tokens)
            .with_batch(self.batch)
            .with_post_prefix(&self.post_prefix)
            .with_hashtag_prefix(&self.hashtag_prefix)
    }
}

impl EncoderParams {
    /// With the prompts of the folder where no prefix is given. A hashtag is looked for, a post is
    /// what is found.
    fn params(&self, files: &TransformerFiles) -> Result<TransformerParams, VectorizeError> {
        let prefix = |given: &Option<String>, purposes: &[&str]| match given {
            Some(prefix) => Ok(prefix.clone()),
            None => files.prompt(purposes).map(Option::unwrap_or_default),
        };
        Ok(TransformerParams::default()
            .with_max_tokens(self.max_tokens)
            .with_post_prefix(prefix(&self.post_prefix, &["passage", "document"])?)
            .with_hashtag_prefix(prefix(&self.hashtag_prefix, &["query"])?))
    }
}

/// The transformer of the paper's ranker among the parts.
pub(crate) fn read(
    parts: &PartReader<'_>,
    source: &TransformerSource,
) -> Result<TextVectorizer, BundleError> {
    let model = read_model(parts, &COMPARED, |_| Ok(source.params()))?;
    Ok(TextVectorizer::Transformer(Arc::new(model)))
}

/// The encoder among the parts.
pub(crate) fn read_encoder(
    parts: &PartReader<'_>,
    params: &EncoderParams,
) -> Result<Arc<dyn TextEncoder>, BundleError> {
    Ok(Arc::new(read_model(parts, &ENCODER, |files| params.params(files))?))
}

fn read_model(
    parts: &PartReader<'_>,
    names: &Names,
    params: impl FnOnce(&TransformerFiles) -> Result<TransformerParams, VectorizeError>,
) -> Result<Transformer, BundleError> {
    let files: Vec<_> = parts
        .parts
        .iter()
        .filter_map(|(name, bytes)| {
            Some((name.strip_prefix(names.files)?.to_owned(), bytes.clone()))
        })
        .collect();
    if files.is_empty() {
        return Err(parts.missing(names.whole));
    }
    let words = match parts.parts.contains_key(names.words) {
        true => Some(Arc::new(parts.read(names.words, TextTokenizer::read)?) as Arc<dyn Tokenizer>),
        false => None,
    };
    TransformerFiles::from_bytes(files)
        .and_then(|files| Transformer::new(&files, &params(&files)?, words))
        .map_err(BundleError::part(names.whole))
}

/// Adds the files of the paper's ranker's transformer, and the tokenizer, to the parts.
#[cfg(feature = "trainer")]
pub(crate) fn add(
    parts: &mut Parts,
    source: &TransformerSource,
) -> Result<(), crate::error::TrainError> {
    let folder = source.folder.as_deref().ok_or(crate::error::TrainError::NoTransformer)?;
    Ok(add_model(parts, &COMPARED, folder, source.dictionary.as_deref())?)
}

/// Adds the files of the encoder, and its tokenizer, to the parts.
#[cfg(feature = "learn")]
pub(crate) fn add_encoder(
    parts: &mut Parts,
    folder: &Path,
    dictionary: Option<&Path>,
) -> Result<(), LearnError> {
    add_model(parts, &ENCODER, folder, dictionary)
}

#[cfg(feature = "learn")]
fn add_model(
    parts: &mut Parts,
    names: &Names,
    folder: &Path,
    dictionary: Option<&Path>,
) -> Result<(), LearnError> {
    use crate::progress::Stage;

    let files = TransformerFiles::from_folder(folder)
        .map_err(LearnError::step::<VectorizeError>(Stage::Vectors))?;
    for (name, bytes) in files.iter() {
        parts.insert(format!("{}{name}", names.files), bytes.to_vec().into());
    }
    let Some(path) = dictionary else { return Ok(()) };
    parts.insert(names.words.to_owned(), words(path)?.into());
    Ok(())
}

/// The tokenizer of MeCab words with a dictionary.
#[cfg(all(feature = "learn", feature = "vibrato"))]
fn words(dictionary: &Path) -> Result<Vec<u8>, LearnError> {
    use hashrec_tokenize::{Dictionary, TokenizeError, TokenizerParams};

    use crate::progress::Stage;

    let words = Dictionary::open(dictionary).and_then(|dictionary| {
        let params = TokenizerParams::default()
            .with_keep_hashtags(false)
            .with_max_chars(TokenizerParams::MAX_CHARS);
        TextTokenizer::vibrato(params, Arc::new(dictionary), [""; 0])?.write()
    });
    words.map_err(LearnError::step::<TokenizeError>(Stage::Vectors))
}

#[cfg(all(feature = "learn", not(feature = "vibrato")))]
fn words(_: &Path) -> Result<Vec<u8>, LearnError> {
    let (what, feature) = ("a MeCab dictionary", "vibrato");
    Err(crate::error::ConfigError::Feature { what, feature }.into())
}
