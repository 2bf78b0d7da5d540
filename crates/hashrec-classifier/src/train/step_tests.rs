//! What a step touches, and that training and serving are one net.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use hashrec_data::{CommunityId, HashtagId};

use super::{
    graph::text_vectors,
    objective::Objective,
    parameters::{Parameters, Part},
    posts::{ClassifierPost, Posts},
    session::layers,
    step::{apply, batch_gradients},
};
use crate::{
    ClassifierParams, Loss, encoder::Encoder, sequences::Sequences, vocabulary::Vocabulary,
    weights::Spaces,
};

fn params() -> ClassifierParams {
    ClassifierParams::default()
        .with_embedding_dim(5)
        .with_hidden(4)
        .with_heads(2)
        .with_community_dim(3)
        .with_weight_decay(0.1)
}

/// Three communities; words 1 to 6.
fn world(params: &ClassifierParams) -> (Spaces, Posts, Parameters) {
    let spaces = Spaces::new([2, 3, 4]);
    let vocabulary = Vocabulary::new(["a", "b", "c", "d", "e", "f"]).unwrap();
    let (zero, both) = ([HashtagId(0)], [HashtagId(0), HashtagId(1)]);
    let post = |words: &[&'static str], community, gold| ClassifierPost {
        words: words.to_vec(),
        community: CommunityId(community),
        gold,
    };
    let posts = [
        post(&["a", "b", "a"], 0, &zero[..]),
        post(&["c"], 2, &both[..]),
        post(&["b", "d", "x", "a"], 0, &both[..]),
        post(&["f"], 1, &zero[..]),
    ];
    let posts = Posts::encode(&posts, &spaces, &vocabulary, 64).unwrap();
    let words = (0..7 * 5).map(|i| (i as f32 * 0.7).sin()).collect();
    let priors = posts.log_priors(&spaces);
    let parameters = Parameters::initial(layers(params), words, &spaces, &priors, params).unwrap();
    (spaces, posts, parameters)
}

/// Every strategy.
fn strategies() -> [Loss; 6] {
    [
        Loss::Plain,
        Loss::community_balanced(),
        Loss::dynamic(),
        Loss::asymmetric(),
        Loss::distribution_balanced(),
        Loss::Listwise,
    ]
}

fn objective(params: &ClassifierParams, posts: &Posts, spaces: &Spaces) -> Objective {
    Objective::new(params.loss, posts, &posts.labelled(), spaces)
}

#[test]
fn a_step_touches_what_its_batch_holds_and_nothing_else() {
    for loss in strategies() {
        touches_its_batch(&params().with_loss(loss));
    }
}

