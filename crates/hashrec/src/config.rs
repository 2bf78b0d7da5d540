//! One configuration for a whole training run.

use std::path::{Path, PathBuf};

use hashrec_candidates::CandidateParams;
#[cfg(feature = "learn")]
use hashrec_candidates::RecencyParams;
use hashrec_classifier::ClassifierParams;
use hashrec_features::{FeatureParams, ShortlistParams};
use hashrec_floret::FloretParams;
use hashrec_ranker::RankerParams;
use hashrec_tokenize::TokenizerParams;
use serde::{Deserialize, Serialize};

use crate::{ConfigError, SmallCommunityParams, System, VectorKind, VectorParams, system::Ranking};

/// Everything that decides how a bundle is trained; also what a TOML file can say.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `system` | `hashrec` | what is trained, see [`System`] | |
/// | `seed` | 1 | the seed of everything random | any |
/// | `threads` | 0 | threads of training; 0 is one a core | 0 to 1024 |
/// | `min_posts` | 11 | communities with fewer posts are dropped (the paper drops those with 10 or fewer) | any |
/// | `dictionary` | none | a compiled MeCab dictionary, or a folder of MeCab sources, for the vibrato tokenizer | a path |
/// | `tokenizer` | | see [`TokenizerParams`] | |
/// | `floret` | | see [`FloretParams`] | |
/// | `vectors` | | what the paper's systems compare posts and hashtags by, see [`VectorParams`] | |
/// | `candidates` | | see [`CandidateParams`] | |
/// | `classifier` | | see [`ClassifierParams`] | |
/// | `classifier_folds` | 2 | parts the posts are cut into so that the ranker sees the net's score only on posts it was not trained on | 2 to 20 |
/// | `shortlist` | | which hashtags are ranked, see [`ShortlistParams`] | |
/// | `features` | | which features the default system's ranker is given, see [`FeatureParams`] | |
/// | `ranker_posts` | 50,000 | posts that the default system's ranker learns from; where there are more, so many drawn at random; simulated small communities come on top. Each takes about 20 KB of memory in training | from 1 |
/// | `chosen_share` | 0.2 | share of the posts that the ranker also sees with some of their hashtags already chosen | 0 to 1 |
/// | `newest_share` | 0.2 | share of each community's posts, the newest, that the ranker also sees as posts to come: scored by generators fitted on the older ones | 0 to 0.5 |
/// | `small_communities` | | how the ranker learns to serve communities with few posts, see [`SmallCommunityParams`] | |
/// | `ranker` | | the default system's ranker, see [`RankerParams`] | |
/// | `paper_ranker` | | the ranker of the paper's rows | |
///
/// Sections that a system has no use for are ignored. `seed` and `threads` of the sections are set
/// from here.
///
/// ```
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
    /// Threads of training; 0 is one a core.
    pub threads: usize,
    /// Communities with fewer posts than this are dropped.
    pub min_posts: u64,
    /// A compiled MeCab dictionary, or a folder of MeCab sources.
    pub dictionary: Option<PathBuf>,
    /// How text is split.
    pub tokenizer: TokenizerParams,
    /// How the floret table is trained, in systems that have one.
    pub floret: FloretParams,
    /// How posts and hashtags become vectors, in systems that compare them.
    pub vectors: VectorParams,
    /// The generators without a net.
    pub candidates: CandidateParams,
    /// The neural classifier, in systems that have one.
    pub classifier: ClassifierParams,
    /// Out-of-fold parts of the neural classifier.
    pub classifier_folds: usize,
    /// Which hashtags are ranked.
    pub shortlist: ShortlistParams,
    /// Which features the default system's ranker is given.
    pub features: FeatureParams,
    /// Posts that the default system's ranker learns from; where there are more, so many are drawn.
    pub ranker_posts: usize,
    /// Share of the posts that the ranker also sees with some of their hashtags already chosen.
    pub chosen_share: f64,
    /// Share of each community's posts, the newest, that the ranker also sees as posts to come.
    pub newest_share: f64,
    /// How the default system's ranker learns to serve communities with few posts.
    pub small_communities: SmallCommunityParams,
    /// The default system's ranker.
    pub ranker: RankerParams,
    /// The ranker of the paper's rows.
    pub paper_ranker: RankerParams,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            system: System::default(),
            seed: 1,
            threads: 0,
            min_posts: 11,
            dictionary: None,
            tokenizer: TokenizerParams::default(),
            floret: FloretParams::default(),
            vectors: VectorParams::default(),
            candidates: CandidateParams::default(),
            classifier: ClassifierParams::default(),
            classifier_folds: 2,
            shortlist: ShortlistParams::default(),
            features: FeatureParams::default(),
            ranker_posts: 50_000,
            chosen_share: 0.2,
            newest_share: 0.2,
            small_communities: SmallCommunityParams::default(),
            ranker: RankerParams::default(),
            paper_ranker: RankerParams::paper(),
        }
    }
}

