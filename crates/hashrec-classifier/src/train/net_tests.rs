//! The fused encoder against the layers of the net, and both against finite differences.

use candle_core::{Var, backprop::GradStore};

use super::{
    super::random::{Purpose, dropout, generator, uniform},
    *,
};
use crate::sequences::Sequences;

const LAYERS: Layers = Layers { dim: 3, hidden: 4, heads: 2, community_dim: 2, max_words: 9 };

fn random(len: usize, number: u64) -> Vec<f32> {
    uniform(len, 1.0, &mut generator(5, Purpose::Initial, number, 0))
}

/// Posts of lengths 3, 1, 5 and 3 over six distinct words, in communities 0 and 7.
fn batch() -> Batch {
    let posts: [&[u32]; 4] = [&[4, 9, 4], &[2], &[9, 1, 0, 4, 7], &[0, 0, 2]];
    Batch::new(Sequences::pack(&posts), &[7, 0, 7, 7], &Device::Cpu).unwrap()
}

fn variables(batch: &Batch) -> Variables {
    let var = |shape: &[usize], number| {
        Var::from_vec(random(shape.iter().product(), number), shape, &Device::Cpu).unwrap()
    };
    let shared = LAYERS.shared_shapes().iter().map(|(rows, columns)| rows * columns).sum();
    let part = |tags, number| [var(&[tags, LAYERS.joint()], number), var(&[tags], number + 1)];
    Variables {
        words: var(&[batch.sequences.words().len(), LAYERS.dim], 1),
        communities: var(&[2, LAYERS.community_dim], 2),
        shared: var(&[shared], 3),
        heads: BTreeMap::from([(0, vec![part(2, 4)]), (7, vec![part(3, 6), part(1, 8)])]),
    }
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// A fixed random weighting of an output, so that every element's gradient differs.
fn weighed(output: &Tensor) -> Tensor {
    let weights = Tensor::from_vec(random(output.elem_count(), 99), output.shape(), &Device::Cpu);
    (output * weights.unwrap()).unwrap().sum_all().unwrap()
}

fn assert_close(a: &[f32], b: &[f32], tolerance: f32, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        assert!((x - y).abs() <= tolerance * (1.0 + y.abs()), "{what}[{i}]: {x}, expected {y}");
    }
}

fn gradient(of: &GradStore, variable: &Var) -> Vec<f32> {
    flat(of.get(variable.as_tensor()).unwrap())
}

/// What devices other than the CPU compute is what the CPU computes: outputs agree to 1e-5,
/// gradients to 1e-4 (of their size plus one).
#[test]
fn the_fused_encoder_agrees_with_the_layers() {
    let batch = batch();
    let variables = variables(&batch);
    let net = Net::new(LAYERS, &variables).unwrap();
    let words = variables.words.as_tensor();
    let factors = Some(dropout(words.elem_count(), 0.3, &mut generator(5, Purpose::Dropout, 0, 0)));
    let dropped = drop_out(words, factors.clone()).unwrap();
    let fused = net.fused_texts(factors, &batch).unwrap();
    let layers = net.texts(&dropped, &batch).unwrap();
    assert_eq!(fused.dims(), [4, 2 * LAYERS.token()]);
    assert_close(&flat(&fused), &flat(&layers), 1e-5, "texts");
    let (fused, layers) =
        (weighed(&fused).backward().unwrap(), weighed(&layers).backward().unwrap());
    for (what, variable) in [("words", &variables.words), ("shared", &variables.shared)] {
        assert_close(&gradient(&fused, variable), &gradient(&layers, variable), 1e-4, what);
    }
}

/// Every gradient of the whole net agrees with the central difference to 1 % (of its size plus one).
#[test]
fn gradients_are_slopes() {
    const STEP: f32 = 1e-2;
    let batch = batch();
    let variables = variables(&batch);
    let output = || {
        let net = Net::new(LAYERS, &variables).unwrap();
        let mut random = generator(5, Purpose::Dropout, 0, 0);
        let mut factors = |len| Some(dropout(len, 0.3, &mut random));
        weighed(&net.forward(&batch, &mut factors).unwrap())
    };
    let grads = output().backward().unwrap();
    let [weight, bias] = &variables.heads[&7][1];
    for (what, variable) in [
        ("words", &variables.words),
        ("communities", &variables.communities),
        ("shared", &variables.shared),
        ("weight", weight),
        ("bias", bias),
    ] {
        let (values, shape) = (flat(variable.as_tensor()), variable.shape().clone());
        let at = |j: usize, step: f32| {
            let mut moved = values.clone();
            moved[j] += step;
            variable.set(&Tensor::from_vec(moved, &shape, &Device::Cpu).unwrap()).unwrap();
            output().to_scalar::<f32>().unwrap()
        };
        let slope = |j| (at(j, STEP) - at(j, -STEP)) / (2.0 * STEP);
        let slopes: Vec<f32> = (0..values.len()).map(slope).collect();
        variable.set(&Tensor::from_vec(values, &shape, &Device::Cpu).unwrap()).unwrap();
        assert_close(&gradient(&grads, variable), &slopes, 1e-2, what);
    }
}

/// A post's logits don't depend on the posts it shares a batch with.
#[test]
fn a_post_alone_has_the_text_vector_it_has_in_a_batch() {
    let posts: [&[u32]; 3] = [&[4, 9, 4, 1, 1], &[9, 1, 0], &[2]];
    let layers = Layers { dim: 1, ..LAYERS };
    let texts = |posts: &[&[u32]]| {
        let communities = vec![0; posts.len()];
        let batch = Batch::new(Sequences::pack(posts), &communities, &Device::Cpu).unwrap();
        let words: Vec<f32> = batch.sequences.words().iter().map(|&word| word as f32).collect();
        let shared = layers.shared_shapes().iter().map(|(rows, columns)| rows * columns).sum();
        let variables = Variables {
            words: Var::from_slice(&words, (words.len(), 1), &Device::Cpu).unwrap(),
            communities: Var::zeros((1, 2), candle_core::DType::F32, &Device::Cpu).unwrap(),
            shared: Var::from_vec(random(shared, 3), shared, &Device::Cpu).unwrap(),
            heads: BTreeMap::new(),
        };
        let net = Net::new(layers, &variables).unwrap();
        flat(&net.texts(variables.words.as_tensor(), &batch).unwrap())
    };
    let together = texts(&posts);
    for (post, wanted) in posts.iter().zip(together.chunks(2 * layers.token())) {
        assert_close(&texts(&[post]), wanted, 1e-5, "text vector");
    }
}
