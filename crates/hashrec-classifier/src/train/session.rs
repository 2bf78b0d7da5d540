//! A training run from its first step to its last, stopped and resumed at will.

use std::ops::ControlFlow;

use candle_core::Device;

use super::{
    balance::{Counts, Course},
    device,
    objective::Objective,
    parameters::Parameters,
    plan::{batches, divide, repeated},
    posts::{ClassifierPost, Posts, vocabulary},
    progress::{ClassifierProgress, Pace},
    random::{Purpose, generator, uniform},
    step::{Context, apply},
    validation::{Validated, validate},
};
use crate::{
    Classifier, ClassifierError, ClassifierParams, ClassifierSummary, Loss,
    encoder::Encoder,
    vocabulary::Vocabulary,
    weights::{Layers, Spaces, Weights},
};

/// Word vectors to start from, such as a floret table's.
pub trait WordVectors {
    /// The width of every vector.
    fn dim(&self) -> usize;

    /// Writes the vector of `word` to `out`, which is [`dim`](Self::dim) long. A word without a
    /// vector leaves zeros there.
    fn word_vector(&self, word: &str, out: &mut [f32]);
}

/// A callback that hears of progress and may stop training.
pub type OnProgress<'a> = dyn FnMut(&ClassifierProgress) -> ControlFlow<()> + 'a;

/// Where in the run the next step stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Position {
    /// Finished epochs.
    pub(super) epoch: usize,
    /// Finished steps of the current epoch.
    pub(super) step: usize,
    /// Finished steps of all epochs.
    pub(super) steps: u64,
    /// The losses of the current epoch's steps, each times its posts.
    pub(super) loss: f64,
    /// The posts of the current epoch's finished steps.
    pub(super) posts: usize,
}

/// The best weights so far.
#[derive(Debug)]
pub(super) struct Best {
    /// Their epoch, from 1.
    pub(super) epoch: usize,
    pub(super) ndcg: f64,
    pub(super) weights: Weights,
}

/// A training run.
///
/// [`Classifier::train`] is this in one call. On its own it can be stopped after any step, saved as
/// a [`checkpoint`](Self::checkpoint), and resumed: the resumed run ends with the same bytes as an
/// uninterrupted one.
///
/// ```
/// use std::ops::ControlFlow;
/// use hashrec_classifier::{ClassifierError, ClassifierParams, TrainingSession, ClassifierPost};
/// use hashrec_data::{CommunityId, HashtagId};
///
/// let post = |words, tag| ClassifierPost { words, community: CommunityId(0), gold: tag };
/// let posts = [
///     post(vec!["a", "cat"], &[HashtagId(0)][..]),
///     post(vec!["a", "dog"], &[HashtagId(1)][..]),
/// ];
/// let params = ClassifierParams::default().with_embedding_dim(8).with_hidden(4).with_epochs(2);
/// let mut training = TrainingSession::start(&posts, &[2], None, &params)?;
/// training.epoch(&mut |_| ControlFlow::Continue(()))?;
///
/// let saved = training.checkpoint()?;
/// let mut training = TrainingSession::resume(&posts, saved.into())?;
/// while !training.is_done() {
///     training.epoch(&mut |_| ControlFlow::Continue(()))?;
/// }
/// let classifier = training.finish()?;
/// assert_eq!(classifier.summary().losses.len(), 2);
/// # Ok::<(), ClassifierError>(())
/// ```
#[derive(Debug)]
pub struct TrainingSession {
    pub(super) params: ClassifierParams,
    pub(super) vocabulary: Vocabulary,
    pub(super) posts: Posts,
    /// Posts to train on, and held-out posts.
    pub(super) train: Vec<u32>,
    pub(super) aside: Vec<u32>,
    pub(super) objective: Objective,
    /// With [`Loss::Dynamic`].
    pub(super) course: Option<Course>,
    pub(super) parameters: Parameters,
    /// Where the net is computed.
    pub(super) device: Device,
    pub(super) position: Position,
    /// The mean loss and the validation NDCG@10 (none without held-out posts) of every epoch.
    pub(super) losses: Vec<f64>,
    pub(super) validation: Vec<f64>,
    pub(super) best: Option<Best>,
    pub(super) pace: Pace,
}

