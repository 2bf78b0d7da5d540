//! How long work tells how far it is, and how it is stopped.

use std::ops::ControlFlow;

/// The steps of a training run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Splitting the posts into tokens; counted in posts.
    Tokens,
    /// Training the floret table; counted in words.
    Floret,
    /// Making the other vectors; counted in posts.
    Vectors,
    /// Fitting the generators of each community; counted in posts.
    Candidates,
    /// Training the neural classifier, once for each fold and once on all posts; counted in steps.
    Classifier,
    /// Building the ranker's rows; counted in posts, those of simulated small communities in the
    /// communities they are drawn from.
    Rows,
    /// Training the ranker; counted in trees.
    Ranker,
}

impl Stage {
    /// A short name for a progress bar.
    pub fn name(self) -> &'static str {
        match self {
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

/// One report of a training run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The step being worked on.
    pub stage: Stage,
    /// How much of it is done, in the step's own unit.
    pub done: u64,
    /// How much there is.
    pub total: u64,
    /// What there is to say: a loss, a validation metric.
    pub message: String,
}

/// Called often during training; returning [`ControlFlow::Break`] stops it with
/// [`TrainError::Cancelled`](crate::TrainError::Cancelled) and nothing is written. To stop from
/// another thread, let it look at an `AtomicBool`.
pub type OnProgress<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + Send + 'a;
