//! How training reports its progress, and how it is stopped.

use std::{fmt, ops::ControlFlow};

/// The steps of a training run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Trying rankers on a part of the posts, to choose one; counted in trials.
    Choice,
    /// Splitting the posts into tokens; counted in posts.
    Tokens,
    /// Training the word vectors (floret); counted in words.
    Floret,
    /// Computing the other vectors; counted in posts.
    Vectors,
    /// Fitting the generators of each community; counted in posts.
    Candidates,
    /// Training the neural classifier, once for each fold and once on all posts; counted in
    /// optimizer steps.
    Classifier,
    /// Computing the ranker's rows; counted in posts, and those of newest posts and synthetic
    /// communities in communities.
    Rows,
    /// Training the ranker; counted in trees.
    Ranker,
}

impl Stage {
    /// A short name for a progress bar.
    pub fn name(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::Tokens => "tokens",
            Self::Floret => "floret",
            Self::Vectors => "vectors",
            Self::Candidates => "candidates",
            Self::Classifier => "classifier",
            Self::Rows => "rows",
            Self::Ranker => "ranker",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One progress report of a training run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The step that is running.
    pub stage: Stage,
    /// How much of it is done, in the step's own unit.
    pub done: u64,
    /// How much there is to do.
    pub total: u64,
    /// What else the step reports.
    pub detail: Detail,
}

/// What a step reports besides how far it is. [`Display`](fmt::Display) gives a short text for a
/// progress bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// Of [`Stage::Floret`].
    Floret {
        /// The pass over the posts, from 1.
        epoch: u32,
        /// The number of passes.
        epochs: u32,
        /// Mean loss since the last report, in nats.
        loss: f64,
    },
    /// Of [`Stage::Classifier`].
    Classifier {
        /// The fold that is left out, from 0; `None` for the net that is served.
        fold: Option<u32>,
        /// The epoch, from 1.
        epoch: usize,
        /// Mean loss per post in this epoch so far.
        loss: f64,
        /// NDCG@10 on the posts held out for validation, once the epoch is over.
        validation: Option<f64>,
    },
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::None => Ok(()),
            Self::Floret { epoch, epochs, loss } => {
                write!(f, "epoch {epoch}/{epochs}, loss {loss:.3}")
            }
            Self::Classifier { fold, epoch, loss, validation } => {
                if let Some(fold) = fold {
                    write!(f, "fold {fold}, ")?;
                }
                write!(f, "epoch {epoch}, loss {loss:.4}")?;
                validation.map_or(Ok(()), |ndcg| write!(f, ", NDCG {ndcg:.4}"))
            }
        }
    }
}

/// Called often during training. Returning [`ControlFlow::Break`] stops the training with
/// `TrainError::Cancelled`, and nothing is written. To stop it from another thread, let the
/// callback read an `AtomicBool`.
pub type OnProgress<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + Send + 'a;