impl TrainingSession {
    /// Prepares a run: counts words, checks posts, draws the initial net. `tags_per_community` is
    /// the size of every community's hashtag space, by community number.
    ///
    /// # Errors
    /// [`ClassifierError::Parameter`], [`ClassifierError::UnknownCommunity`],
    /// [`ClassifierError::UnknownHashtag`], [`ClassifierError::NothingToLearn`] if no post has a
    /// hashtag, [`ClassifierError::InitialVector`], [`ClassifierError::TooLarge`],
    /// [`ClassifierError::DeviceNotBuilt`], [`ClassifierError::DeviceUnavailable`].
    pub fn start(
        posts: &[ClassifierPost<'_>],
        tags_per_community: &[usize],
        init: Option<&dyn WordVectors>,
        params: &ClassifierParams,
    ) -> Result<Self, ClassifierError> {
        let mut params = params.clone();
        if let Some(init) = init {
            params.embedding_dim = init.dim();
        }
        params.check()?;
        let device = device::open(params.device)?;
        let spaces = Spaces::new(tags_per_community.iter().copied());
        for (what, count) in [("posts", posts.len()), ("hashtags", spaces.tags())] {
            if u32::try_from(count).is_err() {
                return Err(ClassifierError::TooLarge { what, limit: u32::MAX as usize });
            }
        }
        let vocabulary = vocabulary(posts, &params)?;
        let posts = Posts::encode(posts, &spaces, &vocabulary, params.max_words)?;
        if posts.labelled().is_empty() {
            return Err(ClassifierError::NothingToLearn { posts: posts.len() });
        }
        let words = initial_vectors(&vocabulary, init, &params)?;
        let priors = posts.log_priors(&spaces);
        let parameters = Parameters::initial(layers(&params), words, spaces, priors, &params);
        let mut training = Self::new(params, device, vocabulary, posts, parameters);
        tracing::info!(
            posts = training.posts.len(),
            training = training.train.len(),
            validation = training.aside.len(),
            words = training.vocabulary.len(),
            hashtags = training.parameters.spaces.tags(),
            "classifier training starts"
        );
        if matches!(training.params.loss, Loss::Dynamic { .. }) {
            let validated = training.validated();
            training.course = validated.map(|(_, validated)| Course::new(&validated.losses));
        }
        Ok(training)
    }

    /// A run before its first step.
    pub(super) fn new(
        params: ClassifierParams,
        device: Device,
        vocabulary: Vocabulary,
        posts: Posts,
        parameters: Parameters,
    ) -> Self {
        let by_community = matches!(params.loss, Loss::Dynamic { .. });
        let group = |post: u32| by_community.then(|| posts.community(post as usize));
        let (train, aside) = divide(posts.labelled(), group, params.validation, params.seed);
        Self {
            objective: Objective::new(params.loss, &posts, &train, &parameters.spaces),
            params,
            vocabulary,
            posts,
            train,
            aside,
            course: None,
            parameters,
            device,
            position: Position::default(),
            losses: Vec::new(),
            validation: Vec::new(),
            best: None,
            pace: Pace::start(),
        }
    }

    /// Whether all epochs are over, or patience with the validation score is at its end.
    pub fn is_done(&self) -> bool {
        let stale = |best: &Best| self.position.epoch - best.epoch >= self.params.patience;
        self.position.epoch >= self.params.epochs || self.best.as_ref().is_some_and(stale)
    }

    /// Trains to the end of the current epoch and validates; does nothing if the run
    /// [is done](Self::is_done).
    ///
    /// # Errors
    /// [`ClassifierError::Cancelled`] if `progress` said to stop: the run stands after the step the
    /// callback heard of, can be saved as a checkpoint, and goes on with the next call.
    /// [`ClassifierError::Diverged`] if the loss is no longer a finite number.
    pub fn epoch(&mut self, progress: &mut OnProgress<'_>) -> Result<(), ClassifierError> {
        if self.is_done() {
            return Ok(());
        }
        let epoch = self.position.epoch;
        let ClassifierParams { batch, seed, oversampling, .. } = self.params;
        let length = |post: u32| self.posts.words(post as usize).len();
        let community = |post: u32| self.posts.community(post as usize);
        let posts = repeated(&self.train, community, oversampling, seed, epoch as u64);
        let plan = batches(&posts, length, batch, seed, epoch as u64);
        while let Some(batch) = plan.get(self.position.step) {
            self.step(batch)?;
            if progress(&self.progress(plan.len(), None, false)).is_break() {
                return Err(ClassifierError::Cancelled {
                    epoch: epoch + 1,
                    step: self.position.step,
                });
            }
        }
        let ndcg = self.validate();
        let event = self.progress(plan.len(), ndcg, true);
        tracing::info!(epoch = epoch + 1, loss = event.loss, ndcg, "classifier epoch");
        self.losses.push(event.loss);
        self.position =
            Position { epoch: epoch + 1, steps: self.position.steps, ..Position::default() };
        if progress(&event).is_break() {
            return Err(ClassifierError::Cancelled { epoch: epoch + 1, step: plan.len() });
        }
        Ok(())
    }

    /// One step on one batch.
    fn step(&mut self, batch: &[u32]) -> Result<(), ClassifierError> {
        let Position { epoch, step, steps, .. } = self.position;
        let Self { posts, objective, params, device, .. } = &*self;
        let context = Context { posts, objective, params, device, step: steps };
        let gradients = context.gradients(&self.parameters, batch)?;
        let norm = gradients.norm();
        if !gradients.loss.is_finite() || !norm.is_finite() {
            return Err(ClassifierError::Diverged {
                epoch: epoch + 1,
                step: step + 1,
                loss: gradients.loss,
            });
        }
        apply(&mut self.parameters, &gradients, norm, &self.params, steps, epoch);
        self.position.step += 1;
        self.position.steps += 1;
        self.position.loss += gradients.loss * batch.len() as f64;
        self.position.posts += batch.len();
        self.pace.step(batch.len());
        Ok(())
    }

    /// The present weights, and how they do on the held-out posts, if there are any.
    fn validated(&self) -> Option<(Weights, Validated)> {
        let Parameters { layers, spaces, .. } = &self.parameters;
        let weights = (!self.aside.is_empty()).then(|| self.parameters.weights())?;
        let encoder = Encoder { layers: *layers, weights: &weights, spaces };
        let validated = validate(encoder, &self.posts, &self.aside);
        Some((weights, validated))
    }

    /// Scores the held-out posts, keeps the weights if they are the best so far, and lets the
    /// communities' weights in the loss follow.
    fn validate(&mut self) -> Option<f64> {
        let (weights, Validated { ndcg, losses }) = self.validated()?;
        if let (Some(course), Loss::Dynamic { smoothing, .. }) =
            (&mut self.course, self.params.loss)
        {
            course.follow(&losses, smoothing);
            self.weigh();
        }
        self.validation.push(ndcg);
        if self.best.as_ref().is_none_or(|best| ndcg > best.ndcg) {
            self.best = Some(Best { epoch: self.position.epoch + 1, ndcg, weights });
        }
        Some(ndcg)
    }

    /// Sets the communities' weights to what their course so far asks for.
    pub(super) fn weigh(&mut self) {
        if let (Some(course), Loss::Dynamic { strength, limit, .. }) =
            (&self.course, self.params.loss)
        {
            let counts = Counts::of(&self.posts, &self.train, &self.parameters.spaces);
            self.objective.weights = course.weights(&counts, strength, limit);
        }
    }

    fn progress(
        &self,
        steps: usize,
        validation: Option<f64>,
        epoch_done: bool,
    ) -> ClassifierProgress {
        let Position { epoch, step, posts, loss, .. } = self.position;
        let later = self.params.epochs.saturating_sub(epoch + 1).saturating_mul(steps);
        ClassifierProgress {
            epoch: epoch + 1,
            epochs: self.params.epochs,
            step,
            steps,
            loss: loss / posts.max(1) as f64,
            epoch_done,
            validation,
            posts_per_second: self.pace.posts_per_second(),
            elapsed: self.pace.elapsed(),
            remaining: self.pace.for_steps(later.saturating_add(steps.saturating_sub(step))),
        }
    }

    /// The classifier with the weights of the best epoch; without held-out posts, or before the
    /// first validation, with the present ones.
    ///
    /// # Errors
    /// [`ClassifierError::Tensor`] if the weights can't be read.
    pub fn finish(self) -> Result<Classifier, ClassifierError> {
        let (best_epoch, weights) = match self.best {
            Some(best) => (best.epoch, best.weights),
            None => (self.position.epoch, self.parameters.weights()),
        };
        let summary = ClassifierSummary {
            posts: self.posts.len(),
            without_hashtags: self.posts.len() - self.train.len() - self.aside.len(),
            validation_posts: self.aside.len(),
            best_epoch,
            losses: self.losses,
            validation: self.validation,
        };
        let Parameters { layers, spaces, .. } = self.parameters;
        Ok(Classifier { layers, spaces, vocabulary: self.vocabulary, weights, summary })
    }
}

/// The sizes that parameters ask for.
pub(super) fn layers(params: &ClassifierParams) -> Layers {
    Layers {
        dim: params.embedding_dim,
        hidden: params.hidden,
        heads: params.heads,
        community_dim: params.community_dim,
        max_words: params.max_words,
    }
}

/// The word vectors training starts from, the unknown word's (zero) first: those of `init` scaled
/// to the standard deviation the parameters ask for, or random ones of that deviation.
fn initial_vectors(
    vocabulary: &Vocabulary,
    init: Option<&dyn WordVectors>,
    params: &ClassifierParams,
) -> Result<Vec<f32>, ClassifierError> {
    let (dim, scale) = (params.embedding_dim, params.embedding_scale);
    let mut vectors = vec![0.0; dim];
    let Some(init) = init else {
        let mut random = generator(params.seed, Purpose::Initial, 0, 0);
        vectors.extend(uniform(vocabulary.len() * dim, 3f32.sqrt() * scale, &mut random));
        return Ok(vectors);
    };
    vectors.resize((vocabulary.len() + 1) * dim, 0.0);
    let (mut sum, mut squares) = (0.0f64, 0.0f64);
    for (word, vector) in vocabulary.words().zip(vectors.chunks_exact_mut(dim).skip(1)) {
        init.word_vector(word, vector);
        if vector.iter().any(|value| !value.is_finite()) {
            return Err(ClassifierError::InitialVector { word: word.to_owned() });
        }
        for &value in &*vector {
            sum += f64::from(value);
            squares += f64::from(value) * f64::from(value);
        }
    }
    let count = (vocabulary.len() * dim).max(1) as f64;
    let deviation = (squares / count - (sum / count).powi(2)).max(0.0).sqrt();
    let factor = (f64::from(scale) / (deviation + 1e-9)) as f32;
    vectors.iter_mut().for_each(|value| *value *= factor);
    Ok(vectors)
}
