//! The fused layers against candle's own operations and against finite differences.

use std::{collections::HashMap, sync::Arc};

use candle_core::{D, DType, Device, Result, Tensor, Var};
use candle_nn::{LSTMConfig, RNN, VarBuilder};

use super::{
    kernel_ops::{Attention, BiLstm, Norm, Pool},
    layers::{Encode, Linear},
    loss::{Label, MaskedLoss},
    objective::Targets,
    operation::{Chain, Kernel, Sink, apply},
    random::{Purpose, dropout, generator, uniform},
    terms::Term,
};
use crate::{
    kernels::lstm::Lstm,
    sequences::Sequences,
    weights::{Layers, shared_shapes},
};

const CPU: &Device = &Device::Cpu;

/// Four posts of lengths 3, 1, 5 and 3 over six distinct words.
fn sequences() -> Arc<Sequences> {
    let posts: [&[u32]; 4] = [&[4, 9, 4], &[2], &[9, 1, 0, 4, 7], &[0, 0, 2]];
    Arc::new(Sequences::pack(&posts))
}

fn random(shape: &[usize], number: u64) -> Result<Var> {
    let len = shape.iter().product();
    let values = uniform(len, 1.0, &mut generator(5, Purpose::Initial, number, 0));
    Var::from_vec(values, shape, CPU)
}

/// A fixed random weighting of an output, so that every element's gradient differs.
fn weighed(output: &Tensor) -> Result<Tensor> {
    output.mul(random(output.dims(), 99)?.as_tensor())?.sum_all()
}

fn flat(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

fn assert_close(a: &[f32], b: &[f32], tolerance: f32, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        assert!((x - y).abs() <= tolerance * (1.0 + y.abs()), "{what}[{i}]: {x}, expected {y}");
    }
}

/// A fused operation on variables, the first of which is its argument.
fn fused(kernel: impl Kernel, inputs: &[&Var]) -> Result<(Tensor, Sink)> {
    let parameters: Vec<&Tensor> = inputs[1..].iter().map(|var| var.as_tensor()).collect();
    apply(kernel, inputs[0].as_tensor(), &parameters, Chain::Through)
}

/// Outputs agree to 1e-5, gradients to 1e-4 (of their size plus one).
fn agree(
    what: &str,
    inputs: &[&Var],
    fused: impl Fn() -> Result<(Tensor, Sink)>,
    plain: impl Fn() -> Result<Tensor>,
) -> Result<()> {
    let ((fused, sink), plain) = (fused()?, plain()?);
    assert_eq!(fused.dims(), plain.dims(), "{what}");
    assert_close(&flat(&fused)?, &flat(&plain)?, 1e-5, what);
    let (fused, plain) = (weighed(&fused)?.backward()?, weighed(&plain)?.backward()?);
    let left = sink.take();
    assert_eq!(left.len(), inputs.len(), "{what}");
    assert_eq!(flat(fused.get(inputs[0]).unwrap())?, left[0], "{what}: passed through candle");
    for (i, (input, left)) in inputs.iter().zip(&left).enumerate() {
        let want = flat(plain.get(input).unwrap())?;
        assert_close(left, &want, 1e-4, &format!("{what}: gradient {i}"));
    }
    Ok(())
}

/// Every gradient agrees with the central difference to 1 % (of its size plus one).
fn gradients_are_slopes(
    what: &str,
    inputs: &[&Var],
    output: impl Fn() -> Result<(Tensor, Sink)>,
) -> Result<()> {
    const STEP: f32 = 1e-2;
    let (out, sink) = output()?;
    weighed(&out)?.backward()?;
    let grads = sink.take();
    for (i, input) in inputs.iter().enumerate() {
        let (values, shape) = (flat(input)?, input.shape().clone());
        let at = |j: usize, step: f32| {
            let mut moved = values.clone();
            moved[j] += step;
            input.set(&Tensor::from_vec(moved, &shape, CPU)?)?;
            weighed(&output()?.0)?.to_scalar::<f32>()
        };
        let mut slopes = Vec::with_capacity(values.len());
        for j in 0..values.len() {
            slopes.push((at(j, STEP)? - at(j, -STEP)?) / (2.0 * STEP));
        }
        input.set(&Tensor::from_vec(values.clone(), &shape, CPU)?)?;
        assert_close(&grads[i], &slopes, 1e-2, &format!("{what}: slope {i}"));
    }
    Ok(())
}

