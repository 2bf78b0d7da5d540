//! Everything that training changes.

use candle_core::{Device, Result, Var};

use super::{
    adam::{Rows, Trained},
    random::{Purpose, generator, uniform},
};
use crate::{
    ClassifierParams,
    weights::{Layers, SHARED, Spaces, Weights, shared_shapes},
};

/// One community's output layer; its variables are its own.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) weight: Trained,
    pub(super) bias: Trained,
}

/// The net's variables and the state of their optimizer.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) layers: Layers,
    pub(super) words: Rows,
    pub(super) communities: Rows,
    /// In the order of [`SHARED`].
    pub(super) shared: Vec<Trained>,
    /// By community.
    pub(super) heads: Vec<Head>,
}

/// Which of three numbers per parameter.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Value,
    Mean,
    Variance,
}

/// How often every variable has been updated: the shared ones, then the heads.
pub(super) type StepCounts = Vec<u64>;

fn variable(values: &[f32], (rows, columns): (usize, usize)) -> Result<Var> {
    let shape = if columns == 1 { vec![rows] } else { vec![rows, columns] };
    Var::from_slice(values, shape, &Device::Cpu)
}

impl Parameters {
    /// A net at its start: word vectors and output biases as given, all else drawn at random.
    pub(super) fn initial(
        layers: Layers,
        words: Vec<f32>,
        spaces: &Spaces,
        head_biases: &[f32],
        params: &ClassifierParams,
    ) -> Result<Self> {
        let mut random = generator(params.seed, Purpose::Initial, 1, 0);
        let mut draw = |len: usize, bound: f32| uniform(len, bound, &mut random);
        // The uniform distribution on ±√3·σ has standard deviation σ.
        let deviation = |sigma: f32| 3f32.sqrt() * sigma;
        let (h, d) = (layers.hidden, layers.token());
        let recurrent = 1.0 / (h as f32).sqrt();
        let mut shared = Vec::with_capacity(SHARED.len());
        for (name, shape) in SHARED.iter().zip(shared_shapes(layers)) {
            let len = shape.0 * shape.1;
            let values = match *name {
                "lstm.weight" | "lstm.bias" => draw(len, recurrent),
                // Glorot and Bengio 2010, with queries, keys and values as one layer.
                "attention.qkv.weight" => draw(len, (6.0 / (4 * d) as f32).sqrt()),
                "attention.out.weight" => draw(len, 1.0 / (d as f32).sqrt()),
                "norm.scale" => vec![1.0; len],
                _ => vec![0.0; len],
            };
            shared.push(Trained::new(variable(&values, shape)?));
        }
        let mut heads = Vec::with_capacity(spaces.communities());
        for community in 0..spaces.communities() {
            let rows = spaces.rows(community).unwrap_or_default();
            let weight = draw(rows.len() * layers.joint(), deviation(0.02));
            heads.push(Head {
                weight: Trained::new(variable(&weight, (rows.len(), layers.joint()))?),
                bias: Trained::new(variable(&head_biases[rows.clone()], (rows.len(), 1))?),
            });
        }
        let width = layers.community_dim;
        let communities = draw(spaces.communities() * width, deviation(1.0));
        Ok(Self {
            layers,
            words: Rows::new(layers.dim, words),
            communities: Rows::new(width, communities),
            shared,
            heads,
        })
    }

    /// The parameters as saved: values, moments and step counts.
    pub(super) fn restore(
        layers: Layers,
        spaces: &Spaces,
        [value, mean, variance]: &[Weights; 3],
        steps: &[u64],
    ) -> Result<Self> {
        let mut steps = steps.iter().copied();
        let mut trained = |shape, value: &[f32], mean: &[f32], variance: &[f32]| {
            Ok::<_, candle_core::Error>(Trained {
                var: variable(value, shape)?,
                mean: mean.to_vec(),
                variance: variance.to_vec(),
                steps: steps.next().unwrap_or(0),
            })
        };
        let mut shared = Vec::with_capacity(SHARED.len());
        for (i, shape) in shared_shapes(layers).into_iter().enumerate() {
            shared.push(trained(shape, &value.shared[i], &mean.shared[i], &variance.shared[i])?);
        }
        let mut heads = Vec::with_capacity(spaces.communities());
        let joint = layers.joint();
        for community in 0..spaces.communities() {
            let rows = spaces.rows(community).unwrap_or_default();
            let cells = rows.start * joint..rows.end * joint;
            let weight = trained(
                (rows.len(), joint),
                &value.heads[cells.clone()],
                &mean.heads[cells.clone()],
                &variance.heads[cells],
            )?;
            let bias = trained(
                (rows.len(), 1),
                &value.head_biases[rows.clone()],
                &mean.head_biases[rows.clone()],
                &variance.head_biases[rows],
            )?;
            heads.push(Head { weight, bias });
        }
        let words = Rows {
            width: layers.dim,
            values: value.words.to_vec(),
            mean: mean.words.to_vec(),
            variance: variance.words.to_vec(),
        };
        let communities = Rows {
            width: layers.community_dim,
            values: value.communities.to_vec(),
            mean: mean.communities.to_vec(),
            variance: variance.communities.to_vec(),
        };
        Ok(Self { layers, words, communities, shared, heads })
    }

    /// A copy of the values, or of one of the moments.
    pub(super) fn export(&self, part: Part) -> Result<Weights> {
        let of = |trained: &Trained| match part {
            Part::Value => trained.var.flatten_all()?.to_vec1::<f32>(),
            Part::Mean => Ok(trained.mean.clone()),
            Part::Variance => Ok(trained.variance.clone()),
        };
        let rows = |rows: &Rows| match part {
            Part::Value => rows.values.clone(),
            Part::Mean => rows.mean.clone(),
            Part::Variance => rows.variance.clone(),
        };
        let (mut heads, mut head_biases) = (Vec::new(), Vec::new());
        for head in &self.heads {
            heads.extend(of(&head.weight)?);
            head_biases.extend(of(&head.bias)?);
        }
        let mut shared: [hashrec_storage::Table<f32>; SHARED.len()] = Default::default();
        for (table, trained) in shared.iter_mut().zip(&self.shared) {
            *table = of(trained)?.into();
        }
        Ok(Weights {
            words: rows(&self.words).into(),
            communities: rows(&self.communities).into(),
            shared,
            heads: heads.into(),
            head_biases: head_biases.into(),
        })
    }

    /// How often every variable has been updated.
    pub(super) fn steps(&self) -> StepCounts {
        let heads = self.heads.iter().flat_map(|head| [head.weight.steps, head.bias.steps]);
        self.shared.iter().map(|trained| trained.steps).chain(heads).collect()
    }
}
