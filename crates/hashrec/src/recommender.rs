//! The trained system as other services use it.

use std::{path::Path, sync::Arc};

use hashrec_tokenize::{Tokenizer, Tokens};
use rayon::prelude::*;

use crate::{
    BundleError, Manifest, RecommendError, Recommendation, Request,
    bundle::{read_folder, write_folder},
    model::Model,
    serve::{Buffers, answer},
};

/// Posts of a batch that one thread takes at a time.
const BATCH: usize = 16;

/// Recommends hashtags: trained by a `Trainer` (feature `train`) or loaded from a bundle.
///
/// `Send + Sync`, immutable, without locks on the way of a request; a clone shares everything.
/// Calls block and are pure computation, a millisecond or so each: from async code, call through
/// the runtime's pool for blocking work (`tokio::task::spawn_blocking`).
///
/// What is asked is never an error but for a community the bundle doesn't know: an empty text is
/// answered from what else is known (popularity, recency), `k` = 0 with nothing, text past the
/// tokenizer's limit is cut, control characters separate words.
#[derive(Clone)]
pub struct Recommender {
    pub(crate) model: Arc<Model>,
}

impl std::fmt::Debug for Recommender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recommender")
            .field("system", &self.model.config().system)
            .field("communities", &self.model.space.len())
            .finish_non_exhaustive()
    }
}

impl Recommender {
    #[cfg(feature = "train")]
    pub(crate) fn new(model: Model) -> Self {
        Self { model: Arc::new(model) }
    }

    /// Loads a bundle: verified first, then parsed; large tables are mapped, not copied.
    ///
    /// # Errors
    /// [`BundleError`] says which file is wrong and how.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, BundleError> {
        let folder = folder.as_ref();
        let (manifest, parts) = read_folder(folder)?;
        Ok(Self { model: Arc::new(Model::read(manifest, parts, folder)?) })
    }

    /// Saves a bundle, whole or not at all; one of that name is replaced in one step, and
    /// processes that have it loaded keep it.
    ///
    /// # Errors
    /// [`BundleError::Io`]; also if `folder` exists and is neither empty nor a bundle.
    pub fn save(&self, folder: impl AsRef<Path>) -> Result<(), BundleError> {
        write_folder(folder.as_ref(), &self.model.manifest, &self.model.parts)
    }

    /// The `k` hashtags of a community that fit a text best, best first.
    ///
    /// # Errors
    /// [`RecommendError::UnknownCommunity`].
    pub fn recommend(
        &self,
        community: &str,
        text: &str,
        k: usize,
    ) -> Result<Vec<Recommendation>, RecommendError> {
        self.recommend_for(&Request::new(community, text).with_k(k))
    }

    /// Answers a request in full form: hashtags already chosen, denied, allowed, a minimum score.
    ///
    /// # Errors
    /// [`RecommendError::UnknownCommunity`].
    pub fn recommend_for(&self, request: &Request) -> Result<Vec<Recommendation>, RecommendError> {
        let mut worker = self.model.tokenizer.worker();
        answer(&self.model, &mut *worker, &mut Buffers::default(), request)
    }

    /// Answers many requests on all cores, in order. The answers are those of
    /// [`Recommender::recommend_for`].
    pub fn recommend_batch(
        &self,
        requests: &[Request],
    ) -> Vec<Result<Vec<Recommendation>, RecommendError>> {
        let chunk = |requests: &[Request]| -> Vec<_> {
            let mut worker = self.model.tokenizer.worker();
            let mut buffers = Buffers::default();
            requests
                .iter()
                .map(|request| answer(&self.model, &mut *worker, &mut buffers, request))
                .collect()
        };
        requests.par_chunks(BATCH).flat_map_iter(chunk).collect()
    }

    /// The names of the communities, in order.
    pub fn communities(&self) -> impl ExactSizeIterator<Item = &str> {
        self.spaces().map(|space| space.name())
    }

    /// A community's hashtags, most used first; `None` if the bundle doesn't know it.
    pub fn hashtags(&self, community: &str) -> Option<impl ExactSizeIterator<Item = &str>> {
        self.space(community).map(|space| space.hashtags())
    }

    /// How many posts of a community the bundle was made of; `None` if it doesn't know it.
    pub fn posts(&self, community: &str) -> Option<u64> {
        self.space(community).map(|space| u64::from(space.posts()))
    }

    /// The vector of a text as the paper's systems see it; `None` in systems that compare no
    /// vectors.
    ///
    /// # Errors
    /// [`RecommendError::Score`] if a transformer of the bundle fails.
    pub fn text_vector(&self, text: &str) -> Result<Option<Vec<f32>>, RecommendError> {
        let Some(vectors) = &self.model.vectors else { return Ok(None) };
        let mut tokens = Tokens::default();
        self.model.tokenizer.worker().tokenize(text, &mut tokens);
        let vector = vectors.text().post(text, &tokens);
        vector.map(Some).map_err(|source| RecommendError::Score { source: Box::new(source) })
    }

    pub(crate) fn spaces(&self) -> impl ExactSizeIterator<Item = &hashrec_data::CommunitySpace> {
        self.model.space.communities().map(|(_, space)| space)
    }

    pub(crate) fn space(&self, community: &str) -> Option<&hashrec_data::CommunitySpace> {
        let space = &self.model.space;
        space.community_id(community).and_then(|id| space.community(id))
    }

    /// What the bundle says of itself: configuration, fingerprint of the training run, parts.
    pub fn manifest(&self) -> &Manifest {
        &self.model.manifest
    }

    /// What each column of the ranker's rows was worth in training, the best first: name and
    /// total gain. Empty for systems without a ranker.
    pub fn importance(&self) -> Vec<(String, f64)> {
        let ranker = self.model.ranker.as_ref();
        let mut gains: Vec<(String, f64)> = ranker
            .map_or(&[][..], |ranker| ranker.importance())
            .iter()
            .map(|importance| (importance.feature.clone(), importance.gain))
            .collect();
        gains.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        gains
    }
}
