#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod analyzer;
mod base64;
#[cfg(feature = "train")]
mod distill;
mod error;
mod floret_mean;
mod json_field;
mod ngrams;
mod parameters;
mod sparse;
#[cfg(feature = "train")]
mod sparse_matrix;
mod static_table;
mod subwords;
mod svd;
mod text_encoder;
mod tfidf;
#[cfg(feature = "encoder")]
mod transformer;
mod vectorizer;
mod vocabulary;

pub use analyzer::{Analyzer, Words, bigram_feature, word_feature};
#[cfg(feature = "train")]
pub use distill::{DistillParams, TokenEncoder, distill};
pub use error::VectorizeError;
pub use floret_mean::FloretMean;
pub use ngrams::CharacterNgrams;
pub use sparse::SparseVector;
pub use static_table::{Precision, StaticTable};
pub use svd::{TfIdfSvd, TfIdfSvdParams};
pub use text_encoder::{TextEncoder, TextRole};
pub use tfidf::{TfIdf, TfIdfParams, inverse_document_frequency, term_weight};
#[cfg(feature = "encoder")]
pub use transformer::{Transformer, TransformerFiles, TransformerParams};
pub use vectorizer::Vectorizer;
pub use vocabulary::{Vocabulary, VocabularyBuilder, VocabularyView};
