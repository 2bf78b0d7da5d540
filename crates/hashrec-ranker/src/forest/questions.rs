//! What the splits of a forest ask, and the answers for a block of rows.
//!
//! Many splits ask the same: whether a column is at most some threshold. Every question is answered
//! once for up to [`BLOCK`] rows, as a word with one bit per row. The thresholds of a column are
//! sorted, so a value's rank among them answers all of its questions at once.

use super::layout::{CATEGORICAL, COLUMN, MISSING_RIGHT, ZERO, ZERO_IS_MISSING};

/// The rows that are answered together, one per bit of a word.
pub(super) const BLOCK: usize = u64::BITS as usize;

/// The distinct questions of a forest's splits.
#[derive(Debug, Default)]
pub(super) struct Questions {
    columns: Vec<Column>,
    /// Of all columns in turn, each ascending.
    thresholds: Vec<f32>,
    sets: Vec<Membership>,
    answers: usize,
}

/// The questions about one feature that treat missing values alike.
#[derive(Debug)]
struct Column {
    /// The lower half of the second word of its nodes.
    word: u32,
    thresholds: u32,
}

/// Whether a feature's category is in a set.
#[derive(Debug)]
struct Membership {
    feature: u32,
    set: u32,
}

impl Questions {
    /// The questions of these nodes, and for each node the place of its answer.
    pub(super) fn of(nodes: &[[u64; 2]]) -> (Self, Vec<u32>) {
        let mut keys: Vec<(u64, u32)> = nodes.iter().map(|&node| key(node)).zip(0..).collect();
        keys.sort_unstable();
        let (mut questions, mut places) = (Self::default(), vec![0; nodes.len()]);
        let mut last = None;
        for (key, node) in keys {
            if last.replace(key) != Some(key) {
                questions.add(key);
            }
            places[node as usize] = questions.place();
        }
        questions.answers = questions.place() as usize + 2;
        (questions, places)
    }

    /// Adds a question that comes after all others.
    fn add(&mut self, key: u64) {
        let (word, rest) = ((key >> 32) as u32, key as u32);
        if u64::from(word) & CATEGORICAL != 0 {
            self.sets.push(Membership { feature: feature(word), set: rest });
            return;
        }
        self.thresholds.push(from_ordered(rest));
        match self.columns.last_mut() {
            Some(column) if column.word == word => column.thresholds += 1,
            _ => self.columns.push(Column { word, thresholds: 1 }),
        }
    }

    /// The place of the answer to the question added last. Every column has one place more than
    /// thresholds, for the values above them all.
    fn place(&self) -> u32 {
        let ends = if self.sets.is_empty() {
            self.columns.len().saturating_sub(1)
        } else {
            self.columns.len()
        };
        (self.thresholds.len() + ends + self.sets.len()).saturating_sub(1) as u32
    }

    /// Writes for every question which of at most [`BLOCK`] rows go left.
    pub(super) fn answer(
        &self,
        rows: &[f32],
        width: usize,
        in_set: impl Fn(usize, f64) -> bool,
        answers: &mut Vec<u64>,
    ) {
        answers.clear();
        answers.resize(self.answers, 0);
        let (mut thresholds, mut places) = (&self.thresholds[..], &mut answers[..]);
        let mut values = [0.0; BLOCK];
        for column in &self.columns {
            let own;
            (own, thresholds) = thresholds.split_at(column.thresholds as usize);
            let slots;
            (slots, places) = places.split_at_mut(own.len() + 1);
            let count = column.read(rows, width, &mut values);
            for (row, &value) in values[..count].iter().enumerate() {
                slots[rank(own, value)] |= 1 << row;
            }
            let mut left = 0;
            for slot in slots {
                left |= *slot;
                *slot = left;
            }
        }
        for (question, place) in self.sets.iter().zip(places) {
            for (row, values) in rows.chunks_exact(width).enumerate() {
                let left = in_set(question.set as usize, values[question.feature as usize].into());
                *place |= u64::from(left) << row;
            }
        }
    }
}

impl Column {
    /// Reads its values: where one is missing, −∞ if that goes left, or else NaN.
    fn read(&self, rows: &[f32], width: usize, values: &mut [f32; BLOCK]) -> usize {
        let word = u64::from(self.word);
        let zero = if word & ZERO_IS_MISSING == 0 { -1.0 } else { ZERO as f32 };
        let missing = if word & MISSING_RIGHT == 0 { f32::NEG_INFINITY } else { f32::NAN };
        let feature = feature(self.word) as usize;
        let mut count = 0;
        for (value, row) in values.iter_mut().zip(rows.chunks_exact(width)) {
            let x = row[feature];
            *value = if x.is_nan() || x.abs() <= zero { missing } else { x };
            count += 1;
        }
        count
    }
}

fn feature(word: u32) -> u32 {
    (word & COLUMN as u32) / 2
}

/// How many thresholds the value is above; of all for NaN.
fn rank(thresholds: &[f32], value: f32) -> usize {
    thresholds.partition_point(|&threshold| !(value <= threshold))
}

/// Orders questions: by column, then by threshold; memberships last.
fn key([threshold, word]: [u64; 2]) -> u64 {
    let rest = if word & CATEGORICAL != 0 {
        threshold as u32
    } else {
        to_ordered(floor(f64::from_bits(threshold)))
    };
    u64::from(word as u32) << 32 | u64::from(rest)
}

/// The largest `f32` that isn't above the threshold: the same values are at most that.
fn floor(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    let floor = if f64::from(nearest) > threshold { nearest.next_down() } else { nearest };
    // Negative zero is no threshold of its own.
    floor + 0.0
}

/// An integer that is ordered like the number.
fn to_ordered(number: f32) -> u32 {
    let bits = number.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

fn from_ordered(integer: u32) -> f32 {
    f32::from_bits(if integer >> 31 == 0 { !integer } else { integer & !(1 << 31) })
}
