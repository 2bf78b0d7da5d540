//! A trained system, as services use it.

#[cfg(feature = "learn")]
use std::path::PathBuf;
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

use hashrec_data::CommunitySpace;
use hashrec_tokenize::{Tokenizer, Tokens};
use hashrec_vectorize::TextEncoder;

#[cfg(feature = "learn")]
use crate::{
    bundle::save::{Content, check_target, write_elsewhere, write_folder},
    files::Disk,
};
use crate::{
    bundle::{
        error::BundleError,
        folder::{Contents, PartFile, read_folder},
        manifest::Manifest,
        params::LoadParams,
    },
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
    manifest_hash: Arc<str>,
    /// The files that the model has mapped.
    mapped: Vec<Arc<PartFile>>,
}

impl std::fmt::Debug for Recommender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recommender")
            .field("system", &self.model.config().system)
            .field("communities", &self.communities().len())
            .finish_non_exhaustive()
    }
}

impl Recommender {
    /// A recommender that is not on disk yet.
    #[cfg(feature = "learn")]
    pub(crate) fn new(model: Model) -> Result<Self, BundleError> {
        let manifest_hash = model.manifest_hash()?.into();
        Ok(Self { model: Arc::new(model), manifest_hash, mapped: Vec::new() })
    }

    /// A recommender with another model, which may share tables with this one's.
    #[cfg(feature = "learn")]
    pub(crate) fn with_model(&self, model: Model) -> Result<Self, BundleError> {
        let is_used = |file: &&Arc<PartFile>| model.manifest.files().any(|part| file.is_of(part));
        let mapped = self.mapped.iter().filter(is_used).cloned().collect();
        Ok(Self { mapped, ..Self::new(model)? })
    }

