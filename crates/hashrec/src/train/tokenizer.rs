//! The tokenizer of a training run, and the tokens of its posts.

use hashrec_data::{HashtagSpace, Post};
use hashrec_tokenize::{Backend, TextTokenizer, TokenizeError, Tokens};
use rayon::prelude::*;

use crate::{
    config::Config,
    error::{ConfigError, TrainError},
    prepared::{CHUNK, tokenize},
    progress::Stage,
    reporter::Reporter,
};

/// The configured tokenizer; it keeps the hashtags of all communities whole.
pub(super) fn tokenizer(
    config: &Config,
    space: &HashtagSpace,
) -> Result<TextTokenizer, TrainError> {
    let hashtags = || space.communities().flat_map(|(_, community)| community.hashtags());
    let made = match (&config.dictionary, config.tokenizer.backend) {
        (Some(path), Backend::Auto | Backend::Vibrato) => vibrato(config, path, hashtags())?,
        (None, Backend::Vibrato) => return Err(TrainError::NoDictionary),
        _ => unicode(config, hashtags())?,
    };
    made.map_err(TrainError::step(Stage::Tokens))
}

type Made = Result<Result<TextTokenizer, TokenizeError>, ConfigError>;

#[cfg(feature = "vibrato")]
fn vibrato<'a>(
    config: &Config,
    path: &std::path::Path,
    hashtags: impl Iterator<Item = &'a str>,
) -> Made {
    use hashrec_tokenize::Dictionary;

    let dictionary = match path.is_dir() {
        true => Dictionary::compile_mecab_dir(path),
        false => Dictionary::open(path),
    };
    let params = config.tokenizer.clone();
    Ok(dictionary.and_then(|made| TextTokenizer::vibrato(params, made.into(), hashtags)))
}

#[cfg(not(feature = "vibrato"))]
fn vibrato<'a>(_: &Config, _: &std::path::Path, _: impl Iterator<Item = &'a str>) -> Made {
    Err(ConfigError::Feature { what: "a MeCab dictionary", feature: "vibrato" })
}

#[cfg(feature = "unicode")]
fn unicode<'a>(config: &Config, hashtags: impl Iterator<Item = &'a str>) -> Made {
    Ok(TextTokenizer::unicode(config.tokenizer.clone(), hashtags))
}

#[cfg(not(feature = "unicode"))]
fn unicode<'a>(_: &Config, _: impl Iterator<Item = &'a str>) -> Made {
    Err(ConfigError::Feature { what: "the embedded tokenizer", feature: "unicode" })
}

/// The tokens of all posts, in order.
pub(super) fn tokens(
    tokenizer: &TextTokenizer,
    posts: &[Post],
    reporter: &mut Reporter<'_>,
) -> Result<Vec<Tokens>, TrainError> {
    let mut all = Vec::with_capacity(posts.len());
    for chunk in posts.chunks(CHUNK * 8) {
        all.par_extend(tokenize(tokenizer, chunk));
        reporter.step(Stage::Tokens, all.len(), posts.len())?;
    }
    Ok(all)
}
