#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bundle;
#[cfg(feature = "trainer")]
mod cache;
mod config;
mod error;
#[cfg(feature = "evaluate")]
mod evaluate;
#[cfg(all(test, feature = "learn"))]
mod faulty;
#[cfg(feature = "learn")]
mod files;
#[cfg(feature = "learn")]
mod fingerprint;
#[cfg(feature = "learn")]
mod learn;
mod model;
mod notes;
mod pipeline;
#[cfg(feature = "learn")]
mod prepared;
mod progress;
mod recommender;
#[cfg(feature = "learn")]
mod reporter;
mod request;
mod segments;
mod serve;
#[cfg(feature = "learn")]
mod temporary;
#[cfg(feature = "learn")]
mod tokenizer;
#[cfg(feature = "trainer")]
mod train;
#[cfg(feature = "trainer")]
mod trainer;
#[cfg(feature = "learn")]
mod vector_cache;

pub use bundle::{
    BundleError, FORMAT_VERSION, LoadParams, Manifest, ManifestDefect, PartDefect, PartEntry,
    TargetProblem,
};
pub use config::{
    Config, EncoderKind, EncoderParams, RankerSource, SmallCommunityParams, System,
    TransformerSource, UnknownSystem, VectorKind, VectorParams,
};
#[cfg(feature = "learn")]
pub use error::LearnError;
#[cfg(feature = "trainer")]
pub use error::TrainError;
pub use error::{ConfigError, RecommendError};
#[cfg(feature = "evaluate")]
pub use evaluate::{Evaluation, EvaluationError, evaluate};
#[cfg(feature = "learn")]
pub use learn::{LearnReport, Learner, NewCommunity};
pub use notes::HashtagNotes;
pub use progress::{Detail, OnProgress, Progress, Stage};
pub use recommender::Recommender;
pub use request::{Recommendation, Request, Source};
#[cfg(feature = "trainer")]
pub use train::{RankerChoice, TrainReport};
#[cfg(feature = "train")]
pub use trainer::RankerCorpus;
#[cfg(feature = "trainer")]
pub use trainer::Trainer;

pub use hashrec_candidates::{
    CandidateParams, LinearParams, MeaningParams, MixtureParams, NearestParams, RecencyParams,
    SimpleParams,
};
pub use hashrec_classifier::{ClassifierParams, Loss, TrainingDevice};
#[cfg(feature = "corpus")]
pub use hashrec_data::{
    ColumnProblem, Corpus, CorpusParams, CorpusReport, CsvParams, DataError, Dropped, Format,
    HashSplit, LineProblem, Place, PostReader, PostWriter, ReadParams, ReadReport, Split,
    TimeSplit, WriteParams, write_posts,
};
pub use hashrec_data::{
    Duplicates, MergedHashtag, NameFolding, Post, fold_hashtag, normalize_community,
    normalize_hashtag,
};
pub use hashrec_features::{FeatureGroup, FeatureGroups, FeatureParams, ShortlistParams};
pub use hashrec_floret::{FloretParams, Model as FloretModel};
#[cfg(feature = "evaluate")]
pub use hashrec_metrics::Report;
pub use hashrec_ranker::{Negatives, Objective, Ranker, RankerParams};
#[cfg(feature = "vibrato")]
pub use hashrec_tokenize::Dictionary;
pub use hashrec_tokenize::{Backend, TokenizerParams};
pub use hashrec_vectorize::{
    CharacterNgrams, TextEncoder, TextRole, TfIdfParams, TfIdfSvdParams, VectorizeError, Words,
};
