//! What can go wrong at the facade.

use std::error::Error;
#[cfg(feature = "trainer")]
use std::path::PathBuf;

pub(crate) use crate::bundle::error::BundleError;
#[cfg(feature = "learn")]
use crate::config::System;
#[cfg(feature = "learn")]
use crate::{progress::Stage, tokenizer::NoTokenizer};

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file can't be read.
    #[cfg(feature = "trainer")]
    #[error("{path}: cannot read the configuration")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    #[cfg(feature = "trainer")]
    /// The text is not valid TOML, or has a key that doesn't exist.
    #[error("the configuration is not valid")]
    Toml {
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    #[cfg(feature = "trainer")]
    /// A value can't be written as TOML.
    #[error("the configuration cannot be written as TOML")]
    Write {
        /// Why.
        source: Box<toml::ser::Error>,
    },
    /// A value of a section is out of range.
    #[error("configuration section [{section}] cannot be used")]
    Value {
        /// The section.
        section: &'static str,
        /// The reason, from the crate that owns the section.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A value is out of range.
    #[error("configuration value `{name}` must be {expected}")]
    Range {
        /// The value's name.
        name: &'static str,
        /// The range.
        expected: &'static str,
    },
    /// This build lacks a Cargo feature that the configuration needs.
    #[error("{what} needs the Cargo feature `{feature}` of hashrec, which this build lacks")]
    Feature {
        /// What needs it.
        what: &'static str,
        /// The feature.
        feature: &'static str,
    },
}

impl ConfigError {
    /// An error unless the value `fits`.
    pub(crate) fn range(
        fits: bool,
        name: &'static str,
        expected: &'static str,
    ) -> Result<(), Self> {
        if fits { Ok(()) } else { Err(Self::Range { name, expected }) }
    }

    /// Wraps the error of the crate that owns a section.
    pub(crate) fn section<E: Error + Send + Sync + 'static>(
        section: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::Value { section, source: Box::new(source) }
    }
}

/// Why no recommendation can be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecommendError {
    /// The bundle has no community of that name.
    #[error("unknown community {community:?}: the bundle was not trained on it")]
    UnknownCommunity {
        /// The requested name.
        community: String,
    },
    /// A part of the bundle lacks a community that the bundle has.
    #[error("part {part:?} of the bundle has nothing about community {community:?}")]
    MissingCommunity {
        /// The part.
        part: &'static str,
        /// The community.
        community: String,
    },
    /// A part that was verified at load time failed in use.
    #[error("cannot score the post")]
    Score {
        /// The reason, from the crate that failed.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl RecommendError {
    /// Wraps the error of the crate that failed.
    pub(crate) fn score<E: Error + Send + Sync + 'static>(source: E) -> Self {
        Self::Score { source: Box::new(source) }
    }
}

/// Why nothing can be learned from posts, or a community can't be added to a recommender.
#[cfg(feature = "learn")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// The system can't serve communities that it was not trained on.
    #[error(
        "system \"{system}\" serves only the communities that it was trained on: train it again"
    )]
    System {
        /// The system.
        system: System,
    },
    /// The community has no name.
    #[error("the community has no name")]
    NoName,
    /// There is nothing to recommend.
    #[error("community {community:?} has no hashtags, neither in its list nor on its posts")]
    NoHashtags {
        /// The community.
        community: String,
    },
    /// A post belongs to another community.
    #[error("community {community:?}: post {post:?} belongs to community {other:?}")]
    ForeignPost {
        /// The community.
        community: String,
        /// The post's id.
        post: String,
        /// The post's community.
        other: String,
    },
    /// Two posts have the same id.
    #[error("community {community:?}: post {post:?} is given twice")]
    DuplicatePost {
        /// The community.
        community: String,
        /// The posts' id.
        post: String,
    },
    /// Two communities have the same name.
    #[error("community {community:?} is given twice")]
    Twice {
        /// The name.
        community: String,
    },
    /// The configuration can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configured system is none that a [`Learner`](crate::Learner) makes.
    #[error(
        "posts are learned from for the system \"hashrec\" alone: train \"{system}\" with a `Trainer`"
    )]
    NotLearned {
        /// The system.
        system: System,
    },
    /// The vibrato tokenizer is configured without a dictionary.
    #[error(
        "the vibrato tokenizer needs a MeCab dictionary: set `dictionary`, or set the tokenizer's \
         backend to \"unicode\""
    )]
    NoDictionary,
    /// There is nothing to recommend.
    #[error("nothing to learn from: no post has a hashtag, and no community a list of them")]
    NoPosts,
    /// The progress callback asked to stop.
    #[error("learning was cancelled during step \"{stage}\"")]
    Cancelled {
        /// The step that was running.
        stage: Stage,
    },
    /// A step failed.
    #[error("learning failed at step \"{stage}\"")]
    Step {
        /// The step.
        stage: Stage,
        /// The reason, from the crate that failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The community can't be fitted.
    #[error("community {community:?} cannot be fitted")]
    Fit {
        /// The community.
        community: String,
        /// The reason, from the crate that failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An encoder of a folder is configured without the folder.
    #[error("the encoder needs its folder: set `encoder.folder`")]
    NoEncoderFolder,
    /// The folder that keeps vectors from one run to the next can't be used.
    #[error("{path}: cannot read or keep the vectors of texts; set another `encoder.cache`")]
    Cache {
        /// The file or folder.
        path: std::path::PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The parts of old and new communities can't be read back together.
    #[error("the joined parts cannot be read back")]
    Bundle {
        /// Why.
        #[from]
        source: BundleError,
    },
}

#[cfg(feature = "learn")]
impl LearnError {
    /// Wraps the error of the crate that fits a community.
    pub(crate) fn fit<E: Error + Send + Sync + 'static>(community: &str) -> impl FnOnce(E) -> Self {
        let community = community.to_owned();
        move |source| Self::Fit { community, source: Box::new(source) }
    }

    /// Wraps the error of the crate that owns a step.
    pub(crate) fn step<E: Error + Send + Sync + 'static>(stage: Stage) -> impl FnOnce(E) -> Self {
        move |source| Self::Step { stage, source: Box::new(source) }
    }

    /// Wraps the error of the crate that owns a part.
    pub(crate) fn part<E: Error + Send + Sync + 'static>(
        part: &'static str,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::Bundle { source: BundleError::part(part)(source) }
    }
}

