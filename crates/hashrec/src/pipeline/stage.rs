//! What the stages of a pipeline have in common: each as it is configured, and as it is fitted.

use std::{path::Path, sync::Arc};

use hashrec_candidates::{IndexScores, MeaningScores, PostFeatures, Scratch, Source};
use hashrec_data::{HashtagId, HashtagSpace};
#[cfg(feature = "trainer")]
use hashrec_floret::FloretParams;
use hashrec_ranker::ForestScratch;
use hashrec_storage::Bytes;

#[cfg(feature = "trainer")]
pub(crate) use super::fitting::{Run, UnseenScores};
#[cfg(feature = "learn")]
pub(crate) use super::joined::{Joined, Origin};
#[cfg(feature = "train")]
use super::ranking::Samples;
pub(crate) use super::{
    meaning::Meaning,
    parts::{Parts, same_hashtags},
    reading::Reading,
    vectors::Vectors,
};
#[cfg(feature = "trainer")]
use crate::error::TrainError;
use crate::error::{BundleError, ConfigError, RecommendError};
#[cfg(feature = "learn")]
use crate::{config::RankerSource, error::LearnError};

/// How many candidates a generator gives the paper's ranker (section 4.2).
const PAPER_CANDIDATES: usize = 30;

/// A stage as it is configured.
pub(crate) trait Stage: Send + Sync {
    /// Checks the stage's parameters.
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }

    /// The sections of a configuration that decide how this stage is trained.
    #[cfg(feature = "trainer")]
    fn settings(&self) -> Result<toml::Table, toml::ser::Error> {
        Ok(toml::Table::new())
    }

    /// The Cargo feature that training this stage needs and this build lacks.
    #[cfg(feature = "trainer")]
    fn missing_feature(&self) -> Option<&'static str> {
        None
    }

    /// How the word vectors are trained that the stage starts from, if it needs any.
    #[cfg(feature = "trainer")]
    fn word_vectors(&self) -> Option<&FloretParams> {
        None
    }
}

/// Verified parts to read stages from.
#[derive(Clone, Copy)]
pub(crate) struct PartReader<'a> {
    pub(crate) parts: &'a Parts,
    /// The bundle's folder, for error messages.
    pub(crate) folder: &'a Path,
    /// Vectors of posts and hashtags, once they are read.
    pub(crate) vectors: Option<&'a Arc<Vectors>>,
    /// What texts mean, once that is read.
    pub(crate) meaning: Option<&'a Arc<Meaning>>,
}

impl<'a> PartReader<'a> {
    /// What errors call a bundle that is not on disk yet.
    #[cfg(feature = "learn")]
    pub(crate) const IN_MEMORY: &'static str = "(bundle in memory)";

    /// Parts that are not on disk yet.
    #[cfg(feature = "learn")]
    pub(crate) fn in_memory(parts: &'a Parts) -> Self {
        Self { parts, folder: Path::new(Self::IN_MEMORY), vectors: None, meaning: None }
    }

    /// Reads a part. A part that isn't there is an error.
    pub(crate) fn read<T, E>(
        &self,
        name: &'static str,
        parse: impl FnOnce(Bytes) -> Result<T, E>,
    ) -> Result<T, BundleError>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let bytes = self.parts.get(name).ok_or_else(|| self.missing(name))?;
        parse(bytes.clone()).map_err(BundleError::part(name))
    }

    /// The vectors of a stage that can't do without.
    pub(crate) fn vectors(&self) -> Result<Arc<Vectors>, BundleError> {
        self.vectors.cloned().ok_or_else(|| self.missing("vectors"))
    }

    /// The encoder of a stage that can't do without.
    pub(crate) fn meaning(&self) -> Result<Arc<Meaning>, BundleError> {
        self.meaning.cloned().ok_or_else(|| self.missing("encoder"))
    }

    /// The error of a part that isn't there.
    pub(crate) fn missing(&self, name: &str) -> BundleError {
        BundleError::MissingPart { path: self.folder.to_owned(), part: name.to_owned() }
    }
}

/// A way to find candidates: it gives every hashtag of a post's community a score.
pub(crate) trait Generator: Stage {
    /// Reads what [`fit`](Self::fit) made.
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedGenerator>, BundleError>;

    /// Fits the generator to posts and adds its part of the bundle, unless it needs nothing but
    /// the hashtag space. A generator without [`folds`](Self::folds) also hands over the scores of
    /// posts by models without them.
    #[cfg(feature = "trainer")]
    fn fit(
        &self,
        _run: &Run<'_>,
        _parts: &mut Parts,
        _unseen: &mut dyn UnseenScores,
    ) -> Result<(), TrainError> {
        Ok(())
    }

    /// How many folds the posts are split into so that each is scored by a model that was fitted
    /// to the other folds; 0 if [`fit`](Self::fit) knows a faster way.
    #[cfg(feature = "trainer")]
    fn folds(&self) -> u32 {
        0
    }
}

/// A fitted generator.
pub(crate) trait FittedGenerator: Send + Sync {
    /// What a recommendation names as its source.
    fn source(&self) -> Source;

