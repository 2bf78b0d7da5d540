//! What can go wrong at the facade.

use std::{error::Error, path::PathBuf};

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{path}: cannot read the configuration")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The text is not TOML, or names something that doesn't exist.
    #[error("the configuration is not valid")]
    Toml {
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A value can't be written as TOML.
    #[error("the configuration cannot be written as TOML")]
    Write {
        /// Why.
        #[source]
        source: Box<toml::ser::Error>,
    },
    /// A value of a section is out of range.
    #[error("configuration section [{section}]: {source}")]
    Value {
        /// The section.
        section: &'static str,
        /// The reason, from the crate that owns the section.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A value of the top level is out of range.
    #[error("configuration value `{name}` must be {expected}")]
    Range {
        /// The value's name.
        name: &'static str,
        /// The range.
        expected: &'static str,
    },
}

/// Why no recommendation can be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecommendError {
    /// The bundle holds no community of that name.
    #[error("unknown community {community:?}: the bundle was not trained on it")]
    UnknownCommunity {
        /// The name that was asked for.
        community: String,
    },
    /// A part that was verified at load failed in use.
    #[error("cannot score the post: {source}")]
    Score {
        /// The reason, from the crate that failed.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Why a community can't be taken in.
#[cfg(feature = "learn")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// The system is of fixed communities.
    #[error("a system {system:?} cannot take in a community: {problem}")]
    System {
        /// The system.
        system: crate::System,
        /// Why, and what to do.
        problem: &'static str,
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
    /// A post is not the community's, or is given twice.
    #[error("community {community:?}: {problem}")]
    Post {
        /// The community.
        community: String,
        /// Which post, and what is wrong with it.
        problem: String,
    },
    /// Two communities to take in have the same name.
    #[error("community {community:?} is given twice")]
    Twice {
        /// The name.
        community: String,
    },
    /// The community can't be fitted.
    #[error("community {community:?} cannot be fitted: {source}")]
    Fit {
        /// The community.
        community: String,
        /// The reason, from the crate that failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The joined parts can't be put together.
    #[error("the joined parts cannot be read back")]
    Bundle {
        /// Why.
        #[from]
        source: crate::BundleError,
    },
}

/// Why training stopped.
#[cfg(feature = "train")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The posts can't be used together.
    #[error("the posts cannot be trained on")]
    Posts {
        /// Why.
        #[source]
        source: hashrec_data::DataError,
    },
    /// There is nothing to learn from.
    #[error("nothing to train on: {problem}")]
    NoPosts {
        /// What is missing, and what to do.
        problem: String,
    },
    /// The vibrato tokenizer is asked for, without a dictionary.
    #[error(
        "the vibrato tokenizer needs a MeCab dictionary: set `dictionary`, or the backend to \"unicode\""
    )]
    NoDictionary,
    /// A transformer is asked for, without its folder.
    #[error("vectors of a transformer need its folder: set `vectors.transformer.folder`")]
    NoTransformer,
    /// The trained parts can't be put together.
    #[error("the trained parts cannot be read back")]
    Bundle {
        /// Why.
        #[from]
        source: crate::BundleError,
    },
    /// The progress callback asked to stop.
    #[error("training was cancelled during {stage}; nothing was written")]
    Cancelled {
        /// The step it was in.
        stage: &'static str,
    },
    /// The folder of finished steps can't be used.
    #[error("{path}: cannot keep or read a finished step of the training")]
    Kept {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A step failed.
    #[error("training failed at {stage}: {source}")]
    Step {
        /// The step.
        stage: &'static str,
        /// The reason, from the crate that owns the step.
        source: Box<dyn Error + Send + Sync>,
    },
}

#[cfg(feature = "train")]
impl TrainError {
    /// Wraps the error of the crate that owns a step.
    pub(crate) fn step<E: Error + Send + Sync + 'static>(
        stage: crate::Stage,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::Step { stage: stage.name(), source: Box::new(source) }
    }
}
