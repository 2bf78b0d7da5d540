//! Training: skip-gram or CBOW with negative sampling, on rows of hashed subwords.
//!
//! The text is converted to word numbers once, and each word's rows are computed once. Training
//! then runs in rounds. In a round each thread trains its own copy of the weights on its own
//! sentences; between rounds the copies are merged. No memory is shared while it is written, so the
//! result depends only on the seed and the number of threads, not on timing.

mod kernel;
mod negatives;
mod progress;
mod round;
mod sigmoid;
mod step;
mod vocabulary;
mod weights;

use std::ops::ControlFlow;

pub use progress::FloretProgress;

use self::{
    round::{Schedule, most_threads},
    step::Task,
    vocabulary::Text,
    weights::Copies,
};
use crate::{FloretError, FloretParams, FloretTable};

/// Healthy training ends with weights below about ten; beyond this it has diverged.
const LARGEST: f32 = 1e4;

/// Trains a table on `sentences`, each a sequence of words.
///
/// `progress` is called after each round (2,000 to 20,000 tokens) and can cancel training by
/// returning [`ControlFlow::Break`].
///
/// The same sentences and parameters, seed and number of threads included, give the same bytes on
/// any machine. A small text is trained on with fewer threads than requested. Sentence ends are not
/// words here, unlike in floret.
///
/// # Errors
/// - [`FloretError::Parameter`]: a parameter is out of range.
/// - [`FloretError::TooLittleText`]: fewer than two different words occur `min_count` times.
/// - [`FloretError::TooMuchText`]: more different words or sentences than fit 32 bits.
/// - [`FloretError::Cancelled`]: `progress` broke off.
/// - [`FloretError::Diverged`]: the learning rate was too high for the text.
///
/// ```
/// use std::ops::ControlFlow;
/// use hashrec_floret::{FloretParams, train};
///
/// let sentences = ["新機能 の お知らせ です", "新機能 を 追加 し まし た です"];
/// let words = sentences.iter().map(|s| s.split(' '));
/// let params = FloretParams::default().with_dim(16).with_bucket(500);
/// let table = train(words, &params, &mut |_| ControlFlow::Continue(()))?;
/// let mut vector = vec![0.0; table.dim()];
/// table.word_vector("新機能", &mut vector);
/// # Ok::<(), hashrec_floret::FloretError>(())
/// ```
pub fn train(
    sentences: impl IntoIterator<Item = impl IntoIterator<Item = impl AsRef<str>>>,
    params: &FloretParams,
    progress: &mut dyn FnMut(FloretProgress) -> ControlFlow<()>,
) -> Result<FloretTable, FloretError> {
    params.check()?;
    let text = Text::read(sentences, params.min_count)?;
    let threads = params.threads.min(most_threads(&text, params));
    let params = &params.clone().with_threads(threads);
    let task = Task::new(&text, params);
    let mut copies = Copies::new(params, text.words());
    let mut schedule = Schedule::new(&text, params);
    while let Some(round) = schedule.next_round() {
        let loss = round.run(&task, copies.each())?;
        let report = schedule.progress(loss);
        copies.merge(report.learning_rate);
        if progress(report).is_break() {
            let FloretProgress { tokens, total, .. } = report;
            return Err(FloretError::Cancelled { tokens, total });
        }
    }
    let rows = copies.into_rows(params.dim);
    if !rows.iter().fold(true, |all, value| all & (value.abs() <= LARGEST)) {
        return Err(FloretError::Diverged { learning_rate: params.learning_rate });
    }
    Ok(FloretTable::new(params.subwords(), params.dim, rows.into()))
}
