//! Tokenizers for hashtag recommendation.
//!
//! A [`Tokenizer`] turns a text into [`Tokens`]: normalised, lower-cased words in order, each with
//! its bytes in the caller's text. [`TextTokenizer`] is the one that goes into a bundle; its words
//! come from a MeCab dictionary ([`Dictionary`], feature `vibrato`) or from Unicode segmentation
//! with embedded tables (feature `unicode`, no files).
//!
//! What both backends share:
//!
//! - **One spelling** ([`Normalizer`]): NFKC, lower case. `Ｔシャツ`, `ﾊﾟﾝ` and `JAVA` are
//!   `tシャツ`, `パン` and `java`.
//! - **Words of alphabets** (Latin, Greek, Cyrillic) with their digits and underscores are found
//!   by their letters alone: `es2015`, `snake_case`; `Go言語` is `go` and `言語`.
//! - **Kept whole**: `c++`, `c#`, `.net`, `node.js` and the like; numbers such as `3.14`; emoji,
//!   with all their parts, without skin tone. A web or mail address is one token, its host
//!   without `www.`; `#tag` and `@name` are one token each, without the sign.
//! - **Hashtags stay whole** ([`HashtagLexicon`]): words side by side that together spell a known
//!   hashtag are one token: 新 and 機能 are 新機能.
//! - **Only words are tokens**: something with a letter or a digit, or an emoji.
//!
//! ```
//! # #[cfg(feature = "unicode")] {
//! use hashrec_tokenize::{TextTokenizer, Tokenizer, TokenizerParams};
//!
//! let text = "はじめての方へ：Ｃ＋＋の新機能";
//! let hashtags = ["新機能", "はじめての方へ"];
//! let tokenizer = TextTokenizer::unicode(TokenizerParams::default(), hashtags)?;
//! let tokens = tokenizer.tokenize(text);
//! assert_eq!(tokens.texts().collect::<Vec<_>>(), ["はじめての方へ", "c++", "の", "新機能"]);
//! let second = tokens.iter().nth(1).map(|token| token.span);
//! assert_eq!(second.map(|span| &text[span]), Some("Ｃ＋＋"));
//! # }
//! # Ok::<(), hashrec_tokenize::TokenizeError>(())
//! ```
//!
//! Many texts on one thread: keep a [`Worker`] and a [`Tokens`], and their buffers are reused.

#![deny(missing_docs)]
#![forbid(unsafe_code)]
// Without a backend the way to it is compiled, and not used.
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
pub use text::TextTokenizer;
pub use tokenizer::{Tokenizer, Worker};
pub use tokens::{Token, Tokens};
#[cfg(feature = "unicode")]
pub use unicode::UnicodeTokenizer;

/// The README's examples, as tests.
#[cfg(all(doctest, feature = "vibrato", feature = "unicode"))]
#[doc = include_str!("../README.md")]
struct Readme;
