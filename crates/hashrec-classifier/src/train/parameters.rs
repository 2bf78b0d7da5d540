//! Everything that training changes: the tables of the net and the state of their optimizer.
//!
//! The values live in host memory whatever the device: a step copies to the device what its batch
//! touches, and AdamW updates the same rows here. So a step's cost doesn't grow with the words and
//! communities that aren't in its batch.

use std::{collections::BTreeMap, ops::Range};

use super::{
    adam::Step,
    random::{Purpose, generator, uniform},
};
use crate::{
    ClassifierParams,
    weights::{
        COMMUNITIES, HEAD_BIASES, HEADS, Layers, SHARED, Spaces, TABLES, WORDS, Weights, shapes,
    },
};

/// One table for each name in [`TABLES`].
pub(super) type Tables = [Vec<f32>; TABLES.len()];

/// The gradients of the parts of a table that some posts touched: where each part starts, and its
/// numbers.
pub(super) type Blocks = BTreeMap<usize, Vec<f32>>;

/// The net's tables and the state of their optimizer.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) layers: Layers,
    pub(super) spaces: Spaces,
    pub(super) values: Tables,
    /// AdamW's first moments.
    pub(super) means: Tables,
    /// AdamW's second moments.
    pub(super) variances: Tables,
    /// How often every community's output layer has been updated.
    pub(super) head_steps: Vec<u64>,
}

/// What an update has in common for all tables.
#[derive(Clone, Copy)]
pub(super) struct Update {
    pub(super) learning_rate: f64,
    pub(super) weight_decay: f64,
    /// Factor on the gradient, from clipping.
    pub(super) scale: f32,
    /// The number of the update, from 1.
    pub(super) count: u64,
}

impl Parameters {
    /// A net at its start: word vectors and output biases as given, all else drawn at random.
    pub(super) fn initial(
        layers: Layers,
        words: Vec<f32>,
        spaces: Spaces,
        head_biases: Vec<f32>,
        params: &ClassifierParams,
    ) -> Self {
        let mut random = generator(params.seed, Purpose::Initial, 1, 0);
        let mut draw = |len: usize, bound: f32| uniform(len, bound, &mut random);
        // The uniform distribution on ±√3·σ has standard deviation σ.
        let deviation = |sigma: f32| 3f32.sqrt() * sigma;
        let d = layers.token() as f32;
        let recurrent = 1.0 / (layers.hidden as f32).sqrt();
        let shapes = shapes(layers, words.len() / layers.dim - 1, &spaces);
        let mut values = Tables::default();
        for table in SHARED.chain([HEADS, COMMUNITIES]) {
            let len = shapes[table].0 * shapes[table].1;
            values[table] = match TABLES[table] {
                "lstm.weight" | "lstm.bias" => draw(len, recurrent),
                // Glorot and Bengio 2010, with queries, keys and values as one layer.
                "attention.qkv.weight" => draw(len, (6.0 / (4.0 * d)).sqrt()),
                "attention.out.weight" => draw(len, 1.0 / d.sqrt()),
                "norm.scale" => vec![1.0; len],
                "heads.weight" => draw(len, deviation(0.02)),
                "communities" => draw(len, deviation(1.0)),
                _ => vec![0.0; len],
            };
        }
        (values[WORDS], values[HEAD_BIASES]) = (words, head_biases);
        let zeros = values.each_ref().map(|table| vec![0.0; table.len()]);
        Self {
            layers,
            head_steps: vec![0; spaces.communities()],
            spaces,
            values,
            means: zeros.clone(),
            variances: zeros,
        }
    }

    /// A copy of the values, as serving reads them.
    pub(super) fn weights(&self) -> Weights {
        self.values.each_ref().map(|table| table.clone().into())
    }

    /// Where the weight and the bias of a community's output layer stand in their tables.
    pub(super) fn head(&self, community: usize) -> [Range<usize>; 2] {
        let rows = self.spaces.rows(community).unwrap_or_default();
        let joint = self.layers.joint();
        [rows.start * joint..rows.end * joint, rows]
    }

    /// Applies AdamW to what the gradients touch and to nothing else: the output layers of absent
    /// communities and the rows of absent words stay as they are, bit by bit.
    pub(super) fn update(&mut self, gradients: &[Blocks; TABLES.len()], update: Update) {
        for &start in gradients[COMMUNITIES].keys() {
            self.head_steps[start / self.layers.community_dim] += 1;
        }
        for (table, blocks) in gradients.iter().enumerate() {
            for (&start, grad) in blocks {
                let step = self.step(table, start, update);
                let range = start..start + grad.len();
                step.apply(
                    &mut self.values[table][range.clone()],
                    grad,
                    &mut self.means[table][range.clone()],
                    &mut self.variances[table][range],
                );
            }
        }
    }

    /// The step of the part of a table that starts there.
    fn step(&self, table: usize, start: usize, update: Update) -> Step {
        let count = match table {
            HEADS => self.head_steps[self.spaces.community_of(start / self.layers.joint())],
            HEAD_BIASES => self.head_steps[self.spaces.community_of(start)],
            _ => update.count,
        };
        // Biases, normalisation and vectors aren't decayed: pulling them to zero regularises
        // nothing.
        let decayed = TABLES[table].ends_with(".weight");
        let weight_decay = if decayed { update.weight_decay } else { 0.0 };
        Step::new(update.learning_rate, weight_decay, update.scale, count)
    }
}
