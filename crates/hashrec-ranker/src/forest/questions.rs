//! What the splits of a forest ask, and the answers for a block of rows.
//!
//! Many splits ask the same: whether a column is at most some threshold. Every question is answered
//! once for a block of rows, as a word with one bit per row. The thresholds of a column are
//! sorted, so a value's rank among them answers all of its questions at once.

use super::{
    block::{BLOCK, Block},
    node::{CATEGORICAL, COLUMN, MISSING_RIGHT, ZERO, ZERO_IS_MISSING},
};

/// The distinct questions of a forest's splits.
#[derive(Debug, Default)]
pub(super) struct Questions {
    columns: Vec<Column>,
    /// Of all columns in turn, each ascending.
    thresholds: Vec<f32>,
    /// Answered after all columns.
    sets: Vec<Membership>,
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
    /// The questions of these splits, and for each split the place of its answer.
    pub(super) fn of(splits: &[[u64; 2]]) -> (Self, Vec<u32>) {
        let mut keys: Vec<(u64, u32)> = splits.iter().map(|&split| key(split)).zip(0..).collect();
        keys.sort_unstable();
        let (mut questions, mut places) = (Self::default(), vec![0; splits.len()]);
        let mut last = None;
        let mut place = 0;
        for (key, split) in keys {
            if last.replace(key) != Some(key) {
                place = questions.add(key);
            }
            places[split as usize] = place;
        }
        (questions, places)
    }

    /// Adds a question that comes after all others; returns the place of its answer.
    fn add(&mut self, key: u64) -> u32 {
        let (word, rest) = ((key >> 32) as u32, key as u32);
        if u64::from(word) & CATEGORICAL != 0 {
            self.sets.push(Membership { feature: feature(word), set: rest });
        } else {
            self.thresholds.push(from_ordered(rest));
            match self.columns.last_mut() {
                Some(column) if column.word == word => column.thresholds += 1,
                _ => self.columns.push(Column { word, thresholds: 1 }),
            }
        }
        // The place for the values above a column's last threshold doesn't count yet.
        let open = if self.sets.is_empty() { 2 } else { 1 };
        (self.answers() - open) as u32
    }

    /// Number of places for answers: one per question, and one per column for the values above all
    /// of its thresholds.
    fn answers(&self) -> usize {
        self.thresholds.len() + self.columns.len() + self.sets.len()
    }

    /// Writes for every question which rows go left.
    pub(super) fn answer(
        &self,
        block: Block<'_>,
        in_set: impl Fn(usize, f64) -> bool,
        answers: &mut Vec<u64>,
    ) {
        answers.clear();
        answers.resize(self.answers(), 0);
        let (mut thresholds, mut places) = (&self.thresholds[..], &mut answers[..]);
        for column in &self.columns {
            let (own, own_places);
            (own, thresholds) = thresholds.split_at(column.thresholds as usize);
            (own_places, places) = places.split_at_mut(own.len() + 1);
            column.answer(block, own, own_places);
        }
        for (question, place) in self.sets.iter().zip(places) {
            let set = question.set as usize;
            for (number, row) in block.rows().enumerate() {
                let left = in_set(set, row[question.feature as usize].into());
                *place |= u64::from(left) << number;
            }
        }
    }
}

impl Column {
    /// Writes for every threshold which rows go left. `places`, one more, are 0.
    fn answer(&self, block: Block<'_>, thresholds: &[f32], places: &mut [u64]) {
        let mut values = [0.0; BLOCK];
        let count = self.read(block, &mut values);
        for (row, &value) in values[..count].iter().enumerate() {
            places[rank(thresholds, value)] |= 1 << row;
        }
        // Who is at most a threshold is also at most those after it.
        let mut left = 0;
        for place in places {
            left |= *place;
            *place = left;
        }
    }

    /// Reads the values of the rows; returns how many they are. Where one is missing, reads −∞ if
    /// that goes left, or else NaN.
    fn read(&self, block: Block<'_>, values: &mut [f32; BLOCK]) -> usize {
        let (word, feature) = (u64::from(self.word), feature(self.word) as usize);
        let missing = if word & MISSING_RIGHT == 0 { f32::NEG_INFINITY } else { f32::NAN };
        // No value is that close to zero.
        let zero = if word & ZERO_IS_MISSING == 0 { -1.0 } else { ZERO as f32 };
        let mut count = 0;
        for (value, row) in values.iter_mut().zip(block.rows()) {
            let x = row[feature];
            *value = if x.is_nan() || x.abs() <= zero { missing } else { x };
            count += 1;
        }
        count
    }
}

/// The feature of a split's word.
fn feature(word: u32) -> u32 {
    (word & COLUMN as u32) / 2
}

/// How many thresholds the value is above; of all for NaN.
fn rank(thresholds: &[f32], value: f32) -> usize {
    thresholds.partition_point(|&threshold| {
        let left = value <= threshold;
        !left
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::node::LEFT;

    fn split(threshold: f64, word: u64) -> [u64; 2] {
        [threshold.to_bits(), word | 1 << LEFT]
    }

    #[test]
    fn equal_questions_have_one_answer() {
        // As `f32`, the second threshold tells the same values apart as the first.
        let splits = [
            split(0.5, 0),
            split(0.5_f64.next_up(), 0),
            split(0.25, 0),
            split(0.5, MISSING_RIGHT),
            [0, CATEGORICAL | MISSING_RIGHT],
        ];
        let (questions, places) = Questions::of(&splits);
        let mut answers = Vec::new();
        let values = [0.25, 0.5, 0.75, f32::NAN];
        questions.answer(Block { values: &values, width: 1 }, |_, x| x == 0.75, &mut answers);
        let answers: Vec<_> = places.iter().map(|&place| answers[place as usize]).collect();
        assert_eq!(answers, [0b1011, 0b1011, 0b1001, 0b0011, 0b0100]);
        assert_eq!((places[0], questions.answers()), (places[1], 6));
    }

    #[test]
    fn the_same_values_are_at_most_a_rounded_threshold() {
        let delicate = [0.1, -0.1, 1e-50, -1e-50, 1e300, -1e300, f64::INFINITY, f64::NEG_INFINITY];
        for threshold in delicate {
            let floor = floor(threshold);
            assert!(f64::from(floor) <= threshold);
            assert!(floor == f32::INFINITY || f64::from(floor.next_up()) > threshold);
            assert_eq!(from_ordered(to_ordered(floor)), floor);
        }
    }
}
