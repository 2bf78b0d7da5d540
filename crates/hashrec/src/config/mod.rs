//! The configuration of a training run.

#[cfg(feature = "trainer")]
use std::path::Path;
use std::path::PathBuf;

use hashrec_candidates::{CandidateParams, MeaningParams};
use hashrec_classifier::ClassifierParams;
use hashrec_data::{Duplicates, NameFolding};
use hashrec_features::{FeatureParams, ShortlistParams};
use hashrec_floret::FloretParams;
use hashrec_ranker::RankerParams;
use hashrec_tokenize::TokenizerParams;
use serde::{Deserialize, Serialize};

#[cfg(feature = "trainer")]
use crate::error::ConfigError;

mod check;
mod encoder;
mod presets;
mod ranker_source;
mod small_communities;
mod system;
mod vectors;

pub use encoder::{EncoderKind, EncoderParams};
pub use ranker_source::RankerSource;
pub use small_communities::SmallCommunityParams;
pub use system::{System, UnknownSystem};
pub use vectors::{TransformerSource, VectorKind, VectorParams};

/// The whole configuration of a training run; TOML files have the same keys.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `system` | `hashrec` | what is trained, see [`System`] | |
/// | `seed` | 1 | the seed of everything random | any |
/// | `threads` | 0 | training threads; 0 means one per core | 0 to 1024 |
/// | `min_posts` | 11 | communities with fewer posts are dropped (the paper drops those with 10 or fewer) | any |
/// | `duplicates` | `error` | what happens to a post that has the id of an earlier one, see [`Duplicates`] | `error`, `keep-first` |
/// | `names` | | which hashtags of a community are one, see [`NameFolding`] | |
/// | `dictionary` | none | a compiled MeCab dictionary, or a folder of MeCab sources, for the vibrato tokenizer | a path |
/// | `tokenizer` | | see [`TokenizerParams`] | |
/// | `floret` | | how word vectors are trained, see [`FloretParams`] | |
/// | `vectors` | | how the paper's systems compare posts and hashtags, see [`VectorParams`] | |
/// | `candidates` | | the generators without a net, see [`CandidateParams`] | |
/// | `encoder` | none | what says what texts mean, see [`EncoderParams`] | |
/// | `meaning` | | the candidates by what posts and hashtags mean, see [`MeaningParams`] | |
/// | `classifier` | | the net, see [`ClassifierParams`] | |
/// | `classifier_folds` | 2 | the number of folds that posts are split into, so that the ranker learns from scores of nets that were not trained on the scored post | 2 to 20 |
/// | `shortlist` | | which hashtags are ranked, see [`ShortlistParams`] | |
/// | `features` | | which features the default system's ranker uses, see [`FeatureParams`] | |
/// | `ranker_posts` | 50,000 | the number of posts that the default system's ranker learns from, drawn at random if there are more; posts of synthetic communities are added to them. Each takes about 20 KB of memory during training | from 1 |
/// | `chosen_share` | 0.2 | share of the posts that the ranker sees a second time, with some of their hashtags already chosen | 0 to 1 |
/// | `newest_share` | 0.2 | share of each community's posts, the newest, that the ranker sees once more as future posts: scored by generators that were fitted to the older ones | 0 to 0.5 |
/// | `hidden_share` | 0.1 | in communities of 100 posts and more, the share of hashtags that the ranker sees once more as if no post carried them, with the posts that carry one of those | 0 to 0.5 |
/// | `small_communities` | | how the ranker learns to serve communities with few posts, see [`SmallCommunityParams`] | |
/// | `ranker_source` | `best` | where the default system's ranker comes from, see [`RankerSource`] | `best`, `posts`, `further`, `built-in` |
/// | `ranker` | | the default system's ranker, see [`RankerParams`] | |
/// | `paper_ranker` | | the ranker of the paper's systems | |
///
/// Sections that a system doesn't use are ignored, but checked. Every section with a `seed` or
/// `threads` of its own gets the value from here; LightGBM only uses more than one thread if
/// `hashrec-ranker` is built with its feature `openmp`.
///
/// With the feature `trainer`, it is read from TOML:
///
#[cfg_attr(feature = "trainer", doc = "```")]
#[cfg_attr(not(feature = "trainer"), doc = "```ignore")]
/// let config = hashrec::Config::from_toml(
///     r#"
///     seed = 7
///     [ranker]
///     trees = 100
///     "#,
/// )?;
/// assert_eq!((config.seed, config.ranker.trees), (7, 100));
/// # Ok::<(), hashrec::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What is trained.
    pub system: System,
    /// The seed of everything random.
    pub seed: u64,
    /// Training threads; 0 means one per core.
    pub threads: usize,
    /// Communities with fewer posts than this are dropped.
    pub min_posts: u64,
    /// What happens to a post that has the id of an earlier one.
    pub duplicates: Duplicates,
    /// Which hashtags of a community are one.
    pub names: NameFolding,
    /// A compiled MeCab dictionary, or a folder of MeCab sources.
    pub dictionary: Option<PathBuf>,
    /// How text is split.
    pub tokenizer: TokenizerParams,
    /// How word vectors are trained, in systems that use them.
    pub floret: FloretParams,
    /// How posts and hashtags become vectors, in systems that compare them.
    pub vectors: VectorParams,
    /// The generators without a net.
    pub candidates: CandidateParams,
    /// What says what texts mean.
    pub encoder: EncoderParams,
    /// The candidates by what posts and hashtags mean.
    pub meaning: MeaningParams,
    /// The neural classifier, in systems that use it.
    pub classifier: ClassifierParams,
    /// The number of folds for the neural classifier's scores of unseen posts.
    pub classifier_folds: usize,
    /// Which hashtags are ranked.
    pub shortlist: ShortlistParams,
    /// Which features the default system's ranker uses.
    pub features: FeatureParams,
    /// The number of posts that the default system's ranker learns from.
    pub ranker_posts: usize,
    /// Share of the posts that the ranker also sees with some hashtags already chosen.
    pub chosen_share: f64,
    /// Share of each community's posts, the newest, that the ranker also sees as future posts.
    pub newest_share: f64,
    /// Share of the hashtags that the ranker also sees as if no post carried them.
    pub hidden_share: f64,
    /// How the default system's ranker learns to serve communities with few posts.
    pub small_communities: SmallCommunityParams,
    /// Where the default system's ranker comes from.
    pub ranker_source: RankerSource,
    /// How the default system's ranker is trained.
    pub ranker: RankerParams,
    /// The ranker of the paper's systems.
    pub paper_ranker: RankerParams,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            system: Default::default(),
            seed: 1,
            threads: 0,
            min_posts: 11,
            duplicates: Duplicates::default(),
            names: NameFolding::default(),
            dictionary: None,
            tokenizer: TokenizerParams::default(),
            floret: FloretParams::default(),
            vectors: VectorParams::default(),
            candidates: CandidateParams::default(),
            encoder: EncoderParams::default(),
            meaning: MeaningParams::default(),
            classifier: ClassifierParams::default(),
            classifier_folds: 2,
            shortlist: ShortlistParams::default(),
            features: FeatureParams::default(),
            ranker_posts: 50_000,
            chosen_share: 0.2,
            newest_share: 0.2,
            hidden_share: 0.1,
            small_communities: SmallCommunityParams::default(),
            ranker_source: RankerSource::default(),
            ranker: RankerParams::default(),
            paper_ranker: RankerParams::paper(),
        }
    }
}

