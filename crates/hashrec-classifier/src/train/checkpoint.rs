//! A training run on disk.

use hashrec_storage::{Bytes, Part, PartWriter, StorageError};
use serde::{Deserialize, Serialize};

use super::{
    balance::Course,
    device,
    parameters::{Parameters, Tables},
    posts::{ClassifierPost, Posts},
    session::{Best, Position, TrainingSession, layers},
};
use crate::{
    ClassifierError, ClassifierParams, Loss,
    part::{read_spaces, write_spaces},
    vocabulary::Vocabulary,
    weights::{self, shapes},
};

const KIND: &str = "classifier-checkpoint";
const VERSION: u32 = 1;

/// Counts beyond this can only come from a damaged file; below it, sums don't overflow.
const MANY: u64 = 1 << 53;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    params: ClassifierParams,
    /// Of the posts the run was started with.
    fingerprint: u64,
    epoch: u64,
    step: u64,
    steps: u64,
    posts: u64,
    /// The epoch of the best weights, if there are any.
    best_epoch: Option<u64>,
}

impl TrainingSession {
    /// Everything needed to go on with this run in another process: weights, the optimizer's
    /// moments and step counts, the best weights so far, the position. Random numbers and the order
    /// of posts follow from the seed and the position. The same state gives the same bytes.
    ///
    /// # Errors
    /// [`ClassifierError::Storage`] or [`ClassifierError::Tensor`] if it can't be encoded.
    pub fn checkpoint(&self) -> Result<Vec<u8>, ClassifierError> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.header(&Header {
            params: self.params.clone(),
            fingerprint: self.posts.fingerprint(),
            epoch: self.position.epoch as u64,
            step: self.position.step as u64,
            steps: self.position.steps,
            posts: self.position.posts as u64,
            best_epoch: self.best.as_ref().map(|best| best.epoch as u64),
        })?;
        write_spaces(&mut writer, &self.parameters.spaces)?;
        self.vocabulary.write(&mut writer)?;
        let Parameters { values, means, variances, head_steps, .. } = &self.parameters;
        for (prefix, tables) in [("value.", values), ("mean.", means), ("variance.", variances)] {
            weights::write(tables, &mut writer, prefix)?;
        }
        writer.table("head_steps", head_steps)?;
        writer.table("loss", &[self.position.loss])?;
        writer.table("losses", &self.losses)?;
        writer.table("validation", &self.validation)?;
        if let Some(course) = &self.course {
            writer.table("course.initial", &course.initial)?;
            writer.table("course.quotients", &course.quotients)?;
        }
        if let Some(best) = &self.best {
            weights::write(&best.weights, &mut writer, "best.")?;
            writer.table("best.ndcg", &[best.ndcg])?;
        }
        Ok(writer.to_bytes()?)
    }

    /// Goes on from a [`checkpoint`](Self::checkpoint), with the posts the run was started with.
    ///
    /// # Errors
    /// [`ClassifierError::OtherPosts`] if the posts differ from those; [`ClassifierError::Storage`]
    /// if the bytes aren't a checkpoint; what [`start`](Self::start) says about bad posts.
    pub fn resume(
        posts: &[ClassifierPost<'_>],
        checkpoint: Bytes,
    ) -> Result<Self, ClassifierError> {
        let part = Part::parse(checkpoint, KIND, VERSION)?;
        let header: Header = part.header()?;
        let params = header.params;
        params.check()?;
        let device = device::open(params.device)?;
        let spaces = read_spaces(&part)?;
        let vocabulary = Vocabulary::read(&part)?;
        let posts = Posts::encode(posts, &spaces, &vocabulary, params.max_words)?;
        if posts.fingerprint() != header.fingerprint {
            return Err(ClassifierError::OtherPosts);
        }
        let layers = layers(&params);
        let shapes = shapes(layers, vocabulary.len(), &spaces);
        let tables = |prefix: &str| weights::read(&part, prefix, shapes);
        let owned = |prefix: &str| Ok::<Tables, StorageError>(tables(prefix)?.map(|t| t.to_vec()));
        let variances = owned("variance.")?;
        if let Some(at) = variances.iter().find_map(|t| t.iter().position(|&value| value < 0.0)) {
            return Err(part.wrong("variance.", format!("holds a negative number at {at}")).into());
        }
        let head_steps = part.table_of::<u64>("head_steps", spaces.communities())?.to_vec();
        let counts = [header.epoch, header.step, header.steps, header.posts];
        if counts.iter().chain(&head_steps).any(|&count| count >= MANY) {
            return Err(part.wrong("head_steps", "holds an absurd count".into()).into());
        }
        let parameters = Parameters {
            layers,
            values: owned("value.")?,
            means: owned("mean.")?,
            variances,
            head_steps,
            spaces,
        };
        let mut training = Self::new(params, device, vocabulary, posts, parameters);
        training.best = match header.best_epoch {
            Some(epoch) if epoch <= header.epoch => Some(Best {
                epoch: epoch as usize,
                ndcg: numbers(&part, "best.ndcg", Some(1), f64::MIN)?[0],
                weights: tables("best.")?,
            }),
            Some(_) => return Err(part.wrong("best.ndcg", "is of a later epoch".into()).into()),
            None => None,
        };
        training.position = Position {
            epoch: header.epoch as usize,
            step: header.step as usize,
            steps: header.steps,
            loss: numbers(&part, "loss", Some(1), f64::MIN)?[0],
            posts: header.posts as usize,
        };
        if matches!(training.params.loss, Loss::Dynamic { .. }) && !training.aside.is_empty() {
            let communities = Some(training.parameters.spaces.communities());
            training.course = Some(Course {
                initial: numbers(&part, "course.initial", communities, 0.0)?,
                quotients: numbers(&part, "course.quotients", communities, 0.0)?,
            });
        }
        training.losses = numbers(&part, "losses", None, f64::MIN)?;
        training.validation = numbers(&part, "validation", None, f64::MIN)?;
        training.weigh();
        Ok(training)
    }
}

/// A table of finite numbers, none of them below `least`.
fn numbers(
    part: &Part,
    name: &str,
    length: Option<usize>,
    least: f64,
) -> Result<Vec<f64>, StorageError> {
    let table = match length {
        Some(length) => part.table_of::<f64>(name, length)?,
        None => part.table::<f64>(name)?,
    };
    match table.iter().find(|value| !(least..=f64::MAX).contains(*value)) {
        Some(value) => Err(part.wrong(name, format!("holds {value}"))),
        None => Ok(table.to_vec()),
    }
}
