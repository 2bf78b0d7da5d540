//! The recommender in use, and its replacement.

use std::{
    ops::Deref,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;

use super::error::ReloadError;
use crate::{LoadParams, Recommender, Request};

/// One of the recommenders that a [`RecommenderHandle`] has had. It derefs to the recommender.
#[derive(Debug)]
pub struct Generation {
    recommender: Recommender,
    number: u64,
}

impl Generation {
    /// Counts replacements: the first recommender of a handle has 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The recommender. A clone shares everything.
    pub fn recommender(&self) -> &Recommender {
        &self.recommender
    }
}

impl Deref for Generation {
    type Target = Recommender;

    fn deref(&self) -> &Recommender {
        &self.recommender
    }
}

/// A recommender that can be replaced while other threads use it.
///
/// [`get`](Self::get) takes no lock, so a replacement makes nobody wait. Whoever got a generation
/// keeps it, and all its answers are that generation's; the memory of an old one is freed when the
/// last of its users lets it go.
///
/// ```no_run
/// use std::sync::Arc;
/// use hashrec::{Recommender, RecommenderHandle};
///
/// let handle = Arc::new(RecommenderHandle::new(Recommender::load("bundles/1")?));
/// let now = handle.get();
/// let answer = now.recommend("knitting", "Turning a heel", 10)?;
/// println!("{answer:?} by generation {}", now.number());
/// // Another thread, later:
/// if let Err(error) = handle.reload("bundles/2") {
///     eprintln!("still generation {}: {error}", handle.get().number());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RecommenderHandle {
    current: ArcSwap<Generation>,
    /// Held by whoever replaces the recommender, so that numbers rise by one.
    replacing: Mutex<()>,
    load: LoadParams,
    warm_up: Vec<Request>,
    lost_communities: bool,
}

impl RecommenderHandle {
    /// A handle whose first generation is this recommender.
    pub fn new(recommender: Recommender) -> Self {
        Self {
            current: ArcSwap::from_pointee(Generation { recommender, number: 1 }),
            replacing: Mutex::new(()),
            load: LoadParams::default(),
            warm_up: Vec::new(),
            lost_communities: false,
        }
    }

    /// How [`reload`](Self::reload) loads bundles.
    pub fn with_load_params(mut self, params: LoadParams) -> Self {
        self.load = params;
        self
    }

    /// Requests that a new recommender answers before it takes over, so that its pages are in
    /// memory. Some dozens of recent ones will do. Errors are ignored: a community may be gone.
    pub fn with_warm_up(mut self, requests: impl IntoIterator<Item = Request>) -> Self {
        self.warm_up = requests.into_iter().collect();
        self
    }

    /// Whether [`reload`](Self::reload) accepts a bundle that lacks communities which are served
    /// now. It doesn't by default: the bundle is probably another one.
    pub fn with_lost_communities(mut self, accepted: bool) -> Self {
        self.lost_communities = accepted;
        self
    }

    /// The current generation. Takes no lock. Get it once for a request, not once for each call, and
    /// let it go afterwards: as long as you hold it, its memory is in use.
    pub fn get(&self) -> Arc<Generation> {
        self.current.load_full()
    }

    /// Replaces the recommender, and returns the new generation. Threads that replace it at the same
    /// time take turns.
    pub fn replace(&self, recommender: Recommender) -> Arc<Generation> {
        let _turn = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        for request in &self.warm_up {
            let _ = recommender.recommend_for(request);
        }
        let number = self.get().number + 1;
        let new = Arc::new(Generation { recommender, number });
        self.current.store(Arc::clone(&new));
        tracing::info!(generation = number, "replaced the recommender");
        new
    }

    /// Loads a bundle and replaces the recommender with it. If the bundle is the one in use, nothing
    /// happens.
    ///
    /// # Errors
    /// [`ReloadError`] says why not; then the recommender in use stays.
    pub fn reload(&self, folder: impl AsRef<Path>) -> Result<Arc<Generation>, ReloadError> {
        let recommender = Recommender::load_with(folder, &self.load)?;
        let now = self.get();
        if recommender.manifest_hash() == now.manifest_hash() {
            return Ok(now);
        }
        if !self.lost_communities {
            let missing = lost(&now, &recommender);
            if !missing.is_empty() {
                return Err(ReloadError::LostCommunities { missing });
            }
        }
        Ok(self.replace(recommender))
    }
}

/// The communities of one recommender that another doesn't know.
fn lost(old: &Recommender, new: &Recommender) -> Vec<String> {
    let is_lost = |name: &&str| new.posts(name).is_none();
    old.communities().filter(is_lost).map(str::to_owned).collect()
}