/// Every post's rows of a packed tensor, one tensor a post.
fn split(x: &Tensor, sequences: &Sequences) -> Result<Vec<Tensor>> {
    let posts = (0..sequences.posts()).map(|post| sequences.tokens_of(post));
    posts.map(|tokens| x.narrow(0, tokens.start, tokens.len())).collect()
}

fn flip(x: &Tensor) -> Result<Tensor> {
    let n = x.dim(0)? as u32;
    x.index_select(&Tensor::new((0..n).rev().collect::<Vec<_>>(), CPU)?, 0)
}

#[test]
fn lstm() -> Result<()> {
    let (dim, hidden, sequences) = (3, 4, sequences());
    let x = random(&[sequences.words().len(), dim], 1)?;
    let weight = random(&[8 * hidden, dim + hidden], 2)?;
    let bias = random(&[8 * hidden], 3)?;
    let fused = || {
        let op = BiLstm { lstm: Lstm { input: dim, hidden }, sequences: sequences.clone() };
        fused(op, &[&x, &weight, &bias])
    };
    let direction = |n: usize| {
        let rows = weight.narrow(0, n * 4 * hidden, 4 * hidden)?;
        let named = HashMap::from([
            ("weight_ih_l0".to_owned(), rows.narrow(1, 0, dim)?.contiguous()?),
            ("weight_hh_l0".to_owned(), rows.narrow(1, dim, hidden)?.contiguous()?),
            ("bias_ih_l0".to_owned(), bias.narrow(0, n * 4 * hidden, 4 * hidden)?),
            ("bias_hh_l0".to_owned(), Tensor::zeros(4 * hidden, DType::F32, CPU)?),
        ]);
        let vars = VarBuilder::from_tensors(named, DType::F32, CPU);
        candle_nn::lstm(dim, hidden, LSTMConfig::default(), vars)
    };
    let plain = || {
        let tokens = x.index_select(&Tensor::new(sequences.rows(), CPU)?, 0)?;
        let (forward, backward) = (direction(0)?, direction(1)?);
        let run = |lstm: &candle_nn::LSTM, x: &Tensor| {
            lstm.states_to_tensor(&lstm.seq(&x.unsqueeze(0)?)?)?.squeeze(0)
        };
        let posts = split(&tokens, &sequences)?.into_iter().map(|post| {
            Tensor::cat(&[run(&forward, &post)?, flip(&run(&backward, &flip(&post)?)?)?], 1)
        });
        Tensor::cat(&posts.collect::<Result<Vec<_>>>()?, 0)
    };
    agree("lstm", &[&x, &weight, &bias], fused, plain)?;
    gradients_are_slopes("lstm", &[&x, &weight, &bias], fused)
}

#[test]
fn attention() -> Result<()> {
    let (width, heads, sequences) = (6, 2, sequences());
    let qkv = random(&[sequences.tokens(), 3 * width], 1)?;
    let fused = || fused(Attention { width, heads, sequences: sequences.clone() }, &[&qkv]);
    let plain = || {
        let head_width = width / heads;
        let posts = split(&qkv, &sequences)?.into_iter().map(|post| {
            let part = |n: usize, head: usize| {
                post.narrow(1, n * width + head * head_width, head_width)?.contiguous()
            };
            let of_heads = (0..heads).map(|head| {
                let scores = part(0, head)?.matmul(&part(1, head)?.t()?)?;
                let scores = (scores / (head_width as f64).sqrt())?;
                candle_nn::ops::softmax(&scores, D::Minus1)?.matmul(&part(2, head)?)
            });
            Tensor::cat(&of_heads.collect::<Result<Vec<_>>>()?, 1)
        });
        Tensor::cat(&posts.collect::<Result<Vec<_>>>()?, 0)
    };
    agree("attention", &[&qkv], fused, plain)?;
    gradients_are_slopes("attention", &[&qkv], fused)
}

