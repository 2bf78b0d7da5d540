//! The tokenizer of a training run, and the tokens of its posts.

use std::sync::Arc;

use hashrec_data::{HashtagSpace, Post};
use hashrec_tokenize::{Backend, Dictionary, TextTokenizer, TokenizeError, Tokens};
use rayon::prelude::*;

use super::Reporter;
use crate::{
    Config, Stage, TrainError,
    fit::{CHUNK, tokenize},
};

/// The tokenizer that the configuration asks for; it keeps every hashtag of the corpus whole.
pub(super) fn tokenizer(
    config: &Config,
    space: &HashtagSpace,
) -> Result<TextTokenizer, TrainError> {
    let hashtags = || space.communities().flat_map(|(_, community)| community.hashtags());
    let params = config.tokenizer.clone();
    let made = match (&config.dictionary, params.backend) {
        (Some(path), Backend::Auto | Backend::Vibrato) => {
            let dictionary = if path.is_dir() {
                Dictionary::compile_mecab_dir(path)
            } else {
                Dictionary::open(path)
            };
            dictionary.and_then(|d| TextTokenizer::vibrato(params, Arc::new(d), hashtags()))
        }
        (None, Backend::Vibrato) => return Err(TrainError::NoDictionary),
        _ => TextTokenizer::unicode(params, hashtags()),
    };
    made.map_err(TrainError::step::<TokenizeError>(Stage::Tokens))
}

/// The tokens of all posts, in order: made once, used by every later step.
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
