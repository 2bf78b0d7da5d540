//! Vectors of posts and hashtags by a transformer.

mod charsmap;
mod config;
mod files;
mod model;
mod params;
mod sentence;
mod sentencepiece;
mod tokens;
mod words;

use std::{cmp::Reverse, fmt, sync::Arc};

use hashrec_tokenize::Tokenizer;
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};

use self::{
    config::Config,
    files::{CONFIG, WEIGHTS},
    model::Model,
    tokens::TextTokens,
};
pub use self::{files::TransformerFiles, params::TransformerParams};
use crate::{TextEncoder, TextRole, VectorizeError};

/// Most tokens of a batch with more than one text: bounds its memory.
const BATCH_TOKENS: usize = 8192;

/// A transformer that turns texts into vectors on the CPU: BERT, DistilBERT, ModernBERT or
/// XLM-RoBERTa.
///
/// The vector of a text is the mean of the last hidden states of its tokens, special tokens
/// included, or the first token's where the folder says so (`1_Pooling/config.json`). It is not scaled to length 1. Alone and in a batch, a text has the same vector up to
/// rounding.
///
/// Weights are copied into memory as 32-bit floats.
pub struct Transformer {
    model: Model,
    tokens: TextTokens,
    params: TransformerParams,
    /// None if the calling thread does the work.
    threads: Option<ThreadPool>,
    width: usize,
    capacity: usize,
}

impl Transformer {
    /// Reads a model. A model whose tokenizer is MeCab followed by SentencePiece (`spiece.model`)
    /// needs `words`, a tokenizer with the MeCab dictionary that the model was trained with
    /// (`mecab_dic` in `tokenizer_config.json`; UniDic for `ruri-small`). It must not keep
    /// hashtags whole or cut long texts. Other models ignore `words`.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`] for a parameter out of range;
    /// [`VectorizeError::ModelFile`], [`VectorizeError::ModelValue`] or
    /// [`VectorizeError::UnknownToken`] for a file that is malformed, not supported or does not fit
    /// the others; [`VectorizeError::NoWordTokenizer`] if `words` is required;
    /// [`VectorizeError::Threads`] if no thread can be started.
    pub fn new(
        files: &TransformerFiles,
        params: &TransformerParams,
        words: Option<Arc<dyn Tokenizer>>,
    ) -> Result<Self, VectorizeError> {
        params.check()?;
        let config = Config::read(files)?;
        let sentence = files.sentence()?;
        let most = sentence.max_tokens.unwrap_or(usize::MAX);
        let capacity = params.max_tokens.min(config.capacity()).min(most);
        let tokens = TextTokens::read(files, &config, words)?;
        if tokens.special() + 2 > capacity {
            let expected = format!("more than {} special tokens need", tokens.special() + 1);
            let field = "max_position_embeddings";
            return Err(VectorizeError::model_value(CONFIG, field, capacity, &expected));
        }
        let threads = match params.threads {
            1 => None,
            more => Some(ThreadPoolBuilder::new().num_threads(more).build()),
        };
        let threads = threads.transpose();
        Ok(Self {
            model: Model::read(files, &config, capacity, sentence.pooling)?,
            tokens,
            params: params.clone(),
            threads: threads.map_err(|error| VectorizeError::Threads { source: error.into() })?,
            width: config.width(),
            capacity,
        })
    }

    /// The number of floats in a vector.
    pub fn dim(&self) -> usize {
        self.width
    }

    /// The parameters.
    pub fn params(&self) -> &TransformerParams {
        &self.params
    }

    /// The most tokens of a text: `max_tokens`, or the model's limit if that is lower.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The vectors of posts, row after row, each of [`dim`](Self::dim) floats. Each post follows
    /// the prefix for posts, and is cut at its end if it is too long.
    ///
    /// # Errors
    /// [`VectorizeError::ModelFile`] if the tokenizer or the weights fail on a text;
    /// [`VectorizeError::UnknownToken`] if they do not fit each other;
    /// [`VectorizeError::NotFinite`] if the weights are too large.
    pub fn posts(&self, texts: &[&str]) -> Result<Vec<f32>, VectorizeError> {
        self.prefixed(&self.params.post_prefix, texts)
    }

    /// The vectors of hashtags, as [`Transformer::posts`], after the prefix for hashtags.
    ///
    /// # Errors
    /// As [`Transformer::posts`].
    pub fn hashtags(&self, hashtags: &[&str]) -> Result<Vec<f32>, VectorizeError> {
        self.prefixed(&self.params.hashtag_prefix, hashtags)
    }