#[test]
fn linear() -> Result<()> {
    let (x, weight, bias) = (random(&[5, 3], 1)?, random(&[4, 3], 2)?, random(&[4], 3)?);
    let fused = || fused(Linear { inputs: 3 }, &[&x, &weight, &bias]);
    let plain = || x.matmul(&weight.t()?)?.broadcast_add(&bias);
    agree("linear", &[&x, &weight, &bias], fused, plain)?;
    gradients_are_slopes("linear", &[&x, &weight, &bias], fused)
}

#[test]
fn norm() -> Result<()> {
    let (x, scale, shift) = (random(&[5, 7], 1)?, random(&[7], 2)?, random(&[7], 3)?);
    let fused = || fused(Norm, &[&x, &scale, &shift]);
    let plain = || candle_nn::ops::layer_norm_slow(&x, &scale, &shift, 1e-5);
    agree("norm", &[&x, &scale, &shift], fused, plain)?;
    gradients_are_slopes("norm", &[&x, &scale, &shift], fused)
}

#[test]
fn pool() -> Result<()> {
    let (width, sequences) = (3, sequences());
    let x = random(&[sequences.tokens(), width], 1)?;
    let fused = || fused(Pool { width, sequences: sequences.clone() }, &[&x]);
    let plain = || {
        let posts = split(&x, &sequences)?
            .into_iter()
            .map(|post| Tensor::cat(&[post.mean_keepdim(0)?, post.max_keepdim(0)?], 1));
        Tensor::cat(&posts.collect::<Result<Vec<_>>>()?, 0)
    };
    agree("pool", &[&x], fused, plain)?;
    gradients_are_slopes("pool", &[&x], fused)
}

#[test]
fn masked_bce() -> Result<()> {
    let logits = random(&[2, 3], 1)?;
    let labels = vec![Label::Yes, Label::No, Label::Pad, Label::No, Label::Yes, Label::Yes];
    let fused = || {
        let (labels, weights) = (labels.clone(), vec![1.0; 6]);
        let targets = Targets { width: 3, labels, weights, shifts: Vec::new() };
        fused(MaskedLoss { term: Term::Cross, targets, posts: 2 }, &[&logits])
    };
    let plain = || {
        let yes = Tensor::new(&[[1f32, 0.0, 0.0], [0.0, 1.0, 1.0]], CPU)?;
        let mask = Tensor::new(&[[1f32, 1.0, 0.0], [1.0, 1.0, 1.0]], CPU)?;
        let p = candle_nn::ops::sigmoid(&logits)?;
        let likelihood = ((&yes * p.log()?)? + ((1.0 - &yes)? * (1.0 - &p)?.log()?)?)?;
        (likelihood * mask)?.sum_all()? / -2.0
    };
    agree("masked bce", &[&logits], fused, plain)?;
    gradients_are_slopes("masked bce", &[&logits], fused)
}

/// The whole encoder with dropout: what its layers' own tests can't see is how they are joined.
#[test]
fn encoder() -> Result<()> {
    let layers = Layers { dim: 3, hidden: 2, heads: 2, community_dim: 1, max_words: 9 };
    let sequences = sequences();
    let distinct = sequences.words().len();
    let mut inputs = vec![random(&[distinct, layers.dim], 1)?];
    for (i, (rows, columns)) in shared_shapes(layers).into_iter().enumerate() {
        let shape = if columns == 1 { vec![rows] } else { vec![rows, columns] };
        inputs.push(random(&shape, 2 + i as u64)?);
    }
    let inputs: Vec<&Var> = inputs.iter().collect();
    let factors = dropout(distinct * 3, 0.3, &mut generator(5, Purpose::Dropout, 0, 0));
    gradients_are_slopes("encoder", &inputs, || {
        let dropout = Some(factors.clone());
        fused(Encode { layers, sequences: sequences.clone(), dropout }, &inputs)
    })
}
