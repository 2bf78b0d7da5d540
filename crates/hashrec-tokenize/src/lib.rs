#![cfg_attr(all(feature = "compile", feature = "unicode"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "compile", feature = "unicode")),
    doc = "Tokenizers for hashtag recommendation. The README describes all features."
)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]
// Without a backend nothing uses the steps that lead to it.
#![cfg_attr(not(any(feature = "vibrato", feature = "unicode")), allow(dead_code))]

mod chars;
#[cfg(feature = "vibrato")]
mod dictionary;
mod error;
mod lexicon;
#[cfg(feature = "vibrato")]
mod mecab;
mod normalize;
mod params;
mod pipeline;
mod problem;
mod scan;
mod segment;
mod text;
mod tokenizer;
mod tokens;
#[cfg(feature = "unicode")]
mod unicode;

#[cfg(feature = "vibrato")]
pub use dictionary::Dictionary;
pub use error::TokenizeError;
pub use lexicon::HashtagLexicon;
#[cfg(feature = "vibrato")]
pub use mecab::VibratoTokenizer;
pub use normalize::{NormalizedText, Normalizer, normalize_hashtag};
pub use params::{Backend, TokenizerParams};
pub use problem::{Damage, SourceProblem};
pub use text::TextTokenizer;
pub use tokenizer::{Tokenizer, Worker};
pub use tokens::{Token, Tokens};
#[cfg(feature = "unicode")]
pub use unicode::UnicodeTokenizer;
