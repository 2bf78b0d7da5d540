//! Vectors of posts and hashtags by a transformer.

mod attention;
mod config;
mod files;
mod kernels;
mod modernbert;
mod params;
mod post_norm;
mod sentencepiece;
mod tokens;
mod weights;
mod words;

use std::{
    fmt,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hashrec_tokenize::Tokenizer;

use self::{
    config::{Config, Kind},
    files::{CONFIG, WEIGHTS},
    modernbert::ModernBert,
    post_norm::PostNorm,
    tokens::{Reader, TextTokens},
    weights::Weights,
};
pub use self::{files::TransformerFiles, params::TransformerParams};
use crate::VectorizeError;

/// Tokens that are computed together, at most, unless one text alone is longer: bounds the memory
/// of a batch.
const BATCH_TOKENS: usize = 8192;

/// A transformer that turns texts into vectors: BERT, DistilBERT or ModernBERT, on the CPU.
///
/// A text's vector is the mean of the last hidden states of its tokens, special tokens included;
/// it is not brought to length 1. Texts are computed in batches of similar length without padding;
/// a text's vector is the same alone and in a batch, to rounding.
///
/// Weights in 32 bits stay in the mapped file; weights in 16 bits are converted.
pub struct Transformer {
    encoder: Encoder,
    tokens: TextTokens,
    params: TransformerParams,
    width: usize,
    /// The longest text in tokens.
    capacity: usize,
}

enum Encoder {
    PostNorm(PostNorm),
    ModernBert(ModernBert),
}

impl Transformer {
    /// Reads a model. One whose tokenizer is MeCab and SentencePiece (`spiece.model`) needs
    /// `words`: a tokenizer on the MeCab dictionary that the model was trained with (`mecab_dic` in
    /// `tokenizer_config.json`, UniDic for `ruri-small`), that keeps no hashtags whole and reads
    /// texts to the end. Other models don't use it.
    ///
    /// # Errors
    /// [`VectorizeError::Parameter`]; [`VectorizeError::ModelFile`] with the file and the field or
    /// tensor that is missing, malformed, or more than a model of this kind can have.
    pub fn new(
        files: &TransformerFiles,
        params: &TransformerParams,
        words: Option<Arc<dyn Tokenizer>>,
    ) -> Result<Self, VectorizeError> {
        params.check()?;
        let config = Config::read(files)?;
        let capacity = params.max_tokens.min(config.positions);
        let encoder = match config.kind {
            Kind::Bert { .. } | Kind::DistilBert => {
                let mut weights = Weights::read(files, post_norm::PROBE, &post_norm::PREFIXES)?;
                Encoder::PostNorm(PostNorm::read(&config, &mut weights)?)
            }
            Kind::ModernBert { .. } => {
                let mut weights = Weights::read(files, modernbert::PROBE, &modernbert::PREFIXES)?;
                Encoder::ModernBert(ModernBert::read(&config, &mut weights, capacity)?)
            }
        };
        let tokens = TextTokens::read(files, &config, words)?;
        if tokens.special() + 2 > capacity {
            return Err(VectorizeError::ModelFile {
                file: CONFIG.to_owned(),
                field: "max_position_embeddings".to_owned(),
                problem: format!(
                    "{capacity}; {} special tokens leave no room for a text",
                    tokens.special()
                ),
            });
        }
        Ok(Self { encoder, tokens, params: params.clone(), width: config.width, capacity })
    }

    /// Floats of a vector.
    pub fn dim(&self) -> usize {
        self.width
    }

    /// The parameters.
    pub fn params(&self) -> &TransformerParams {
        &self.params
    }

    /// The longest text in tokens: `max_tokens`, or less where the model ends before.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The vectors of posts, row after row, each of [`dim`](Self::dim) floats: every post is read
    /// behind the prefix for posts, and cut at its end where it is too long.
    ///
    /// # Errors
    /// [`VectorizeError::ModelFile`] if the tokenizer and the weights don't fit each other, or if
    /// the weights are so large that a vector isn't finite.
    pub fn posts(&self, texts: &[&str]) -> Result<Vec<f32>, VectorizeError> {
        self.prefixed(&self.params.post_prefix, texts)
    }

    /// The vectors of hashtags, as [`Transformer::posts`], behind the prefix for hashtags.
    ///
    /// # Errors
    /// As [`Transformer::posts`].
    pub fn hashtags(&self, hashtags: &[&str]) -> Result<Vec<f32>, VectorizeError> {
        self.prefixed(&self.params.hashtag_prefix, hashtags)
    }

    /// The vectors of posts with one hashtag each, as [`Transformer::posts`]: the post behind the
    /// prefix for posts, the model's separator, and the hashtag are read as one text. Where that is
    /// too long the post is cut, never the hashtag.
    ///
    /// # Errors
    /// As [`Transformer::posts`], and if the model has no separator.
    pub fn pairs(&self, pairs: &[(&str, &str)]) -> Result<Vec<f32>, VectorizeError> {
        let prefix = &self.params.post_prefix;
        self.vectors(pairs, |reader, (post, hashtag)| {
            reader.pair(&format!("{prefix}{post}"), hashtag, self.capacity)
        })
    }

    /// The token ids of a text, without prefix, as the model reads them: with the special tokens
    /// around it, and cut where it is too long.
    ///
    /// # Errors
    /// As [`Transformer::posts`].
    pub fn token_ids(&self, text: &str) -> Result<Vec<u32>, VectorizeError> {
        self.tokens.reader().text(text, self.capacity)
    }

    fn prefixed(&self, prefix: &str, texts: &[&str]) -> Result<Vec<f32>, VectorizeError> {
        self.vectors(texts, |reader, text| reader.text(&format!("{prefix}{text}"), self.capacity))
    }

    fn vectors<T>(
        &self,
        texts: &[T],
        ids: impl Fn(&mut Reader<'_>, &T) -> Result<Vec<u32>, VectorizeError>,
    ) -> Result<Vec<f32>, VectorizeError> {
        let mut reader = self.tokens.reader();
        let ids: Vec<Vec<u32>> =
            texts.iter().map(|text| ids(&mut reader, text)).collect::<Result<_, _>>()?;
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by_key(|&text| std::cmp::Reverse(ids[text].len()));
        let batches = batches(&order, &ids, self.params.batch);
        let mut vectors = vec![0.0; ids.len() * self.width];
        for (batch, values) in self.compute(&batches, &ids) {
            for (&text, value) in batch.iter().zip(values.chunks_exact(self.width)) {
                vectors[text * self.width..(text + 1) * self.width].copy_from_slice(value);
            }
        }
        if vectors.iter().all(|value| value.is_finite()) {
            return Ok(vectors);
        }
        Err(VectorizeError::ModelFile {
            file: WEIGHTS.to_owned(),
            field: "hidden states".to_owned(),
            problem: "the weights are so large that a vector is not finite".to_owned(),
        })
    }

    /// The vectors of every batch, on as many threads as the parameters say.
    fn compute<'b>(
        &self,
        batches: &[&'b [usize]],
        ids: &[Vec<u32>],
    ) -> Vec<(&'b [usize], Vec<f32>)> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((*batch, self.batch(batch, ids)));
            }
            done
        };
        let threads = self.params.threads.min(batches.len());
        if threads < 2 {
            return work();
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let joined = threads.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            joined.flatten().collect()
        })
    }

    /// The vectors of some texts: their tokens one after another, then the mean of each text.
    fn batch(&self, batch: &[usize], all: &[Vec<u32>]) -> Vec<f32> {
        let mut ids = Vec::new();
        let mut texts: Vec<Range<usize>> = Vec::with_capacity(batch.len());
        for text in batch.iter().filter_map(|&text| all.get(text)) {
            texts.push(ids.len()..ids.len() + text.len());
            ids.extend_from_slice(text);
        }
        let hidden = match &self.encoder {
            Encoder::PostNorm(encoder) => encoder.forward(&ids, &texts),
            Encoder::ModernBert(encoder) => encoder.forward(&ids, &texts),
        };
        let mut vectors = vec![0.0; texts.len() * self.width];
        for (text, vector) in texts.iter().zip(vectors.chunks_exact_mut(self.width)) {
            let rows = &hidden[text.start * self.width..text.end * self.width];
            rows.chunks_exact(self.width).for_each(|row| kernels::add_to(vector, row));
            let share = 1.0 / text.len().max(1) as f32;
            vector.iter_mut().for_each(|value| *value *= share);
        }
        vectors
    }
}

/// Neighbours in `order`, `most` at a time, fewer where they are long.
fn batches<'o>(order: &'o [usize], ids: &[Vec<u32>], most: usize) -> Vec<&'o [usize]> {
    let mut batches = Vec::new();
    let mut rest = order;
    while let Some(&longest) = rest.first() {
        // The first is the longest of what is left.
        let fit = BATCH_TOKENS / ids.get(longest).map_or(1, |ids| ids.len().max(1));
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
