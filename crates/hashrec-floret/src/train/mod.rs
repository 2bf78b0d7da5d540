//! Training: skip-gram or CBOW with negative sampling, on rows of hashed subwords.
//!
//! The text is turned into word numbers once; each word's rows are looked up once. Training then
//! goes through the text in rounds. In a round each thread learns from its own stretch of
//! sentences with its own copy of the weights; between rounds the copies are merged. So no memory
//! is shared while it is written, and the outcome depends on the seed and the number of threads
//! alone, not on timing.

mod kernel;
mod negatives;
mod progress;
mod round;
mod sigmoid;
mod step;
mod vocabulary;
mod weights;

use std::ops::ControlFlow;

pub use progress::Progress;

use self::{
    round::{Schedule, most_threads},
    step::Task,
    vocabulary::Text,
    weights::Copies,
};
use crate::{FloretError, FloretParams, FloretTable};

/// Training that goes well ends with numbers below ten or so; beyond this it has run away.
const LARGEST: f32 = 1e4;

/// Trains a table on `sentences`, each a sequence of words.
///
/// `progress` is called after each round (2,000 to 20,000 tokens) and may end the
/// training by returning [`ControlFlow::Break`].
///
/// The same sentences, parameters, seed and number of threads give the same bytes, whatever the
/// machine's load and vector instructions. Another number of threads gives another table of the
/// same quality; a small text is learned from by fewer threads than asked for. Sentence ends are
/// not words here (in floret they are).
///
/// # Errors
/// - [`FloretError::Parameter`]: a parameter is out of its range.
/// - [`FloretError::TooLittleText`]: fewer than two words are frequent enough.
/// - [`FloretError::TooMuchText`]: more words or sentences than can be numbered.
/// - [`FloretError::Cancelled`]: `progress` asked to stop.
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
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
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
            let Progress { tokens, total, .. } = report;
            return Err(FloretError::Cancelled { tokens, total });
        }
    }
    let rows = copies.into_rows(params.dim);
    let sound = rows.iter().fold(true, |all, value| all & (value.abs() <= LARGEST));
    let table = FloretTable::new(params.subwords(), params.dim, rows.into());
    table.filter(|_| sound).ok_or(FloretError::Diverged { learning_rate: params.learning_rate })
}