impl Config {
    /// Reads a configuration; what the text leaves out keeps its default.
    ///
    /// # Errors
    /// [`ConfigError::Toml`] with the line and column, or [`ConfigError::Value`].
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)
            .map_err(|source| ConfigError::Toml { source: Box::new(source) })?;
        config.check()?;
        Ok(config)
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`ConfigError::Read`], or what [`Config::from_toml`] finds.
    pub fn open(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::from_toml(&text)
    }

    /// The configuration as TOML, every value spelled out.
    ///
    /// # Errors
    /// [`ConfigError::Write`] if a value can't be expressed in TOML (a path that isn't UTF-8).
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string_pretty(self)
            .map_err(|source| ConfigError::Write { source: Box::new(source) })
    }

    /// What the system is trained with, as TOML: sections that it has no use for are left out, so
    /// two configurations that train the same say the same.
    ///
    /// # Errors
    /// [`ConfigError::Write`], as for [`Config::to_toml`].
    pub fn to_toml_of_system(&self) -> Result<String, ConfigError> {
        let failed = |source| ConfigError::Write { source: Box::new(source) };
        let mut table = toml::Table::try_from(self).map_err(failed)?;
        let (system, features) = (self.system, self.system.ranking() == Ranking::Features);
        let used = [
            ("floret", self.needs_floret()),
            ("vectors", system.has_vectors()),
            ("candidates", system.has_index()),
            ("classifier", system.has_classifier()),
            ("classifier_folds", features && system.has_classifier()),
            ("shortlist", features),
            ("ranker_posts", features),
            ("chosen_share", features),
            ("newest_share", features),
            ("features", features),
            ("small_communities", features),
            ("ranker", features),
            ("paper_ranker", system.ranking() == Ranking::Vectors),
        ];
        for (section, _) in used.into_iter().filter(|(_, used)| !used) {
            table.remove(section);
        }
        if let (false, Some(toml::Value::Table(candidates))) =
            (features, table.get_mut("candidates"))
        {
            candidates.remove("recency");
        }
        if let Some(toml::Value::Table(vectors)) = table.get_mut("vectors") {
            if self.vectors.kind != VectorKind::TfIdfSvd {
                vectors.remove("svd");
            }
            if !self.vectors.kind.is_transformer() {
                vectors.remove("transformer");
            }
        }
        toml::to_string_pretty(&table).map_err(failed)
    }

    /// Sets the system.
    pub fn with_system(mut self, system: System) -> Self {
        self.system = system;
        self
    }

    /// Sets the seed.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the number of threads; 0 is one a core.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets the smallest community that is kept.
    pub fn with_min_posts(mut self, posts: u64) -> Self {
        self.min_posts = posts;
        self
    }

    /// Sets the MeCab dictionary.
    pub fn with_dictionary(mut self, path: impl Into<PathBuf>) -> Self {
        self.dictionary = Some(path.into());
        self
    }

    /// Checks every value once, before any work.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the first section that is out of range, and why.
    pub fn check(&self) -> Result<(), ConfigError> {
        fn section<E: std::error::Error + Send + Sync + 'static>(
            name: &'static str,
            result: Result<(), E>,
        ) -> Result<(), ConfigError> {
            result.map_err(|source| ConfigError::Value { section: name, source: Box::new(source) })
        }
        section("tokenizer", self.tokenizer.check())?;
        section("floret", self.floret.check())?;
        section("vectors.svd", self.vectors.svd.check())?;
        self.vectors.check()?;
        section("candidates", self.candidates.check())?;
        section("classifier", self.classifier.check())?;
        section("shortlist", self.shortlist.check())?;
        self.small_communities.check()?;
        section("ranker", self.ranker.check())?;
        section("paper_ranker", self.paper_ranker.check())?;
        if self.threads > 1024 {
            return Err(ConfigError::Range { name: "threads", expected: "0 to 1024" });
        }
        if self.ranker_posts == 0 {
            return Err(ConfigError::Range { name: "ranker_posts", expected: "at least 1" });
        }
        if !(0.0..=1.0).contains(&self.chosen_share) {
            return Err(ConfigError::Range { name: "chosen_share", expected: "0 to 1" });
        }
        if !(0.0..=0.5).contains(&self.newest_share) {
            return Err(ConfigError::Range { name: "newest_share", expected: "0 to 0.5" });
        }
        if !(2..=20).contains(&self.classifier_folds) {
            return Err(ConfigError::Range { name: "classifier_folds", expected: "2 to 20" });
        }
        Ok(())
    }

    /// The parameters of the system's ranker.
    pub(crate) fn ranker_params(&self) -> &RankerParams {
        match self.system.ranking() {
            Ranking::Vectors => &self.paper_ranker,
            Ranking::Features | Ranking::None => &self.ranker,
        }
    }

    /// The parameters of the system's generators: only a ranker of features has a use for the
    /// linear classifier that knows of time.
    #[cfg(feature = "learn")]
    pub(crate) fn candidate_params(&self) -> CandidateParams {
        match self.system.ranking() {
            Ranking::Features => self.candidates.clone(),
            Ranking::Vectors | Ranking::None => {
                self.candidates.clone().with_recency(RecencyParams::none())
            }
        }
    }

    /// Whether training needs a floret table: for vectors of texts, or for the net to start from.
    pub(crate) fn needs_floret(&self) -> bool {
        let vectors = self.system.has_vectors() && self.vectors.kind == VectorKind::Floret;
        vectors || self.system.has_classifier()
    }

    /// The number of threads to use on this machine.
    #[cfg(feature = "train")]
    pub(crate) fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

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
    fn what_a_system_has_no_use_for_is_not_said() {
        let said = |system, change: fn(&mut Config)| {
            let mut config = Config::default().with_system(system);
            change(&mut config);
            config.to_toml_of_system().unwrap()
        };
        type Change = fn(&mut Config);
        let changes: [(Change, &[System]); 4] = [
            (|c| c.ranker.trees += 1, &[System::Hashrec, System::HashrecMultiLabel]),
            (
                |c| c.paper_ranker.trees += 1,
                &[System::LightGbm, System::LightGbmSimple, System::LightGbmMultiLabel],
            ),
            (
                |c| c.classifier.epochs += 1,
                &[System::MultiLabel, System::LightGbmMultiLabel, System::HashrecMultiLabel],
            ),
            (|c| c.min_posts += 1, &System::ALL),
        ];
        for (change, concerned) in changes {
            for system in System::ALL {
                let same = said(system, |_| {}) == said(system, change);
                assert_eq!(same, !concerned.contains(&system), "{system:?}");
            }
        }
        let mut svd = Config::default().with_system(System::Simple);
        svd.vectors.svd.seed += 1;
        assert_eq!(svd.to_toml_of_system().unwrap(), said(System::Simple, |_| {}));
        let full = Config::default().with_system(System::HashrecMultiLabel);
        let back = Config::from_toml(&full.to_toml_of_system().unwrap()).unwrap();
        assert_eq!(back, full);
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
    fn a_value_out_of_range_names_its_section() {
        let error = Config::from_toml("threads = 5000").unwrap_err();
        assert!(error.to_string().contains("threads"), "{error}");
        let error = Config::from_toml("newest_share = 0.6").unwrap_err();
        assert!(error.to_string().contains("newest_share"), "{error}");
        let error = Config::from_toml("ranker_posts = 0").unwrap_err();
        assert!(error.to_string().contains("ranker_posts"), "{error}");
        let error = Config::from_toml("[floret]\ndim = 0\n").unwrap_err();
        assert!(error.to_string().contains("floret"), "{error}");
    }
}
