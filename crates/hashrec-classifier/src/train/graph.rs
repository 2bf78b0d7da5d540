//! The loss of some posts as a candle graph, and its gradients.

use std::{collections::BTreeMap, sync::Arc};

use candle_core::{Device, Result, Tensor, Var, backprop::GradStore};

use super::{
    layers::{Attention, BiLstm, Linear, Norm, Pool},
    loss::{Label, MaskedBce},
    operation::{apply1, apply3},
    parameters::Parameters,
    posts::Posts,
    random::{Purpose, dropout, generator},
};
use crate::sequences::Sequences;

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

/// Zeroes a share of `x` and scales the rest up; the identity without dropout.
fn drop_out(x: &Tensor, rate: f32, random: &mut rand_pcg::Pcg64Mcg) -> Result<Tensor> {
    if rate == 0.0 {
        return Ok(x.clone());
    }
    x.mul(&Tensor::from_vec(dropout(x.elem_count(), rate, random), x.shape(), x.device())?)
}

/// The text vectors of a batch, [posts, 2 · token], from the vectors of its distinct words.
pub(super) fn text_vectors(
    parameters: &Parameters,
    sequences: &Arc<Sequences>,
    words: &Tensor,
) -> Result<Tensor> {
    let layers = parameters.layers;
    let width = layers.token();
    let of = |place| parameters.tensor(place);
    let lstm = BiLstm { lstm: layers.lstm(), sequences: sequences.clone() };
    let hidden = apply3(lstm, words, of(0), of(1))?;
    let qkv = apply3(Linear { inputs: width }, &hidden, of(2), of(3))?;
    let attention = Attention { width, heads: layers.heads, sequences: sequences.clone() };
    let attended = apply1(attention, &qkv)?;
    let attended = apply3(Linear { inputs: width }, &attended, of(4), of(5))?;
    let normed = apply3(Norm, &hidden.add(&attended)?, of(6), of(7))?;
    apply1(Pool { width, sequences: sequences.clone() }, &normed)
}

/// The logits of every post for its own community's hashtags, padded on the right to the widest
/// community of the batch, and the labels that say which are padding.
fn padded_logits(
    parameters: &Parameters,
    joint: &Tensor,
    members: &BTreeMap<usize, Vec<u32>>,
    gold: impl Fn(u32) -> Vec<u32>,
) -> Result<(Tensor, Vec<Label>)> {
    let size = |community: &usize| parameters.heads[*community].bias.var.elem_count();
    let widest = members.keys().map(size).max().unwrap_or(0);
    let mut rows = Vec::with_capacity(members.len());
    let mut labels = Vec::with_capacity(joint.dim(0)? * widest);
    for (community, posts) in members {
        let head = &parameters.heads[*community];
        let index = Tensor::new(posts.as_slice(), joint.device())?;
        let own = apply3(
            Linear { inputs: parameters.layers.joint() },
            &joint.index_select(&index, 0)?,
            head.weight.var.as_tensor(),
            head.bias.var.as_tensor(),
        )?;
        rows.push(own.pad_with_zeros(1, 0, widest - size(community))?);
        for &post in posts {
            let start = labels.len();
            labels.resize(start + size(community), Label::No);
            gold(post).iter().for_each(|&tag| labels[start + tag as usize] = Label::Yes);
            labels.resize(start + widest, Label::Pad);
        }
    }
    Ok((Tensor::cat(&rows, 0)?, labels))
}

/// The values of a variable's gradient, zeros if the loss doesn't depend on it.
fn gradient(grads: &GradStore, variable: &Tensor) -> Result<Vec<f32>> {
    match grads.get(variable) {
        Some(grad) => grad.flatten_all()?.to_vec1(),
        None => Ok(vec![0.0; variable.elem_count()]),
    }
}

/// The loss of `shard` (posts of one batch of `batch` posts) and its gradients.
pub(super) fn gradients(
    parameters: &Parameters,
    posts: &Posts,
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
    let dropped = drop_out(vectors.as_tensor(), draw.dropout, &mut random)?;
    let texts = text_vectors(parameters, &sequences, &dropped)?;

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
    let joint = drop_out(&joint, draw.dropout, &mut random)?;

    let gold = |row: u32| posts.gold(post_at(row as usize)).to_vec();
    let (logits, labels) = padded_logits(parameters, &joint, &members, gold)?;
    let loss = apply1(MaskedBce { labels, posts: batch }, &logits)?;
    let grads = loss.backward()?;

    let row_grads = |rows: Vec<u32>, variable: &Var| {
        Ok::<_, candle_core::Error>(RowGrads { rows, grad: gradient(&grads, variable)? })
    };
    let mut heads = BTreeMap::new();
    for &community in members.keys() {
        let head = &parameters.heads[community];
        let of = |variable: &Var| gradient(&grads, variable.as_tensor());
        heads.insert(community, [of(&head.weight.var)?, of(&head.bias.var)?]);
    }
    Ok(Gradients {
        loss: f64::from(loss.to_scalar::<f32>()?),
        words: row_grads(distinct.to_vec(), &vectors)?,
        communities: row_grads(present, &community_vectors)?,
        shared: (0..parameters.shared.len())
            .map(|place| gradient(&grads, parameters.tensor(place)))
            .collect::<Result<_>>()?,
        heads,
    })
}