    /// The vectors of posts with one hashtag each, as [`Transformer::posts`]. The prefix for
    /// posts, the post, the model's separator and the hashtag form one text. If it is too long,
    /// the post is cut, not the hashtag.
    ///
    /// # Errors
    /// As [`Transformer::posts`]; [`VectorizeError::NoSeparator`] if the model has no separator.
    pub fn pairs(&self, pairs: &[(&str, &str)]) -> Result<Vec<f32>, VectorizeError> {
        let prefix = &self.params.post_prefix;
        self.vectors(pairs.iter().map(|(post, hashtag)| {
            self.tokens.pair(&format!("{prefix}{post}"), hashtag, self.capacity)
        }))
    }

    /// The token ids of a text without prefix, as the model reads them: between special tokens,
    /// and cut if it is too long.
    ///
    /// # Errors
    /// As [`Transformer::posts`].
    pub fn token_ids(&self, text: &str) -> Result<Vec<u32>, VectorizeError> {
        self.tokens.text(text, self.capacity)
    }

    /// The vectors of tokens, row after row, each of [`dim`](Self::dim) floats. Each token is a text
    /// of its own, between the special tokens.
    ///
    /// # Errors
    /// As [`Transformer::posts`].
    pub fn token_vectors(&self, tokens: &[u32]) -> Result<Vec<f32>, VectorizeError> {
        self.vectors(tokens.iter().map(|&token| self.tokens.token(token)))
    }

    fn prefixed(&self, prefix: &str, texts: &[&str]) -> Result<Vec<f32>, VectorizeError> {
        self.vectors(texts.iter().map(|text| self.token_ids(&format!("{prefix}{text}"))))
    }

    /// The vectors of texts given as their token ids.
    fn vectors(
        &self,
        ids: impl Iterator<Item = Result<Vec<u32>, VectorizeError>>,
    ) -> Result<Vec<f32>, VectorizeError> {
        let ids: Vec<Vec<u32>> = ids.collect::<Result<_, _>>()?;
        let mut order: Vec<(usize, &[u32])> = ids.iter().map(Vec::as_slice).enumerate().collect();
        order.sort_by_key(|(_, ids)| Reverse(ids.len()));
        let batches = batches(&order, self.params.batch);
        let encoded: candle_core::Result<Vec<Vec<f32>>> = match &self.threads {
            Some(threads) => {
                threads.install(|| batches.par_iter().map(|b| self.model.encode(b)).collect())
            }
            None => batches.iter().map(|batch| self.model.encode(batch)).collect(),
        };
        let rows = encoded.map_err(|error| VectorizeError::model_file(WEIGHTS, error))?.concat();
        let mut vectors = vec![0.0; rows.len()];
        for ((text, _), row) in order.iter().zip(rows.chunks_exact(self.width)) {
            vectors[text * self.width..][..self.width].copy_from_slice(row);
        }
        let finite = vectors.iter().all(|value| value.is_finite());
        if finite { Ok(vectors) } else { Err(VectorizeError::NotFinite) }
    }
}

impl TextEncoder for Transformer {
    fn dim(&self) -> usize {
        self.width
    }

    fn encode(&self, texts: &[&str], role: TextRole) -> Result<Vec<f32>, VectorizeError> {
        let mut vectors = match role {
            TextRole::Post => self.posts(texts)?,
            TextRole::Hashtag => self.hashtags(texts)?,
        };
        for vector in vectors.chunks_exact_mut(self.width.max(1)) {
            let length = vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
            let scale = if length > 0.0 { length.recip() as f32 } else { 0.0 };
            vector.iter_mut().for_each(|value| *value *= scale);
        }
        Ok(vectors)
    }
}

/// Splits texts, longest first, into batches of at most `most` texts and [`BATCH_TOKENS`] tokens,
/// padding included.
fn batches<'o, 'i>(
    mut rest: &'o [(usize, &'i [u32])],
    most: usize,
) -> Vec<&'o [(usize, &'i [u32])]> {
    let mut batches = Vec::new();
    while let Some((_, longest)) = rest.first() {
        let fit = BATCH_TOKENS / longest.len().max(1);
        let (batch, after) = rest.split_at(most.min(fit).clamp(1, rest.len()));
        batches.push(batch);
        rest = after;
    }
    batches
}

impl fmt::Debug for Transformer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transformer")
            .field("dim", &self.width)
            .field("capacity", &self.capacity)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}
