//! Training: posts in, a recommender out.

use std::{ops::ControlFlow, path::PathBuf, sync::Arc};

use hashrec_data::{Corpus, CorpusParams, HashtagSpaceBuilder, Post};
#[cfg(feature = "train")]
use hashrec_ranker::Ranker;
use hashrec_vectorize::TextEncoder;

#[cfg(feature = "train")]
use crate::{
    config::EncoderParams,
    train::{choice::choose, train_ranker},
};
use crate::{
    config::{Config, RankerSource},
    error::{ConfigError, TrainError},
    learn::fit::fit,
    notes::{HashtagNotes, Notes},
    pipeline::Pipeline,
    progress::{OnProgress, Progress, Stage},
    recommender::Recommender,
    reporter::{Reporter, on_threads},
    train::{RankerChoice, TrainReport, train},
};

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
/// assert_eq!(report.corpus.posts, 40);
/// let best = &recommender.recommend("hobbies", "my first bread", 1)?[0];
/// assert_eq!(best.hashtag, "baking");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Trainer<'a> {
    config: Config,
    finished_steps: Option<PathBuf>,
    encoder: Option<Arc<dyn TextEncoder>>,
    notes: Notes,
    progress: Option<Box<OnProgress<'a>>>,
}

impl<'a> Trainer<'a> {
    /// A trainer with this configuration.
    ///
    /// # Errors
    /// [`ConfigError`] names the value that is out of range, or the Cargo feature that training
    /// this system needs and this build lacks.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let missing = config.pipeline().stages().find_map(|stage| stage.missing_feature());
        if let Some(feature) = missing {
            return Err(ConfigError::Feature { what: "training this system", feature });
        }
        let notes = Notes::new(config.names);
        Ok(Self { config, finished_steps: None, encoder: None, notes, progress: None })
    }

    /// Saves the result of each long step in a folder, and reads it from there instead of
    /// computing it again. A run that was stopped or killed continues where it was (the net after
    /// its last complete epoch), and systems that are trained on the same posts share their word
    /// vectors, nets and rankers.
    ///
    /// A saved step is only used if everything it was computed from is the same: posts, tokenizer,
    /// seed, threads, parameters, version of this crate. The trained bundle is the same, byte for
    /// byte, with and without the folder. A file that is damaged, or stands under another step's
    /// name, is not used: its step runs again. Files stay in the folder until you delete it, except
    /// for unfinished steps, which are removed once they are finished, and for what a killed run
    /// was writing, which the next run removes.
    pub fn with_finished_steps(mut self, folder: impl Into<PathBuf>) -> Self {
        self.finished_steps = Some(folder.into());
        self
    }

    /// Asks this encoder what texts mean, if [`EncoderParams::kind`](crate::EncoderParams::kind) says
    /// that it is the program's own.
    pub fn with_encoder(mut self, encoder: Arc<dyn TextEncoder>) -> Self {
        self.encoder = Some(encoder);
        self
    }

    /// Adds what is known of a community's hashtags beside their names, by name. Notes on hashtags
    /// that no post carries are ignored.
    pub fn with_notes<S: AsRef<str>>(
        mut self,
        community: &str,
        notes: impl IntoIterator<Item = (S, HashtagNotes)>,
    ) -> Self {
        self.notes.add(community, notes);
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

    /// Trains. The posts may be in any order. Communities with fewer than
    /// [`Config::min_posts`] posts are left out, as the report says. From posts without hashtags
    /// only the rarity of words is learned.
    ///
    /// The system `hashrec` gets the ranker that serves these posts best. With 2,000 posts or
    /// more that is one of their own. With fewer than 100 it is the built-in one. Between,
    /// posts that were held out decide whether it is one of these or one that goes on from the
    /// built-in. The report says which it is and why; [`Config::ranker_source`] chooses one without asking.
    ///
    /// The same posts, configuration, seed and number of threads give the same recommender, byte
    /// for byte.
    ///
    /// # Errors
    /// [`TrainError`]: two posts have the same id and [`Config::duplicates`] is not set, no posts are
    /// left, the callback asked to stop, or a step failed. Nothing is written in any case. To learn
    /// before a long training whether its result can be saved, call [`Recommender::check_target`].
    pub fn train(self, posts: &[Post]) -> Result<(Recommender, TrainReport), TrainError> {
        let corpus = corpus(&self.config, posts)?;
        let config = &self.config;
        let (steps, encoder) = (self.finished_steps.as_deref(), self.encoder.as_ref());
        let notes = &self.notes;
        let (model, ranker) = run(config, self.progress, |pipeline, reporter| {
            let choice = match pipeline.ranking.source() {
                #[cfg(feature = "train")]
                Some(RankerSource::Best) => {
                    let config = config.clone().with_shared(config.thread_count());
                    Some(choose(&config, encoder, notes, corpus.posts(), reporter)?)
                }
                source => source.map(RankerChoice::forced),
            };
            let source = choice.as_ref().map_or(config.ranker_source, |choice| choice.source);
            let config = &config.clone().with_ranker_source(source);
            let model = if choice.is_some() && source == RankerSource::BuiltIn {
                let space = HashtagSpaceBuilder::new(config.names).posts(corpus.posts()).build();
                if space.hashtags() == 0 {
                    return Err(TrainError::NoPosts { min_posts: config.min_posts });
                }
                fit(config, None, encoder, (space, notes.clone()), corpus.posts(), reporter)?
            } else {
                let pipeline = config.clone().with_shared(config.thread_count()).pipeline();
                let pipeline = pipeline.with_encoder(encoder);
                train(config, &pipeline, (corpus.posts(), notes), steps, reporter)?
            };
            Ok((model, choice))
        })?;
        let report = TrainReport { corpus: corpus.report().clone(), ranker };
        Ok((Recommender::new(model)?, report))
    }

    /// Trains one ranker, of the system `hashrec`, on several corpora: a
    /// [`Learner`](crate::Learner) can then serve communities with it that are in none of them. The
    /// corpora share nothing; ids may repeat from one to the next. Each counts by its posts, at most
    /// [`Config::ranker_posts`].
    ///
    /// # Errors
    /// As [`train`](Self::train); [`TrainError::NoRanker`] for most other systems.
    #[cfg(feature = "train")]
    pub fn train_ranker(
        self,
        corpora: impl IntoIterator<Item = RankerCorpus>,
    ) -> Result<Ranker, TrainError> {
        let mut prepared = Vec::new();
        for RankerCorpus { posts, dictionary, encoder } in corpora {
            let config = Config { dictionary, encoder, ..self.config.clone() };
            let posts = corpus(&config, &posts)?.into_posts();
            prepared.push((config, posts));
        }
        let config = self.config.with_ranker_source(RankerSource::Posts);
        let encoder = self.encoder.as_ref();
        run(&config, self.progress, |pipeline, reporter| {
            train_ranker(&prepared, encoder, pipeline, reporter)
        })
    }
}

