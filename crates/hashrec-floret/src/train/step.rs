//! The training step: skip-gram and CBOW with negative sampling on one thread.

use std::ops::Add;

use rand_pcg::{
    Pcg64Mcg,
    rand_core::{Rng, SeedableRng},
};

use super::{
    kernel::{add, advance, dot, exchange, scale, touch},
    negatives::Negatives,
    sigmoid::Sigmoid,
    vocabulary::Text,
    weights::Weights,
};
use crate::{FloretParams, Model};

/// What all threads read and none modifies.
pub(super) struct Task<'t> {
    text: &'t Text,
    params: &'t FloretParams,
    sigmoid: Sigmoid,
    negatives: Negatives,
    /// Probability that an occurrence of each word survives subsampling, in units of 2⁻³².
    keep: Vec<u32>,
    /// The rows of all words, word by word.
    rows: Vec<u32>,
    /// Where each word's rows end in `rows`.
    row_ends: Vec<usize>,
    /// Factor by which each word's vector moves when a vector is added to each of its rows.
    response: Vec<f32>,
    total: f64,
}

impl<'t> Task<'t> {
    pub(super) fn new(text: &'t Text, params: &'t FloretParams) -> Self {
        let subwords = params.subwords();
        let (mut rows, mut row_ends, mut response) = (Vec::new(), Vec::new(), Vec::new());
        let mut sorted = Vec::new();
        for word in &text.vocabulary {
            let start = rows.len();
            subwords.for_each_row(word, |row| rows.push(row as u32));
            row_ends.push(rows.len());
            sorted.clear();
            sorted.extend_from_slice(&rows[start..]);
            sorted.sort_unstable();
            // A row that occurs m times receives the vector m times and counts m times.
            let moved: usize = sorted.chunk_by(|a, b| a == b).map(|same| same.len().pow(2)).sum();
            response.push(moved as f32 / sorted.len() as f32);
        }
        let keep = |&count: &u64| {
            if params.subsample == 0.0 {
                return u32::MAX;
            }
            let ratio = params.subsample * text.seen as f64 / count as f64;
            ((ratio.sqrt() + ratio) * 2f64.powi(32)) as u32
        };
        Self {
            text,
            params,
            sigmoid: Sigmoid::new(),
            negatives: Negatives::new(&text.counts),
            keep: text.counts.iter().map(keep).collect(),
            rows,
            row_ends,
            response,
            total: text.tokens.len() as f64 * f64::from(params.epochs),
        }
    }

    fn rows(&self, word: u32) -> &[u32] {
        let word = word as usize;
        let start = if word == 0 { 0 } else { self.row_ends[word - 1] };
        &self.rows[start..self.row_ends[word]]
    }
}

/// A sum of losses.
#[derive(Clone, Copy, Default)]
pub(super) struct Loss {
    sum: f64,
    count: u64,
}

impl Loss {
    pub(super) fn mean(self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}

impl Add for Loss {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { sum: self.sum + other.sum, count: self.count + other.count }
    }
}

/// One thread's part of a round.
pub(super) struct Share<'s> {
    /// Numbers of the sentences.
    pub(super) sentences: &'s [u32],
    /// Tokens processed before this round.
    pub(super) before: u64,
    /// Number of the random stream, different for every share of a training.
    pub(super) stream: u64,
}

/// One thread training its copy of the weights.
pub(super) struct Learner<'a> {
    task: &'a Task<'a>,
    weights: &'a mut Weights,
    rng: Pcg64Mcg,
    rate: f32,
    loss: Loss,
    /// The input vector: of a word, or the mean over a window.
    hidden: Vec<f32>,
    /// Update to the rows behind `hidden` from one target and its negatives.
    gradient: Vec<f32>,
    /// Sum of those updates over all neighbours of a word.
    learned: Vec<f32>,
    /// The sentence after subsampling.
    kept: Vec<u32>,
    /// The word to predict, followed by its negatives.
    targets: Vec<u32>,
}