impl Config {
    /// Reads a configuration from TOML. Keys that are left out have their default.
    ///
    /// # Errors
    /// [`ConfigError::Toml`] with line and column, or what [`Config::check`] finds.
    #[cfg(feature = "trainer")]
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)
            .map_err(|source| ConfigError::Toml { source: Box::new(source) })?;
        config.check()?;
        Ok(config)
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`ConfigError::Read`], or those of [`Config::from_toml`].
    #[cfg(feature = "trainer")]
    pub fn open(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::from_toml(&text)
    }

    /// The configuration as TOML, with every value.
    ///
    /// # Errors
    /// [`ConfigError::Write`] if a value can't be expressed in TOML (a path that isn't UTF-8).
    #[cfg(feature = "trainer")]
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string_pretty(self)
            .map_err(|source| ConfigError::Write { source: Box::new(source) })
    }

    hashrec_storage::setters! {
        with_system: system, System;
        with_seed: seed, u64;
        with_threads: threads, usize;
        with_min_posts: min_posts, u64;
        with_duplicates: duplicates, Duplicates;
        with_names: names, NameFolding;
        with_tokenizer: tokenizer, TokenizerParams;
        with_encoder: encoder, EncoderParams;
        with_ranker_source: ranker_source, RankerSource;
    }

    /// Sets the MeCab dictionary.
    pub fn with_dictionary(mut self, path: impl Into<PathBuf>) -> Self {
        self.dictionary = Some(path.into());
        self
    }

    /// This configuration with `seed` and `threads` passed on to every section.
    #[cfg(feature = "trainer")]
    pub(crate) fn with_shared(mut self, threads: usize) -> Self {
        let seed = self.seed;
        // LightGBM takes 31 bits.
        let (ranker_seed, ranker_threads) = (seed & 0x7fff_ffff, threads as u32);
        self.floret = self.floret.with_seed(seed).with_threads(threads);
        self.vectors.svd = self.vectors.svd.with_seed(seed);
        self.candidates = self.candidates.with_threads(threads);
        self.classifier = self.classifier.with_seed(seed).with_threads(threads);
        self.ranker = self.ranker.with_seed(ranker_seed).with_threads(ranker_threads);
        self.paper_ranker = self.paper_ranker.with_seed(ranker_seed).with_threads(ranker_threads);
        self
    }

    /// The number of threads to use on this machine.
    #[cfg(feature = "learn")]
    pub(crate) fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

