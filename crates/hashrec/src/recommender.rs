//! A trained system, as services use it.

use std::{
    num::NonZero,
    panic::resume_unwind,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use hashrec_tokenize::{Tokenizer, Tokens};

#[cfg(feature = "learn")]
use crate::bundle::save::write_folder;
use crate::{
    bundle::{error::BundleError, folder::read_folder, manifest::Manifest},
    error::RecommendError,
    model::Model,
    request::{Recommendation, Request},
    serve::Answerer,
};

/// Posts of a batch that one thread takes at a time.
const BATCH: usize = 16;

/// Recommends hashtags. It is loaded from a bundle, or trained by a `Trainer`.
///
/// A recommender is `Send + Sync`, immutable, and answers without locks; a clone shares everything.
/// Calls block while they compute, a millisecond or so each. In async code, make them in the
/// runtime's pool for blocking work (`tokio::task::spawn_blocking`).
///
/// Only an unknown community is an error. An empty text is answered from what else is known
/// (popularity, recency), `k` = 0 with nothing. Text past the tokenizer's limit is cut, and control
/// characters separate words.
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
    #[cfg(feature = "trainer")]
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

    /// Saves a bundle, whole or not at all. An existing bundle is replaced in one step; processes
    /// that have loaded it keep the old one. Needs the feature `learn`.
    ///
    /// # Errors
    /// [`BundleError::Io`], also if `folder` exists and is neither empty nor a bundle.
    #[cfg(feature = "learn")]
    pub fn save(&self, folder: impl AsRef<Path>) -> Result<(), BundleError> {
        write_folder(folder.as_ref(), &self.model.manifest, &self.model.parts)
    }

    /// The `k` hashtags of a community that fit a text best, the best first.
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

    /// Answers a request with all its options: hashtags already chosen, denied or allowed, and a
    /// minimum score.
    ///
    /// # Errors
    /// [`RecommendError::UnknownCommunity`].
    pub fn recommend_for(&self, request: &Request) -> Result<Vec<Recommendation>, RecommendError> {
        Answerer::new(&self.model).answer(request)
    }

    /// Answers many requests on all cores, in order, as [`Recommender::recommend_for`] does.
    pub fn recommend_batch(
        &self,
        requests: &[Request],
    ) -> Vec<Result<Vec<Recommendation>, RecommendError>> {
        let chunks: Vec<&[Request]> = requests.chunks(BATCH).collect();
        // Threads take chunks in turn, so that none waits for one with long texts.
        let next = AtomicUsize::new(0);
        let work = || {
            let mut answerer = Answerer::new(&self.model);
            let mut done = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(chunk) = chunks.get(number) else { break done };
                done.push((
                    number,
                    chunk.iter().map(|one| answerer.answer(one)).collect::<Vec<_>>(),
                ));
            }
        };
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let mut done = thread::scope(|scope| {
            let others = (1..cores.min(chunks.len()))
                // Where no thread can be started, the others do its work.
                .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
                .collect::<Vec<_>>();
            let mut done = work();
            for other in others {
                done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            done
        });
        done.sort_unstable_by_key(|(number, _)| *number);
        done.into_iter().flat_map(|(_, answers)| answers).collect()
    }

    /// The names of the communities, in order.
    pub fn communities(&self) -> impl ExactSizeIterator<Item = &str> {
        self.spaces().map(|space| space.name())
    }

    /// A community's hashtags, the most used first; `None` if the bundle doesn't know the community.
    pub fn hashtags(&self, community: &str) -> Option<impl ExactSizeIterator<Item = &str>> {
        self.space(community).map(|space| space.hashtags())
    }

    /// The number of a community's posts that the bundle was made from; `None` if it doesn't know
    /// the community.
    pub fn posts(&self, community: &str) -> Option<u64> {
        self.space(community).map(|space| u64::from(space.posts()))
    }

    /// The vector of a text, in systems that compare vectors; `None` in others.
    ///
    /// # Errors
    /// [`RecommendError::Score`] if the bundle's transformer fails.
    pub fn text_vector(&self, text: &str) -> Result<Option<Vec<f32>>, RecommendError> {
        let Some(vectors) = &self.model.vectors else { return Ok(None) };
        let mut tokens = Tokens::default();
        self.model.tokenizer.worker().tokenize(text, &mut tokens);
        let vector = vectors.text().post(text, &tokens);
        vector.map(Some).map_err(RecommendError::score)
    }

    pub(crate) fn spaces(&self) -> impl ExactSizeIterator<Item = &hashrec_data::CommunitySpace> {
        self.model.space.communities().map(|(_, space)| space)
    }

    pub(crate) fn space(&self, community: &str) -> Option<&hashrec_data::CommunitySpace> {
        let space = &self.model.space;
        space.community_id(community).and_then(|id| space.community(id))
    }

    /// The bundle's manifest: configuration, fingerprint of the training run, parts.
    pub fn manifest(&self) -> &Manifest {
        &self.model.manifest
    }

    /// The name and total gain of each column of the ranker's rows, the highest gain first. Empty
    /// for systems without a ranker.
    pub fn importance(&self) -> Vec<(String, f64)> {
        let mut gains = self.model.ranking.importance();
        gains.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        gains
    }
}
