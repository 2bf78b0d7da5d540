//! What a step differentiates by: the parameters that its batch touches, on the device.

use std::collections::BTreeMap;

use candle_core::{Device, Result, Var, backprop::GradStore, bail};

use super::{
    batch::Batch,
    parameters::{Blocks, Parameters},
};
use crate::weights::{COMMUNITIES, HEAD_BIASES, HEADS, SHARED, TABLES, WORDS};

/// Copies of the rows and tables that a batch touches.
pub(super) struct Variables {
    /// Vectors of the batch's distinct words.
    pub(super) words: Var,
    /// Vectors of the batch's communities.
    pub(super) communities: Var,
    /// The tables [`SHARED`], one after the other.
    pub(super) shared: Var,
    /// Weight and bias of the output layers of the batch's communities.
    pub(super) heads: BTreeMap<usize, [Var; 2]>,
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
        let shared = Var::from_slice(&shared, shared.len(), device)?;
        let mut heads = BTreeMap::new();
        for &community in batch.members.keys() {
            let [weight, bias] = parameters.head(community);
            let shape = (bias.len(), layers.joint());
            let weight = Var::from_slice(&values[HEADS][weight], shape, device)?;
            let bias = Var::from_slice(&values[HEAD_BIASES][bias.clone()], bias.len(), device)?;
            heads.insert(community, [weight, bias]);
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
        for (&community, [weight, bias]) in &self.heads {
            let [of_weight, of_bias] = parameters.head(community);
            tables[HEADS].insert(of_weight.start, of(weight)?);
            tables[HEAD_BIASES].insert(of_bias.start, of(bias)?);
        }
        Ok(tables)
    }
}
