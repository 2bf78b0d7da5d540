//! The tokenizer of a training run, and the tokens of its posts.

use std::path::Path;

use hashrec_data::{HashtagSpace, Post};
use hashrec_tokenize::{Backend, TextTokenizer, TokenizerParams, Tokens};
use rayon::prelude::*;

#[cfg(not(all(feature = "vibrato", feature = "unicode")))]
use crate::error::ConfigError;
use crate::{
    config::Config,
    error::TrainError,
    prepared::{CHUNK, tokenize},
    progress::Stage,
    reporter::Reporter,
};

/// The configured tokenizer; it keeps the hashtags of all communities whole.
pub(super) fn tokenizer(
    config: &Config,
    space: &HashtagSpace,
) -> Result<TextTokenizer, TrainError> {
    let params = config.tokenizer.clone();
    let hashtags = space.communities().flat_map(|(_, community)| community.hashtags());
    match (&config.dictionary, params.backend) {
        (Some(path), Backend::Auto | Backend::Vibrato) => vibrato(params, path, hashtags),
        (None, Backend::Vibrato) => Err(TrainError::NoDictionary),
        _ => unicode(params, hashtags),
    }
}

#[cfg(feature = "vibrato")]
fn vibrato<'a>(
    params: TokenizerParams,
    path: &Path,
    hashtags: impl Iterator<Item = &'a str>,
) -> Result<TextTokenizer, TrainError> {
    use hashrec_tokenize::Dictionary;

    let dictionary = match path.is_dir() {
        true => Dictionary::compile_mecab_dir(path),
        false => Dictionary::open(path),
    };
    dictionary
        .and_then(|made| TextTokenizer::vibrato(params, made.into(), hashtags))
        .map_err(TrainError::step(Stage::Tokens))
}

#[cfg(not(feature = "vibrato"))]
fn vibrato<T>(_: TokenizerParams, _: &Path, _: T) -> Result<TextTokenizer, TrainError> {
    Err(ConfigError::Feature { what: "a MeCab dictionary", feature: "vibrato" }.into())
}

#[cfg(feature = "unicode")]
fn unicode<'a>(
    params: TokenizerParams,
    hashtags: impl Iterator<Item = &'a str>,
) -> Result<TextTokenizer, TrainError> {
    TextTokenizer::unicode(params, hashtags).map_err(TrainError::step(Stage::Tokens))
}

#[cfg(not(feature = "unicode"))]
fn unicode<T>(_: TokenizerParams, _: T) -> Result<TextTokenizer, TrainError> {
    Err(ConfigError::Feature { what: "the embedded tokenizer", feature: "unicode" }.into())
}

/// The tokens of all posts, in order.
pub(super) fn tokens(
    tokenizer: &TextTokenizer,
    posts: &[Post],
    reporter: Reporter<'_>,
) -> Result<Vec<Tokens>, TrainError> {
    let mut all = Vec::with_capacity(posts.len());
    for chunk in posts.chunks(CHUNK * 8) {
        all.par_extend(tokenize(tokenizer, chunk));
        reporter.step(Stage::Tokens, all.len(), posts.len())?;
    }
    Ok(all)
}