#[cfg(feature = "trainer")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_in_range_and_survives_toml() {
        let config = Config::default();
        config.check().unwrap();
        assert_eq!(Config::from_toml(&config.to_toml().unwrap()).unwrap(), config);
        assert_eq!(Config::from_toml("").unwrap(), config);
    }

    #[test]
    fn a_misspelt_name_is_pointed_at() {
        let error = Config::from_toml("seed = 1\n[ranker]\ntreees = 3\n").unwrap_err();
        let text = format!("{:?}", std::error::Error::source(&error).map(|e| e.to_string()));
        assert!(text.contains("treees") && text.contains("line 3"), "{text}");
    }

    #[test]
    fn groups_of_features_are_left_out_by_name() {
        let config = Config::from_toml("[features]\nwithout = [\"time\", \"linear\"]\n").unwrap();
        let out: Vec<&str> = config.features.without.iter().map(|group| group.name()).collect();
        assert_eq!(out, ["time", "linear"]);
        assert_eq!(Config::from_toml(&config.to_toml().unwrap()).unwrap(), config);
        let error = Config::from_toml("[features]\nwithout = [\"times\"]\n").unwrap_err();
        let text = format!("{:?}", std::error::Error::source(&error).map(|e| e.to_string()));
        let expected = ["times", "line 2", "`time`", "`cooccurrence`"];
        assert!(expected.iter().all(|part| text.contains(part)), "{text}");
    }

    #[test]
    fn every_section_gets_the_seed_and_the_threads() {
        let config = Config::default().with_seed(u64::MAX).with_shared(3);
        let table = toml::Table::try_from(config.with_seed(7).with_shared(3)).unwrap();
        let mut found = 0;
        for (name, section) in &table {
            let Some(section) = section.as_table() else { continue };
            for section in [Some(section), section.get("svd").and_then(|svd| svd.as_table())] {
                for (key, expected) in [("seed", 7), ("threads", 3)] {
                    if let Some(value) = section.and_then(|section| section.get(key)) {
                        assert_eq!(value.as_integer(), Some(expected), "{name}.{key}");
                        found += 1;
                    }
                }
            }
        }
        // floret, classifier, ranker and paper_ranker have both, candidates and SVD have one.
        assert_eq!(found, 10);
    }
}