/// Why training stopped.
#[cfg(feature = "trainer")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The configuration can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The posts contradict each other.
    #[error("cannot train on these posts")]
    Posts {
        /// Why.
        source: hashrec_data::DataError,
    },
    /// There is nothing to learn from.
    #[error(
        "nothing to train on: no community with at least {min_posts} posts has a post with a \
         hashtag; lower `min_posts` or add posts"
    )]
    NoPosts {
        /// The smallest number of posts that a community must have.
        min_posts: u64,
    },
    /// The vibrato tokenizer is configured without a dictionary.
    #[error(
        "the vibrato tokenizer needs a MeCab dictionary: set `dictionary`, or set the tokenizer's \
         backend to \"unicode\""
    )]
    NoDictionary,
    /// A transformer is configured without its folder.
    #[error("vectors of a transformer need its folder: set `vectors.transformer.folder`")]
    NoTransformer,
    /// The trained parts can't be read back together.
    #[error("the trained parts cannot be read back")]
    Bundle {
        /// Why.
        #[from]
        source: BundleError,
    },
    /// The configured system has no ranker that serves communities it was not trained on.
    #[error("system \"{system}\" has no ranker that other communities could use")]
    NoRanker {
        /// The system.
        system: System,
    },
    /// Nothing can be learned for the built-in ranker.
    #[error("cannot learn from these posts")]
    Learn {
        /// Why.
        source: LearnError,
    },
    /// The progress callback asked to stop.
    #[error("training was cancelled during step \"{stage}\"; nothing was written")]
    Cancelled {
        /// The step that was running.
        stage: Stage,
    },
    /// The parameters can't be compared with those of other runs.
    #[error("the parameters cannot be fingerprinted")]
    Fingerprint {
        /// Why they have no canonical bytes.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The folder of finished steps can't be used.
    #[error("{path}: cannot save or read a finished training step")]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A step failed.
    #[error("training failed at step \"{stage}\"")]
    Step {
        /// The step.
        stage: Stage,
        /// The reason, from the crate that failed.
        source: Box<dyn Error + Send + Sync>,
    },
}

#[cfg(feature = "trainer")]
impl TrainError {
    /// Wraps the error of the crate that owns a step.
    pub(crate) fn step<E: Error + Send + Sync + 'static>(stage: Stage) -> impl FnOnce(E) -> Self {
        move |source| Self::Step { stage, source: Box::new(source) }
    }
}

#[cfg(feature = "learn")]
impl From<NoTokenizer> for LearnError {
    fn from(reason: NoTokenizer) -> Self {
        match reason {
            NoTokenizer::NoDictionary => Self::NoDictionary,
            #[cfg(not(all(feature = "vibrato", feature = "unicode")))]
            NoTokenizer::Feature { what, feature } => ConfigError::Feature { what, feature }.into(),
            #[cfg(any(feature = "vibrato", feature = "unicode"))]
            NoTokenizer::Failed(error) => Self::step(Stage::Tokens)(error),
        }
    }
}

#[cfg(feature = "trainer")]
impl From<LearnError> for TrainError {
    fn from(error: LearnError) -> Self {
        match error {
            LearnError::Config(error) => Self::Config(error),
            LearnError::NoDictionary => Self::NoDictionary,
            LearnError::Cancelled { stage } => Self::Cancelled { stage },
            LearnError::Step { stage, source } => Self::Step { stage, source },
            LearnError::Cache { path, source } => Self::Cache { path, source },
            source => Self::Learn { source },
        }
    }
}

#[cfg(feature = "trainer")]
impl From<NoTokenizer> for TrainError {
    fn from(reason: NoTokenizer) -> Self {
        LearnError::from(reason).into()
    }
}
