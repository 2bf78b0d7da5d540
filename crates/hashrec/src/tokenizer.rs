//! The configured tokenizer.

#[cfg(feature = "vibrato")]
use std::path::Path;

use hashrec_data::HashtagSpace;
use hashrec_tokenize::{Backend, TextTokenizer};
#[cfg(any(feature = "vibrato", feature = "unicode"))]
use hashrec_tokenize::{TokenizeError, TokenizerParams};

use crate::config::Config;

/// Why there is no tokenizer.
pub(crate) enum NoTokenizer {
    /// The vibrato tokenizer is configured without a dictionary.
    NoDictionary,
    /// This build lacks what the configuration needs.
    #[cfg(not(all(feature = "vibrato", feature = "unicode")))]
    Feature {
        /// What needs it.
        what: &'static str,
        /// The Cargo feature.
        feature: &'static str,
    },
    /// It can't be made.
    #[cfg(any(feature = "vibrato", feature = "unicode"))]
    Failed(TokenizeError),
}

/// The configured tokenizer; it keeps the hashtags of all communities whole.
pub(crate) fn tokenizer(
    config: &Config,
    space: &HashtagSpace,
) -> Result<TextTokenizer, NoTokenizer> {
    let params = config.tokenizer.clone();
    let hashtags = space.communities().flat_map(|(_, community)| community.hashtags());
    match (&config.dictionary, params.backend) {
        (Some(path), Backend::Auto | Backend::Vibrato) => vibrato(params, path, hashtags),
        (None, Backend::Vibrato) => Err(NoTokenizer::NoDictionary),
        _ => unicode(params, hashtags),
    }
}

#[cfg(feature = "vibrato")]
fn vibrato<'a>(
    params: TokenizerParams,
    path: &Path,
    hashtags: impl Iterator<Item = &'a str>,
) -> Result<TextTokenizer, NoTokenizer> {
    use hashrec_tokenize::Dictionary;

    let dictionary = match path.is_dir() {
        #[cfg(feature = "trainer")]
        true => Dictionary::compile_mecab_dir(path),
        _ => Dictionary::open(path),
    };
    dictionary
        .and_then(|made| TextTokenizer::vibrato(params, made.into(), hashtags))
        .map_err(NoTokenizer::Failed)
}

#[cfg(not(feature = "vibrato"))]
fn vibrato<T, P, H>(_: T, _: P, _: H) -> Result<TextTokenizer, NoTokenizer> {
    Err(NoTokenizer::Feature { what: "a MeCab dictionary", feature: "vibrato" })
}

#[cfg(feature = "unicode")]
fn unicode<'a>(
    params: TokenizerParams,
    hashtags: impl Iterator<Item = &'a str>,
) -> Result<TextTokenizer, NoTokenizer> {
    TextTokenizer::unicode(params, hashtags).map_err(NoTokenizer::Failed)
}

#[cfg(not(feature = "unicode"))]
fn unicode<T, H>(_: T, _: H) -> Result<TextTokenizer, NoTokenizer> {
    Err(NoTokenizer::Feature { what: "the embedded tokenizer", feature: "unicode" })
}
