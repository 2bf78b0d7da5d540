//! What a step differentiates by: the parameters that its batch touches, on the device.

use std::collections::BTreeMap;

use candle_core::{Device, Result, Var, backprop::GradStore, bail};

use super::{
    batch::Batch,
    parameters::{Blocks, Parameters},
};
use crate::weights::{COMMUNITIES, HEAD_BIASES, HEADS, SHARED, TABLES, WORDS};

/// The most weights in one part of an output layer: candle shares larger additions among threads
/// that spin.
const PART: usize = 65_535;

/// Copies of the rows and tables that a batch touches.
pub(super) struct Variables {
    /// Vectors of the batch's distinct words.
    pub(super) words: Var,
    /// Vectors of the batch's communities.
    pub(super) communities: Var,
    /// The tables [`SHARED`], one after the other.
    pub(super) shared: Var,
    /// Weight and bias of the output layers of the batch's communities, in parts of up to
    /// [`PART`] numbers.
    pub(super) heads: BTreeMap<usize, Vec<[Var; 2]>>,
}

fn rows(values: &[f32], width: usize, rows: &[usize], device: &Device) -> Result<Var> {
    let mut copied = Vec::with_capacity(rows.len() * width);
    rows.iter().for_each(|row| copied.extend_from_slice(&values[row * width..][..width]));
    Var::from_vec(copied, (rows.len(), width), device)
}

/// The numbers of the words and of the communities of a batch.
fn touched(batch: &Batch) -> [Vec<usize>; 2] {
    let words = batch.sequences.words().iter().map(|&word| word as usize).collect();
    [words, batch.members.keys().copied().collect()]
}

impl Variables {
    /// Copies what the batch touches to its device.
    pub(super) fn copy(parameters: &Parameters, batch: &Batch) -> Result<Self> {
        let (values, layers, device) = (&parameters.values, parameters.layers, &batch.device);
        let [words, communities] = touched(batch);
        let shared = values[SHARED].concat();
        let length = shared.len();
        let shared = Var::from_vec(shared, length, device)?;
        let mut heads = BTreeMap::new();
        for &community in batch.members.keys() {
            let [weight, bias] = parameters.head(community);
            let (weight, bias) = (&values[HEADS][weight], &values[HEAD_BIASES][bias]);
            let tags = (PART / layers.joint()).max(1);
            let parts = weight.chunks(tags * layers.joint()).zip(bias.chunks(tags));
            let parts = parts.map(|(weight, bias)| {
                let weight = Var::from_slice(weight, (bias.len(), layers.joint()), device)?;
                Ok([weight, Var::from_slice(bias, bias.len(), device)?])
            });
            let parts = parts.collect::<Result<_>>()?;
            heads.insert(community, parts);
        }
        Ok(Self {
            words: rows(&values[WORDS], layers.dim, &words, device)?,
            communities: rows(&values[COMMUNITIES], layers.community_dim, &communities, device)?,
            shared,
            heads,
        })
    }

    /// The gradients that a backward pass found for them, as blocks of the tables.
    pub(super) fn gradients(
        &self,
        parameters: &Parameters,
        batch: &Batch,
        found: &GradStore,
    ) -> Result<[Blocks; TABLES.len()]> {
        let of = |variable: &Var| match found.get(variable.as_tensor()) {
            Some(gradient) => gradient.flatten_all()?.to_vec1::<f32>(),
            None => bail!("the loss doesn't depend on all variables"),
        };
        let by_row = |rows: &[usize], variable: &Var| {
            let width = variable.dim(1)?;
            let gradient = of(variable)?;
            let blocks = rows.iter().zip(gradient.chunks_exact(width));
            Ok::<Blocks, candle_core::Error>(
                blocks.map(|(row, block)| (row * width, block.to_vec())).collect(),
            )
        };
        let [words, communities] = touched(batch);
        let mut tables: [Blocks; TABLES.len()] = Default::default();
        tables[WORDS] = by_row(&words, &self.words)?;
        tables[COMMUNITIES] = by_row(&communities, &self.communities)?;
        let mut shared = of(&self.shared)?;
        for table in SHARED.rev() {
            let start = shared.len() - parameters.values[table].len();
            tables[table].insert(0, shared.split_off(start));
        }
        for (&community, parts) in &self.heads {
            let [mut at, mut bias_at] = parameters.head(community).map(|range| range.start);
            for [weight, bias] in parts {
                tables[HEADS].insert(at, of(weight)?);
                tables[HEAD_BIASES].insert(bias_at, of(bias)?);
                (at, bias_at) = (at + weight.elem_count(), bias_at + bias.elem_count());
            }
        }
        Ok(tables)
    }
}
