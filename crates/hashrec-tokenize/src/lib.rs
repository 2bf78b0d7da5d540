//! Tokenizers for hashtag recommendation.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod tokenizer;
mod tokens;

pub use tokenizer::{Tokenizer, Worker};
pub use tokens::{Token, Tokens};
