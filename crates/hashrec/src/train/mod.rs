//! Training: posts in, a recommender out.

mod classify;
mod features;
mod kept;
mod newest;
mod rows;
mod run;
mod simulated;
mod small;
mod tokens;
mod vectors;

use std::{ops::ControlFlow, path::PathBuf};

use hashrec_data::{Corpus, CorpusParams, CorpusReport, Post};

use crate::{Config, ConfigError, OnProgress, Progress, Recommender, Stage, TrainError};

/// Trains a system on posts.
///
/// ```
/// use hashrec::{Config, Post, System, Trainer};
///
/// let posts: Vec<Post> = (0..40)
///     .map(|i| {
///         let (text, tag) = [("sourdough bread", "baking"), ("chain and saddle", "cycling")][i % 2];
///         Post::new(format!("post {i}"), "hobbies", text, [tag], None)
///     })
///     .collect();
/// let config = Config::default().with_system(System::Linear);
/// let (recommender, report) = Trainer::new(config)?.train(&posts)?;
/// assert_eq!(report.posts, 40);
/// let best = &recommender.recommend("hobbies", "my first bread", 1)?[0];
/// assert_eq!(best.hashtag, "baking");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Trainer<'a> {
    config: Config,
    finished_steps: Option<PathBuf>,
    progress: Option<Box<OnProgress<'a>>>,
}

impl<'a> Trainer<'a> {
    /// A trainer with a configuration, which is checked here once.
    ///
    /// # Errors
    /// [`ConfigError`] names the value that is out of range.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self { config, finished_steps: None, progress: None })
    }

    /// Keeps what each long step made in a folder, and takes it from there instead of making it
    /// again: a run that was stopped or killed goes on where it was (the net's training, at its
    /// last whole epoch), and systems trained on the same posts share their floret table, nets and
    /// rankers.
    ///
    /// A step is only taken from the folder if everything it was made from is the same: posts,
    /// tokenizer, seed, threads, parameters, version of this crate. What is trained is the same,
    /// byte for byte, with and without the folder. Nothing in it is ever removed but unfinished
    /// steps that were finished later: it can be deleted when no run is to share it any more.
    pub fn with_finished_steps(mut self, folder: impl Into<PathBuf>) -> Self {
        self.finished_steps = Some(folder.into());
        self
    }

    /// Reports progress to a callback, which may also stop the training.
    pub fn with_progress(
        mut self,
        progress: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'a,
    ) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Trains. The posts may be in any order; communities with fewer than
    /// [`Config::min_posts`] posts are left out, as the report says. Posts without hashtags
    /// tell how rare words are, and nothing of hashtags.
    ///
    /// The same posts, configuration, seed and number of threads give the same recommender, byte
    /// for byte.
    ///
    /// # Errors
    /// [`TrainError`]: two posts with one id, no posts left, the callback's wish to stop, or a
    /// step that failed. Nothing is written in any case.
    pub fn train(self, posts: &[Post]) -> Result<(Recommender, CorpusReport), TrainError> {
        let params = CorpusParams::default().with_min_posts(self.config.min_posts);
        let corpus = Corpus::new(posts.iter().cloned(), &params)
            .map_err(|source| TrainError::Posts { source })?;
        let report = corpus.report().clone();
        let threads = self.config.thread_count();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(TrainError::step(Stage::Tokens))?;
        let mut reporter = Reporter { progress: self.progress };
        let config = self.config;
        let steps = self.finished_steps.as_deref();
        let model =
            pool.install(|| run::run(&config, threads, corpus.posts(), steps, &mut reporter))?;
        Ok((Recommender::new(model), report))
    }
}

/// Passes reports on, and the wish to stop back.
pub(crate) struct Reporter<'a> {
    progress: Option<Box<OnProgress<'a>>>,
}

impl Reporter<'_> {
    /// Reports; whether to go on.
    pub(crate) fn report(
        &mut self,
        stage: Stage,
        done: usize,
        total: usize,
        message: impl FnOnce() -> String,
    ) -> ControlFlow<()> {
        let Some(progress) = &mut self.progress else { return ControlFlow::Continue(()) };
        progress(&Progress { stage, done: done as u64, total: total as u64, message: message() })
    }

    /// Reports; an error if the training is to stop.
    pub(crate) fn step(
        &mut self,
        stage: Stage,
        done: usize,
        total: usize,
    ) -> Result<(), TrainError> {
        match self.report(stage, done, total, String::new) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(TrainError::Cancelled { stage: stage.name() }),
        }
    }
}