impl<'a> Learner<'a> {
    pub(super) fn new(task: &'a Task<'a>, weights: &'a mut Weights, share: &Share<'_>) -> Self {
        // An odd multiplier gives each stream its own seed.
        let seed = task.params.seed.wrapping_add(share.stream.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let zeros = vec![0.0; weights.input.stride()];
        Self {
            task,
            weights,
            rng: Pcg64Mcg::seed_from_u64(seed),
            rate: 0.0,
            loss: Loss::default(),
            hidden: zeros.clone(),
            gradient: zeros.clone(),
            learned: zeros,
            kept: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// Trains on the share's sentences.
    pub(super) fn run(mut self, share: &Share<'_>) -> Loss {
        let Task { params, text, total, .. } = *self.task;
        let (mut done, mut updated) = (0, None);
        for &sentence in share.sentences {
            if updated.is_none_or(|at| done - at >= params.update_rate as usize) {
                // The other threads have got about as far as this one.
                let now = share.before as f64 + (done * params.threads) as f64;
                self.rate = (f64::from(params.learning_rate) * (1.0 - now / total).max(0.0)) as f32;
                updated = Some(done);
            }
            let sentence = text.sentence(sentence as usize);
            done += sentence.len();
            self.thin_out(sentence);
            match params.model {
                Model::SkipGram => self.skip_gram(),
                Model::Cbow => self.cbow(),
            }
        }
        self.loss
    }

    /// Drops frequent words at random.
    fn thin_out(&mut self, sentence: &[u32]) {
        let Self { kept, rng, task, .. } = self;
        kept.clear();
        kept.extend(sentence.iter().filter(|&&word| rng.next_u32() <= task.keep[word as usize]));
    }

    /// A window of random width around `position`.
    fn window(&mut self, position: usize) -> (usize, usize) {
        let random = u64::from(self.rng.next_u32()) * self.task.params.window as u64;
        let width = (random >> 32) as usize + 1;
        (position.saturating_sub(width), (position + width + 1).min(self.kept.len()))
    }

    /// Each word predicts its neighbours.
    fn skip_gram(&mut self) {
        let task = self.task;
        for position in 0..self.kept.len() {
            let (start, end) = self.window(position);
            let word = self.kept[position];
            let rows = task.rows(word);
            self.hidden.fill(0.0);
            for &row in rows {
                touch(self.weights.input.row(row));
            }
            for &row in rows {
                add(&mut self.hidden, self.weights.input.row(row));
            }
            scale(&mut self.hidden, 1.0 / rows.len() as f32);
            self.learned.fill(0.0);
            for neighbour in (start..end).filter(|&n| n != position) {
                self.predict(self.kept[neighbour]);
                // The rows are updated once, at the end; until then only the word's vector follows.
                // The result equals updating the rows for each neighbour, several times faster.
                let response = task.response[word as usize];
                advance(&mut self.learned, &mut self.hidden, response, &self.gradient);
            }
            for &row in rows {
                add(self.weights.input.change(row), &self.learned);
            }
        }
    }

    /// The words of a window together predict the word in its middle.
    fn cbow(&mut self) {
        let task = self.task;
        for position in 0..self.kept.len() {
            let (start, end) = self.window(position);
            let mut count = 0;
            self.hidden.fill(0.0);
            for neighbour in (start..end).filter(|&n| n != position) {
                let rows = task.rows(self.kept[neighbour]);
                for &row in rows {
                    add(&mut self.hidden, self.weights.input.row(row));
                }
                count += rows.len();
            }
            if count == 0 {
                continue;
            }
            scale(&mut self.hidden, 1.0 / count as f32);
            self.predict(self.kept[position]);
            for neighbour in (start..end).filter(|&n| n != position) {
                for &row in task.rows(self.kept[neighbour]) {
                    add(self.weights.input.change(row), &self.gradient);
                }
            }
        }
    }

    /// Trains `hidden` to predict `word` against random negatives; leaves in `gradient` the update
    /// for the rows behind `hidden`.
    fn predict(&mut self, word: u32) {
        let task = self.task;
        self.gradient.fill(0.0);
        self.targets.clear();
        self.targets.push(word);
        for _ in 0..task.params.negatives {
            let target = task.negatives.draw(&mut self.rng);
            if target != word {
                self.targets.push(target);
            }
        }
        for &target in &self.targets {
            touch(self.weights.output.row(target));
        }
        let mut likelihood = 1f32;
        let mut label = 1.0;
        for &target in &self.targets {
            let row = self.weights.output.change(target);
            let score = task.sigmoid.at(dot(&self.hidden, row));
            likelihood *= 1.0 - (label - score).abs();
            exchange(row, &self.hidden, &mut self.gradient, self.rate * (label - score));
            label = 0.0;
        }
        // Many negatives can underflow. The loss is only reported, so clamping is fine.
        self.loss.sum -= f64::from(likelihood.max(f32::MIN_POSITIVE).ln());
        self.loss.count += 1;
    }
}
