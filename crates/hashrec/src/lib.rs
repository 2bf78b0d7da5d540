#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod bundle;
mod config;
mod error;
mod evaluate;
#[cfg(feature = "learn")]
mod fingerprint;
#[cfg(feature = "learn")]
mod fit;
#[cfg(feature = "learn")]
mod learn;
mod model;
mod progress;
mod recommender;
mod request;
mod serve;
mod small;
mod system;
#[cfg(feature = "train")]
mod train;
mod vectors;

pub use bundle::{BundleError, FORMAT_VERSION, Manifest, PartEntry};
pub use config::Config;
#[cfg(feature = "learn")]
pub use error::LearnError;
#[cfg(feature = "train")]
pub use error::TrainError;
pub use error::{ConfigError, RecommendError};
pub use evaluate::{Evaluation, evaluate};
#[cfg(feature = "learn")]
pub use learn::NewCommunity;
pub use progress::{OnProgress, Progress, Stage};
pub use recommender::Recommender;
pub use request::{Recommendation, Request, Source};
pub use small::SmallCommunityParams;
pub use system::{System, UnknownSystem};
#[cfg(feature = "train")]
pub use train::Trainer;
pub use vectors::{TransformerSource, VectorKind, VectorParams};

pub use hashrec_data::{
    Corpus, CorpusReport, DataError, Dropped, HashSplit, Post, PostReader, PostWriter, ReadParams,
    Split, TimeSplit, WriteParams, write_posts,
};
pub use hashrec_features::{FeatureGroup, FeatureGroups, FeatureParams};
pub use hashrec_metrics::Report;
#[cfg(feature = "vibrato")]
pub use hashrec_tokenize::Dictionary;