    /// The score of every hashtag of the post's community, by id; higher is better.
    fn scores(&self, post: &Reading<'_>, buffers: &mut Buffers)
    -> Result<Vec<f32>, RecommendError>;

    /// The hashtags that the paper's ranker is given: the thirty best.
    fn candidates(
        &self,
        post: &Reading<'_>,
        buffers: &mut Buffers,
    ) -> Result<Vec<HashtagId>, RecommendError> {
        let best = IndexScores::best(&self.scores(post, buffers)?, PAPER_CANDIDATES);
        Ok(best.into_iter().map(|tag| HashtagId(tag as u32)).collect())
    }

    /// Adds the scores that the ranker of features knows by name, for an author who has `chosen`
    /// hashtags already.
    fn add_row_scores(
        &self,
        _post: &Reading<'_>,
        _chosen: &[HashtagId],
        _buffers: &mut Buffers,
        _scores: &mut RowScores,
    ) -> Result<(), RecommendError> {
        Ok(())
    }

    /// Checks that the generator was fitted to the communities and hashtags of this space.
    fn check_space(&self, space: &HashtagSpace) -> Result<(), BundleError>;

    /// This generator for the joined communities, its part set among `parts`; `None` if it can't
    /// cover communities that it was not trained on.
    #[cfg(feature = "learn")]
    fn join(
        &self,
        _joined: &Joined<'_>,
        _parts: &mut Parts,
    ) -> Result<Option<Box<dyn FittedGenerator>>, LearnError> {
        Ok(None)
    }
}

/// A way to rank candidates.
pub(crate) trait Ranking: Stage {
    /// Reads what training made.
    fn read(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedRanking>, BundleError>;

    /// Where its ranker comes from, if that can be chosen.
    #[cfg(feature = "learn")]
    fn source(&self) -> Option<RankerSource> {
        None
    }

    /// What it learns from, if it learns.
    #[cfg(feature = "train")]
    fn samples(&self) -> Option<Samples<'_>> {
        None
    }
}

/// A ranking that can order the candidates of posts.
pub(crate) trait FittedRanking: Send + Sync {
    /// Scores candidates: those of the generators, or exactly the allowed ones.
    fn rank(
        &self,
        post: &Reading<'_>,
        generators: &[Box<dyn FittedGenerator>],
        asked: &Asked,
        buffers: &mut Buffers,
    ) -> Result<Vec<Scored>, RecommendError>;

    /// The name and gain of each column of its rows; empty without a trained ranker.
    fn importance(&self) -> Vec<(String, f64)> {
        Vec::new()
    }

    /// Checks that it was fitted to the communities and hashtags of this space, if it knows any.
    fn check_space(&self, _space: &HashtagSpace) -> Result<(), BundleError> {
        Ok(())
    }

    /// This ranking for the communities of another segment, of these parts. A ranking that compares
    /// vectors has none for their hashtags.
    fn for_segment(&self, parts: &PartReader<'_>) -> Result<Box<dyn FittedRanking>, BundleError> {
        Err(parts.missing("vectors"))
    }

    /// As [`FittedGenerator::join`].
    #[cfg(feature = "learn")]
    fn join(
        &self,
        _joined: &Joined<'_>,
        _parts: &mut Parts,
    ) -> Result<Option<Box<dyn FittedRanking>>, LearnError> {
        Ok(None)
    }
}

/// What a request says about the hashtags of its answer; ids are sorted.
pub(crate) struct Asked {
    /// Already chosen by the author.
    pub(crate) chosen: Vec<HashtagId>,
    /// Never in the answer.
    pub(crate) denied: Vec<HashtagId>,
    /// If given, nothing else is scored.
    pub(crate) allowed: Option<Vec<HashtagId>>,
}

impl Asked {
    /// Whether a hashtag may be in the answer.
    pub(crate) fn admits(&self, hashtag: HashtagId) -> bool {
        let among = |ids: &[HashtagId]| ids.binary_search(&hashtag).is_ok();
        !among(&self.chosen) && !among(&self.denied) && self.allowed.as_deref().is_none_or(among)
    }
}

/// A candidate with its score.
pub(crate) struct Scored {
    pub(crate) hashtag: HashtagId,
    pub(crate) score: f32,
    pub(crate) sources: Vec<Source>,
}

/// The generators' scores that the ranker of features knows by name.
#[derive(Default)]
pub(crate) struct RowScores {
    pub(crate) index: Option<IndexScores>,
    pub(crate) logits: Option<Vec<f32>>,
    pub(crate) meaning: Option<MeaningScores>,
}

/// What one thread reuses from post to post.
#[derive(Default)]
pub(crate) struct Buffers {
    pub(crate) features: PostFeatures,
    pub(crate) scratch: Scratch,
    pub(crate) rows: Vec<f32>,
    /// The columns of the rows that the ranker knows, if it doesn't know all.
    pub(crate) picked: Vec<f32>,
    pub(crate) scores: Vec<f64>,
    pub(crate) forest: ForestScratch,
}