/// The batch holds communities 0 and 2: community 1, and the columns that pad community 0 to the
/// width of community 2, have exactly no gradient.
fn touches_its_batch(params: &ClassifierParams) {
    let (spaces, posts, mut parameters) = world(params);
    let objective = objective(params, &posts, &spaces);
    let before = parameters.export(Part::Value).unwrap();
    let batch = [0, 1, 2];
    for step in 0..3 {
        let gradients =
            batch_gradients(&parameters, &posts, &objective, &batch, params, step).unwrap();
        assert_eq!(gradients.heads.keys().copied().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(gradients.communities.rows, [0, 2]);
        assert_eq!(gradients.words.rows, [0, 1, 2, 3, 4]);
        apply(&mut parameters, &gradients, gradients.norm(), params, step, 0).unwrap();
    }
    let after = parameters.export(Part::Value).unwrap();
    for i in 0..before.shared.len() {
        assert_ne!(before.shared[i], after.shared[i], "shared table {i}");
    }
    let joint = parameters.layers.joint();
    for community in 0..3 {
        let rows = spaces.rows(community).unwrap();
        let cells = rows.start * joint..rows.end * joint;
        let width = parameters.layers.community_dim;
        let vector = community * width..(community + 1) * width;
        let same = [
            before.heads[cells.clone()] == after.heads[cells],
            before.head_biases[rows.clone()] == after.head_biases[rows],
            before.communities[vector.clone()] == after.communities[vector],
        ];
        assert_eq!(same, [community == 1; 3], "community {community}");
    }
    for word in 0..7 {
        let cells = word * 5..(word + 1) * 5;
        assert_eq!(before.words[cells.clone()] == after.words[cells], word > 4, "word {word}");
    }
    assert_eq!(parameters.steps()[8..], [3, 3, 0, 0, 3, 3]);
    assert!(
        parameters.export(Part::Mean).unwrap().heads[2 * joint..5 * joint]
            .iter()
            .all(|&m| m == 0.0)
    );
}

#[test]
fn shares_of_a_batch_add_up_to_the_batch() {
    for loss in strategies() {
        shares_add_up(&params().with_dropout(0.0).with_loss(loss));
    }
}

fn shares_add_up(params: &ClassifierParams) {
    let (spaces, posts, parameters) = world(params);
    let objective = objective(params, &posts, &spaces);
    let of = |threads| {
        let params = params.clone().with_threads(threads);
        batch_gradients(&parameters, &posts, &objective, &[0, 1, 2, 3], &params, 0).unwrap()
    };
    let one = of(1);
    for threads in [2, 3, 4, 9] {
        let many = of(threads);
        let close = |a: &[f32], b: &[f32]| {
            assert_eq!(a.len(), b.len());
            a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() < 1e-5, "{a} {b}"));
        };
        assert!((one.loss - many.loss).abs() < 1e-5);
        assert_eq!(one.words.rows, many.words.rows);
        close(&one.words.grad, &many.words.grad);
        close(&one.communities.grad, &many.communities.grad);
        one.shared.iter().zip(&many.shared).for_each(|(a, b)| close(a, b));
        assert!(one.heads.keys().eq(many.heads.keys()));
        for (a, b) in one.heads.values().flatten().zip(many.heads.values().flatten()) {
            close(a, b);
        }
    }
}

#[test]
fn training_and_serving_compute_the_same_text_vectors() -> Result<()> {
    let params = params();
    let (spaces, posts, parameters) = world(&params);
    let words: Vec<&[u32]> = (0..posts.len()).map(|post| posts.words(post)).collect();
    let sequences = Arc::new(Sequences::pack(&words));
    let distinct = sequences.words();
    let vectors = parameters.words.gather(distinct.iter().map(|&word| word as usize));
    let vectors = Tensor::from_vec(vectors, (distinct.len(), 5), &Device::Cpu)?;
    let trained = text_vectors(&parameters, &sequences, &vectors, None)?.0;
    let trained = trained.flatten_all()?.to_vec1::<f32>()?;
    let weights = parameters.export(Part::Value)?;
    let encoder = Encoder { layers: parameters.layers, weights: &weights, spaces: &spaces };
    assert_eq!(encoder.texts(&sequences), trained);
    Ok(())
}

/// The gradient of the output layers, which see the loss directly, is the difference of the loss of
/// the whole net.
#[test]
fn gradients_of_the_net_are_differences() {
    for loss in strategies() {
        let params = params().with_dropout(0.0).with_loss(loss);
        let (spaces, posts, parameters) = world(&params);
        let objective = objective(&params, &posts, &spaces);
        let batch = [0, 1, 2, 3];
        let of = |parameters: &Parameters| {
            batch_gradients(parameters, &posts, &objective, &batch, &params, 0).unwrap()
        };
        let gradients = of(&parameters);
        for (community, cell) in [(0, 3), (2, 17), (2, 40), (1, 8)] {
            let found = f64::from(gradients.heads[&community][0][cell]);
            let moved = |by: f32| {
                let var = parameters.heads[community].weight.var.clone();
                let before = var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                let mut values = before.clone();
                values[cell] += by;
                let set = |values: Vec<f32>| {
                    var.set(&Tensor::from_vec(values, var.shape(), &Device::Cpu).unwrap()).unwrap();
                };
                set(values);
                let loss = of(&parameters).loss;
                set(before);
                loss
            };
            let wanted = (moved(0.05) - moved(-0.05)) / 0.1;
            assert!((found - wanted).abs() < 2e-3, "{loss:?} {community} {cell}: {found} {wanted}");
        }
    }
}
