//! What a step touches, and that training and serving are one net.

use hashrec_data::{CommunityId, HashtagId};

use super::*;
use crate::{
    Loss,
    encoder::Encoder,
    train::posts::ClassifierPost,
    vocabulary::Vocabulary,
    weights::{COMMUNITIES, HEAD_BIASES, HEADS, Layers, SHARED, Spaces, WORDS},
};

const LAYERS: Layers = Layers { dim: 5, hidden: 4, heads: 2, community_dim: 3, max_words: 64 };

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
    let parameters = Parameters::initial(LAYERS, words, spaces.clone(), priors, params);
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

fn batch_gradients(
    parameters: &Parameters,
    posts: &Posts,
    objective: &Objective,
    batch: &[u32],
    params: &ClassifierParams,
    step: u64,
) -> Result<Gradients, ClassifierError> {
    let context = Context { posts, objective, params, device: &Device::Cpu, step };
    context.gradients(parameters, batch)
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
    let before = parameters.values.clone();
    let batch = [0, 1, 2];
    for step in 0..3 {
        let gradients =
            batch_gradients(&parameters, &posts, &objective, &batch, params, step).unwrap();
        let rows = |table: usize, width: usize| -> Vec<usize> {
            gradients.tables[table].keys().map(|start| start / width).collect()
        };
        assert_eq!(rows(COMMUNITIES, LAYERS.community_dim), [0, 2]);
        assert_eq!(rows(HEADS, LAYERS.joint()), [0, 5]);
        assert_eq!(rows(WORDS, LAYERS.dim), [0, 1, 2, 3, 4]);
        apply(&mut parameters, &gradients, gradients.norm(), params, step, 0);
    }
    let after = &parameters.values;
    for table in SHARED {
        assert_ne!(before[table], after[table], "{}", TABLES[table]);
    }
    let joint = LAYERS.joint();
    for community in 0..3 {
        let rows = spaces.rows(community).unwrap();
        let cells = rows.start * joint..rows.end * joint;
        let width = LAYERS.community_dim;
        let vector = community * width..(community + 1) * width;
        let same = [
            before[HEADS][cells.clone()] == after[HEADS][cells],
            before[HEAD_BIASES][rows.clone()] == after[HEAD_BIASES][rows],
            before[COMMUNITIES][vector.clone()] == after[COMMUNITIES][vector],
        ];
        assert_eq!(same, [community == 1; 3], "community {community}");
    }
    for word in 0..7 {
        let cells = word * 5..(word + 1) * 5;
        assert_eq!(before[WORDS][cells.clone()] == after[WORDS][cells], word > 4, "word {word}");
    }
    assert_eq!(parameters.head_steps, [3, 0, 3]);
    assert!(parameters.means[HEADS][2 * joint..5 * joint].iter().all(|&mean| mean == 0.0));
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
        for (one, many) in one.tables.iter().zip(&many.tables) {
            assert!(one.keys().eq(many.keys()));
            one.values().zip(many.values()).for_each(|(a, b)| close(a, b));
        }
    }
}

#[test]
fn training_and_serving_compute_the_same_text_vectors() {
    let (spaces, posts, parameters) = world(&params());
    let words: Vec<&[u32]> = (0..posts.len()).map(|post| posts.words(post)).collect();
    let sequences = Sequences::pack(&words);
    let communities: Vec<usize> = sequences.origin().iter().map(|&i| posts.community(i)).collect();
    let batch = Batch::new(sequences.clone(), &communities, &Device::Cpu).unwrap();
    let variables = Variables::copy(&parameters, &batch).unwrap();
    let net = Net::new(LAYERS, &variables).unwrap();
    let trained = net.fused_texts(None, &batch).unwrap();
    let encoder = Encoder { layers: LAYERS, weights: &parameters.weights(), spaces: &spaces };
    let served = encoder.texts(&sequences);
    assert_eq!(served, trained.flatten_all().unwrap().to_vec1::<f32>().unwrap());
    // The logits as well, to the rounding of their sums.
    let logits = net.forward(&batch, &mut |_| None).unwrap().to_vec2::<f32>().unwrap();
    let rows = batch.members.iter().flat_map(|(c, rows)| rows.iter().map(move |row| (*c, *row)));
    for (logits, (community, row)) in logits.iter().zip(rows) {
        let text = &served[row as usize * 2 * LAYERS.token()..][..2 * LAYERS.token()];
        for (a, b) in encoder.logits(community, text).unwrap().iter().zip(logits) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}

/// The gradient of the output layers, which see the loss directly, is the difference of the loss of
/// the whole net.
#[test]
fn gradients_of_the_net_are_differences() {
    for loss in strategies() {
        let params = params().with_dropout(0.0).with_loss(loss);
        let (spaces, posts, mut parameters) = world(&params);
        let objective = objective(&params, &posts, &spaces);
        let batch = [0, 1, 2, 3];
        let of = |parameters: &Parameters| {
            batch_gradients(parameters, &posts, &objective, &batch, &params, 0).unwrap()
        };
        let gradients = of(&parameters);
        for (community, cell) in [(0, 3), (2, 17), (2, 40), (1, 8)] {
            let at = parameters.head(community)[0].start;
            let found = f64::from(gradients.tables[HEADS][&at][cell]);
            let mut moved = |by: f32| {
                parameters.values[HEADS][at + cell] += by;
                let loss = of(&parameters).loss;
                parameters.values[HEADS][at + cell] -= by;
                loss
            };
            let wanted = (moved(0.05) - moved(-0.05)) / 0.1;
            assert!((found - wanted).abs() < 2e-3, "{loss:?} {community} {cell}: {found} {wanted}");
        }
    }
}

#[test]
fn the_rate_rises_then_holds_then_falls() {
    let params = ClassifierParams::default().with_learning_rate(0.25).with_decay(0.5);
    assert_eq!(learning_rate(&params, 0, 0), 0.0025);
    assert_eq!(learning_rate(&params, 99, 0), 0.25);
    assert_eq!(learning_rate(&params, 5000, 4), 0.25);
    assert_eq!(learning_rate(&params, 5000, 6), 0.0625);
    assert_eq!(learning_rate(&params.with_warmup(0), 0, 0), 0.25);
}