/// One of several corpora that a ranker is trained on.
#[cfg(feature = "train")]
#[derive(Clone, Debug, Default)]
pub struct RankerCorpus {
    /// Its posts.
    pub posts: Vec<Post>,
    /// The MeCab dictionary that they are split with; see [`Config::dictionary`].
    pub dictionary: Option<PathBuf>,
    /// What says what its texts mean; see [`Config::encoder`].
    pub encoder: EncoderParams,
}

fn corpus(config: &Config, posts: &[Post]) -> Result<Corpus, TrainError> {
    let params = CorpusParams::default()
        .with_min_posts(config.min_posts)
        .with_duplicates(config.duplicates)
        .with_names(config.names);
    Corpus::new(posts.iter().cloned(), &params).map_err(|source| TrainError::Posts { source })
}

/// Runs a training on the configured number of threads.
fn run<T: Send>(
    config: &Config,
    progress: Option<Box<OnProgress<'_>>>,
    work: impl FnOnce(&Pipeline, Reporter<'_>) -> Result<T, TrainError> + Send,
) -> Result<T, TrainError> {
    let threads = config.thread_count();
    let pipeline = config.clone().with_shared(threads).pipeline();
    on_threads(threads, progress, |reporter| work(&pipeline, reporter))
        .map_err(TrainError::step(Stage::Tokens))?
}
