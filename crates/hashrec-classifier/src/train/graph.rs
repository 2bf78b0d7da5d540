//! The loss of some posts as a candle graph, and its gradients.

use std::{collections::BTreeMap, sync::Arc};

use candle_core::{Device, Result, Tensor, Var, bail};

use super::{
    layers::{Encode, Linear},
    loss::MaskedLoss,
    objective::{Objective, Targets},
    operation::{Chain, Sink, apply},
    parameters::Parameters,
    posts::Posts,
    random::{Purpose, dropout, generator},
};
use crate::{sequences::Sequences, weights::SHARED};

/// What a step's random numbers depend on.
#[derive(Clone, Copy)]
pub(super) struct Draw {
    pub(super) seed: u64,
    pub(super) step: u64,
    pub(super) shard: u64,
    pub(super) dropout: f32,
}

/// Gradients of the rows of a table that some posts touched.
pub(super) struct RowGrads {
    /// The rows, rising.
    pub(super) rows: Vec<u32>,
    /// Their gradients, one after the other.
    pub(super) grad: Vec<f32>,
}

/// The gradients of one shard of a batch.
pub(super) struct Gradients {
    /// The shard's part of the loss.
    pub(super) loss: f64,
    pub(super) words: RowGrads,
    pub(super) communities: RowGrads,
    /// In the order of the shared variables.
    pub(super) shared: Vec<Vec<f32>>,
    /// Weight and bias of the communities in the shard, rising.
    pub(super) heads: BTreeMap<usize, [Vec<f32>; 2]>,
}

/// The text vectors of a batch, [posts, 2 · token], from the vectors of its distinct words; the
/// sink receives the gradients of those and of the shared tables.
pub(super) fn text_vectors(
    parameters: &Parameters,
    sequences: &Arc<Sequences>,
    words: &Tensor,
    dropout: Option<Vec<f32>>,
) -> Result<(Tensor, Sink)> {
    let encode = Encode { layers: parameters.layers, sequences: sequences.clone(), dropout };
    let shared: Vec<&Tensor> =
        parameters.shared.iter().map(|trained| trained.var.as_tensor()).collect();
    apply(encode, words, &shared, Chain::Ends)
}

/// The logits of a batch and what belongs to them.
struct Logits {
    /// [posts, tags of the widest community].
    padded: Tensor,
    /// Which of them are padding, what the others should be and how much they count.
    targets: Targets,
    /// For every community of the batch the gradients of its output layer.
    sinks: Vec<Sink>,
}

/// The logits of every post for its own community's hashtags, padded on the right to the widest
/// community of the batch.
fn padded_logits(
    parameters: &Parameters,
    joint: &Tensor,
    members: &BTreeMap<usize, Vec<u32>>,
    objective: &Objective,
    gold: impl Fn(u32) -> Vec<u32>,
) -> Result<Logits> {
    let size = |community: &usize| parameters.heads[*community].bias.var.elem_count();
    let widest = members.keys().map(size).max().unwrap_or(0);
    let mut rows = Vec::with_capacity(members.len());
    let mut targets = objective.targets(widest, joint.dim(0)?);
    let mut sinks = Vec::with_capacity(members.len());
    for (community, posts) in members {
        let head = &parameters.heads[*community];
        let index = Tensor::new(posts.as_slice(), joint.device())?;
        let (own, sink) = apply(
            Linear { inputs: parameters.layers.joint() },
            &joint.index_select(&index, 0)?,
            &[head.weight.var.as_tensor(), head.bias.var.as_tensor()],
            Chain::Through,
        )?;
        sinks.push(sink);
        rows.push(own.pad_with_zeros(1, 0, widest - size(community))?);
        for &post in posts {
            objective.push(&mut targets, *community, size(community), &gold(post));
        }
    }
    Ok(Logits { padded: Tensor::cat(&rows, 0)?, targets, sinks })
}

/// The gradients that a backward pass left.
fn taken<const N: usize>(sink: &Sink) -> Result<[Vec<f32>; N]> {
    match sink.take().try_into() {
        Ok(grads) => Ok(grads),
        Err(_) => bail!("the backward pass left out an operation"),
    }
}

/// The loss of `shard` (posts of one batch of `batch` posts) and its gradients.
pub(super) fn gradients(
    parameters: &Parameters,
    posts: &Posts,
    objective: &Objective,
    shard: &[u32],
    batch: usize,
    draw: Draw,
) -> Result<Gradients> {
    let words: Vec<&[u32]> = shard.iter().map(|&post| posts.words(post as usize)).collect();
    let sequences = Arc::new(Sequences::pack(&words));
    let post_at = |row: usize| shard[sequences.origin()[row]] as usize;
    let mut random = generator(draw.seed, Purpose::Dropout, draw.step, draw.shard);

    let distinct = sequences.words();
    let vectors = parameters.words.gather(distinct.iter().map(|&word| word as usize));
    let shape = (distinct.len(), parameters.layers.dim);
    let vectors = Var::from_vec(vectors, shape, &Device::Cpu)?;
    let mut factors =
        |len: usize| (draw.dropout > 0.0).then(|| dropout(len, draw.dropout, &mut random));
    let word_factors = factors(vectors.elem_count());
    let (texts, text_sink) =
        text_vectors(parameters, &sequences, vectors.as_tensor(), word_factors)?;

    let mut members: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for row in 0..sequences.posts() {
        members.entry(posts.community(post_at(row))).or_default().push(row as u32);
    }
    // Every community's vector once, then one row a post.
    let present: Vec<u32> = members.keys().map(|&community| community as u32).collect();
    let places: Vec<u32> = (0..sequences.posts())
        .map(|row| members.range(..posts.community(post_at(row))).count() as u32)
        .collect();
    let community_vectors =
        parameters.communities.gather(present.iter().map(|&community| community as usize));
    let shape = (present.len(), parameters.layers.community_dim);
    let community_vectors = Var::from_vec(community_vectors, shape, &Device::Cpu)?;
    let per_post = community_vectors.index_select(&Tensor::new(places, &Device::Cpu)?, 0)?;
    let joint = Tensor::cat(&[&texts, &per_post], 1)?;
    let joint = match factors(joint.elem_count()) {
        Some(factors) => joint.mul(&Tensor::from_vec(factors, joint.shape(), joint.device())?)?,
        None => joint,
    };

    let gold = |row: u32| posts.gold(post_at(row as usize)).to_vec();
    let Logits { padded, targets, sinks } =
        padded_logits(parameters, &joint, &members, objective, gold)?;
    let masked = MaskedLoss { term: objective.term, targets, posts: batch };
    let (loss, _) = apply(masked, &padded, &[], Chain::Through)?;
    let grads = loss.backward()?;

    let Some(of_communities) = grads.get(community_vectors.as_tensor()) else {
        bail!("the loss doesn't depend on the community vectors")
    };
    let mut heads = BTreeMap::new();
    for (&community, sink) in members.keys().zip(&sinks) {
        let [_, weight, bias] = taken(sink)?;
        heads.insert(community, [weight, bias]);
    }
    let [words, shared @ ..] = taken::<{ 1 + SHARED.len() }>(&text_sink)?;
    Ok(Gradients {
        loss: f64::from(loss.to_scalar::<f32>()?),
        words: RowGrads { rows: distinct.to_vec(), grad: words },
        communities: RowGrads { rows: present, grad: of_communities.flatten_all()?.to_vec1()? },
        shared: shared.into(),
        heads,
    })
}