    #[cfg(feature = "learn")]
    fn content(&self) -> Content<'_> {
        let (manifest, parts) = (&self.model.manifest, self.model.parts());
        Content { manifest, parts, mapped: &self.mapped }
    }

    /// Loads a bundle: verified first, then parsed; large tables are mapped, not copied.
    ///
    /// A load beside a [`save`](Self::save) gets the old bundle or the new one. Replace a bundle by
    /// `save`, or by renaming a whole folder: as long as the recommender lives, nobody may change
    /// its files in place, by copying another bundle over them for instance. Answers would mix old
    /// and new tables, and if a file became shorter, the operating system would end the process
    /// (SIGBUS). [`check_files`](Self::check_files) notices such writes;
    /// [`load_in_memory`](Self::load_in_memory) is out of their reach.
    ///
    /// # Errors
    /// [`BundleError`] says which file is wrong and how.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, BundleError> {
        Self::load_with(folder, &LoadParams::default())
    }

    /// [`load`](Self::load), but every table is copied into memory: no later write to the files
    /// can touch the recommender.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_in_memory(folder: impl AsRef<Path>) -> Result<Self, BundleError> {
        Self::load_with(folder, &LoadParams::default().with_in_memory(true))
    }

    /// Loads a bundle as `params` say, for instance only the one with a given
    /// [`manifest_hash`](Self::manifest_hash).
    ///
    /// ```no_run
    /// use hashrec::{LoadParams, Recommender};
    ///
    /// # let hash = String::new();
    /// let params = LoadParams::default().with_in_memory(true).with_manifest_hash(hash);
    /// let recommender = Recommender::load_with("bundle", &params)?;
    /// # Ok::<(), hashrec::BundleError>(())
    /// ```
    ///
    /// # Errors
    /// As [`load`](Self::load); [`BundleError::Unexpected`].
    pub fn load_with(folder: impl AsRef<Path>, params: &LoadParams) -> Result<Self, BundleError> {
        Self::load_from(folder.as_ref(), params, None)
    }

    /// [`load_with`](Self::load_with) for a bundle that was made with an encoder of your own program
    /// ([`EncoderKind::Host`](crate::EncoderKind::Host)). It must give the same vectors as then: the
    /// bundle holds those of all posts and hashtags.
    ///
    /// # Errors
    /// As [`load_with`](Self::load_with); [`BundleError::Part`] if its vectors have another length.
    pub fn load_with_encoder(
        folder: impl AsRef<Path>,
        params: &LoadParams,
        encoder: Arc<dyn TextEncoder>,
    ) -> Result<Self, BundleError> {
        Self::load_from(folder.as_ref(), params, Some(&encoder))
    }

    fn load_from(
        folder: &Path,
        params: &LoadParams,
        encoder: Option<&Arc<dyn TextEncoder>>,
    ) -> Result<Self, BundleError> {
        let Contents { manifest, manifest_hash, parts, segments, mapped } =
            read_folder(folder, params)?;
        let model = Arc::new(Model::read(manifest, parts, segments, folder, encoder)?);
        Ok(Self { model, manifest_hash: manifest_hash.into(), mapped })
    }

    /// Whether the files that this recommender has mapped are as they were when it was loaded, by
    /// their lengths and times: a few system calls. Call it before you load a bundle again, or from
    /// time to time. A bundle that was replaced as a whole folder is fine: its old files are what
    /// they were.
    ///
    /// # Errors
    /// [`BundleError::Changed`] names the file that was written to. Load the bundle again.
    pub fn check_files(&self) -> Result<(), BundleError> {
        self.mapped.iter().try_for_each(|file| file.check())
    }

    /// The hash of the bundle's manifest, which names the hash of every part. Whoever gets it from
    /// you over a channel that they trust can have [`LoadParams::manifest_hash`] check that their
    /// copy of the bundle is yours.
    pub fn manifest_hash(&self) -> &str {
        &self.manifest_hash
    }

    /// Saves a bundle, whole or not at all. An existing bundle is replaced in one step; processes
    /// that have loaded it keep the old one. Any number of threads, processes and containers may
    /// save to one place at once: the last one wins. A link to a folder stays, and its target is
    /// replaced. Parts that the replaced bundle has too are kept, not written again. Needs the
    /// feature `learn`.
    ///
    /// # Errors
    /// [`BundleError::Target`] if a bundle can't be saved there, for instance because the folder
    /// holds anything but a bundle; [`BundleError::Io`].
    #[cfg(feature = "learn")]
    pub fn save(&self, folder: impl AsRef<Path>) -> Result<(), BundleError> {
        write_folder(&Disk, folder.as_ref(), &self.content())
    }

    /// Whether a bundle could be saved in this place: call it before a long training. It makes a
    /// folder beside the place, or in the nearest folder above that exists, and removes it.
    ///
    /// # Errors
    /// Those of [`save`](Self::save), but for what only shows when the bundle is written (a full
    /// disk, for instance).
    #[cfg(feature = "learn")]
    pub fn check_target(folder: impl AsRef<Path>) -> Result<(), BundleError> {
        check_target(&Disk, folder.as_ref())
    }

    /// Saves a bundle that could not be saved in `folder`: beside it under a name that nothing has,
    /// or else in the system's temporary folder. Returns where it is.
    ///
    /// # Errors
    /// As [`save`](Self::save), if the temporary folder can't be written either.
    #[cfg(feature = "learn")]
    pub fn save_elsewhere(&self, folder: impl AsRef<Path>) -> Result<PathBuf, BundleError> {
        write_elsewhere(&Disk, folder.as_ref(), &self.content())
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
        self.spaces().into_iter().map(|space| space.name())
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

    pub(crate) fn spaces(&self) -> Vec<&CommunitySpace> {
        self.model.segments.spaces()
    }

    pub(crate) fn space(&self, community: &str) -> Option<&CommunitySpace> {
        self.model.segments.find(community).map(|found| found.space)
    }

    /// The bundle's manifest: configuration, fingerprint of the training run, parts.
    pub fn manifest(&self) -> &Manifest {
        &self.model.manifest
    }

    /// The name and total gain of each column of the ranker's rows, the highest gain first. Empty
    /// for systems without a ranker.
    pub fn importance(&self) -> Vec<(String, f64)> {
        let mut gains = self.model.segments.first().ranking.importance();
        gains.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        gains
    }
}
