//! The fits against their definitions.

use std::f32::consts::FRAC_1_SQRT_2;

use hashrec_data::HashtagId;
use proptest::prelude::*;
use rand_pcg::{Pcg32, rand_core::Rng};

use super::{
    MeaningInput, MeaningLoo, MeaningModel, MeaningParams, MeaningScores, fit::fit_linear,
};
use crate::{
    bf16,
    linear::{Ridge, RidgeInput},
};

const HASHTAGS: usize = 3;

/// Posts near the names of their hashtags.
#[derive(Clone)]
struct Posts {
    vectors: Vec<Vec<f32>>,
    gold: Vec<Vec<HashtagId>>,
    names: Vec<f32>,
}

fn random(count: usize, dim: usize, seed: u64) -> Posts {
    let mut random = Pcg32::new(seed, 1);
    let mut uniform = || random.next_u32() as f32 / u32::MAX as f32;
    let mut noise = |dim: usize| (0..dim).map(|_| uniform() - 0.5).collect::<Vec<f32>>();
    let names: Vec<Vec<f32>> = (0..HASHTAGS).map(|_| unit(noise(dim))).collect();
    let (mut vectors, mut gold) = (Vec::new(), Vec::new());
    for post in 0..count {
        // Some posts have no hashtag, some have two.
        let own: &[usize] = [&[0][..], &[1], &[2], &[0, 2], &[]][(post + seed as usize) % 5];
        let mut half = || {
            let mut sum = noise(dim);
            own.iter().for_each(|&tag| sum.iter_mut().zip(&names[tag]).for_each(|(s, n)| *s += n));
            unit(sum)
        };
        vectors.push([half(), half()].concat());
        gold.push(own.iter().map(|&tag| HashtagId(tag as u32)).collect());
    }
    Posts { vectors, gold, names: names.concat() }
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

impl Posts {
    fn inputs(&self) -> Vec<MeaningInput<'_>> {
        let both = self.vectors.iter().zip(&self.gold);
        both.map(|(vector, gold)| MeaningInput { vector, gold }).collect()
    }

    fn fit(&self, threads: usize) -> (MeaningModel, MeaningLoo) {
        let every: Vec<u32> = (0..self.vectors.len() as u32).collect();
        let names = (&self.names[..], HASHTAGS);
        let params = MeaningParams::default();
        MeaningModel::fit(&self.inputs(), names, &params, &every, threads).unwrap()
    }

    fn without(&self, post: usize) -> Self {
        let mut rest = self.clone();
        rest.vectors.remove(post);
        rest.gold.remove(post);
        rest
    }
}

/// The classifier of a fitted model in one of the two forms.
fn ridge(model: &MeaningModel, primal: bool) -> Ridge {
    let view = model.view();
    let asked: Vec<u32> = (0..view.posts.len() as u32).collect();
    let (gold, penalty) = (view.gold, view.params.penalty);
    let input = RidgeInput { gold, asked: &asked, penalty, threads: 1 };
    fit_linear(view.posts, primal, &input).unwrap()
}

/// The model with its classifier in that form.
fn in_form(model: &MeaningModel, primal: bool) -> (MeaningModel, Ridge) {
    let ridge = ridge(model, primal);
    let (weights, bias) = (ridge.narrow(1).into(), ridge.bias.clone().into());
    (MeaningModel { weights, bias, primal, ..model.clone() }, ridge)
}

fn assert_close(a: &[f32], b: &[f32], tolerance: f32, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < tolerance, "{what}: {a} and {b}");
    }
}

/// How far the scores of both forms may be apart for each hashtag. A weight of 8 bits is off by less
/// than a 256th of it. The dual form asks for a vector whose numbers are off by half a step at most,
/// which counts as the primal weights do.
fn rounding(primal: &MeaningModel, dual: &MeaningModel, vector: &[f32]) -> Vec<f32> {
    let half_step = vector.iter().fold(0.0, |most: f32, x| most.max(x.abs())) / 254.0;
    let similarities = dual.view().similarities(vector);
    let weights = |model: &MeaningModel, tag: usize| -> Vec<f32> {
        model.weights.chunks_exact(HASHTAGS).map(|row| bf16::widen(row[tag]).abs()).collect()
    };
    let of = |tag| {
        let by_number = weights(primal, tag).into_iter().zip(vector);
        let features: f32 = by_number.map(|(w, x)| w * (x.abs() / 256.0 + half_step)).sum();
        let by_post = weights(dual, tag).into_iter().zip(&similarities);
        let posts: f32 = by_post.map(|(w, similarity)| w * similarity.abs() / 256.0).sum();
        features * FRAC_1_SQRT_2 + posts + 1e-3
    };
    (0..HASHTAGS).map(of).collect()
}

/// All kinds of scores but those per post.
fn kinds(scores: &MeaningScores) -> [(&'static str, &[f32]); 7] {
    [
        ("nearest", &scores.nearest),
        ("nearest_best", &scores.nearest_best),
        ("centroid", &scores.centroid),
        ("text_name", &scores.text_name),
        ("title_name", &scores.title_name),
        ("nearest_max", std::slice::from_ref(&scores.nearest_max)),
        ("linear", &scores.linear),
    ]
}

#[test]
fn each_post_is_scored_as_by_a_model_without_it() {
    // Fewer posts than features, more, and one more than as many: a refit has weights for posts.
    for (count, dim) in [(3, 3), (9, 8), (25, 16), (41, 4), (60, 6), (13, 6)] {
        let posts = random(count, dim, count as u64);
        let (model, loo) = posts.fit(1);
        assert_eq!(model.primal, count > 2 * dim);
        for post in 0..count {
            let found = loo.scores(post).unwrap();
            let (refitted, _) = posts.without(post).fit(1);
            let expected = refitted.view().scores(&posts.vectors[post]);
            for ((what, found), (_, expected)) in kinds(&found).into_iter().zip(kinds(&expected)) {
                // The weights that are served have 8 bits. A post of the fit has 8 bits for both its
                // halves together, a new one for each.
                let tolerance = match what {
                    "linear" => 0.02,
                    "text_name" | "title_name" => 0.01,
                    _ => 1e-5,
                };
                assert_close(found, expected, tolerance, &format!("{what} of {post}/{count}"));
            }
            assert!(found.cosines.is_empty());
        }
    }
}

#[test]
fn what_a_post_knows_of_itself_is_left_out() {
    let posts = random(30, 20, 4);
    let (model, loo) = posts.fit(1);
    for (post, vector) in posts.vectors.iter().enumerate() {
        let (left_out, seen) = (loo.scores(post).unwrap(), model.view().scores(vector));
        assert!(seen.nearest_max > 0.9 && left_out.nearest_max < 0.8, "{left_out:?}");
        for tag in posts.gold[post].iter().map(|tag| tag.index()) {
            for ((what, seen), (_, left_out)) in kinds(&seen).into_iter().zip(kinds(&left_out)) {
                match what {
                    "text_name" | "title_name" => assert!((seen[tag] - left_out[tag]).abs() < 0.01),
                    "nearest_max" => {}
                    _ => assert!(seen[tag] > left_out[tag], "{what}: {seen:?} {left_out:?}"),
                }
            }
        }
    }
}

#[test]
fn scores_are_those_of_the_definitions() {
    let posts = Posts {
        vectors: vec![
            vec![1.0, 0.0, 1.0, 0.0],
            vec![0.0, 1.0, 0.6, 0.8],
            vec![-1.0, 0.0, 0.0, -1.0],
        ],
        gold: vec![vec![HashtagId(0)], vec![HashtagId(0), HashtagId(1)], vec![HashtagId(1)]],
        names: vec![1.0, 0.0, 0.0, 1.0, -0.6, 0.8],
    };
    let params =
        MeaningParams { penalty: 0.5, neighbors: 2, sharpness: 2.0, centroid_smoothing: 0.25 };
    let names = (&posts.names[..], HASHTAGS);
    let (model, loo) = MeaningModel::fit(&posts.inputs(), names, &params, &[0], 1).unwrap();
    let scores = model.view().scores(&[0.0, 1.0, 1.0, 0.0]);
    let cosines = [0.5, 0.8, 0.0];
    assert_close(&scores.cosines, &cosines, 0.01, "cosines");
    let weight = |cosine: f32| (2.0 * (cosine - 1.0)).exp();
    let weights = cosines.map(weight);
    let total = weights[0] + weights[1];
    assert_close(&scores.nearest, &[1.0, weights[1] / total, 0.0], 0.01, "nearest");
    assert_close(&scores.nearest_best, &[weights[1], weights[1], 0.0], 0.01, "best");
    assert_close(&[scores.nearest_max], &[weights[1]], 0.01, "max");
    let centroid = [(weights[0] + weights[1]) / 2.25, (weights[1] + weights[2]) / 2.25, 0.0];
    assert_close(&scores.centroid, &centroid, 0.01, "centroid");
    assert_close(&scores.text_name, &[0.0, 1.0, 0.8], 0.01, "text");
    assert_close(&scores.title_name, &[1.0, 0.0, -0.6], 0.01, "title");
    // Hashtag 2 is on no post.
    assert_eq!(scores.linear[2], 0.0);

    // The first post has one other with its hashtag, of cosine 0.3, and one of cosine -0.5.
    let left_out = loo.scores(0).unwrap();
    let (near, far) = (weight(0.3), weight(-0.5));
    assert_close(&left_out.nearest_best, &[near, near, 0.0], 0.01, "best without itself");
    let shares = [near / (near + far), 1.0, 0.0];
    assert_close(&left_out.nearest, &shares, 0.01, "nearest without itself");
    let centroid = [near / 1.25, (near + far) / 2.25, 0.0];
    assert_close(&left_out.centroid, &centroid, 0.01, "centroid without itself");
    assert_eq!((loo.scores(1), loo.scores(99)), (None, None));
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    // Weights for posts, and for features: more posts than one block, and systems worth sharing.
    for (count, dim) in [(150, 100), (1500, 200)] {
        let posts = random(count, dim, 3);
        let (one, loo) = posts.fit(1);
        for threads in [2, 3] {
            let (model, other) = posts.fit(threads);
            assert!(model == one, "{count} posts on {threads} threads");
            for post in (0..count).step_by(97) {
                assert_eq!(other.scores(post), loo.scores(post), "post {post} of {count}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_forms_agree(count in 2usize..50, dim in 1usize..20, seed in 0u64..1000) {
        let (model, _) = random(count, dim, seed).fit(1);
        let (features, primal) = in_form(&model, true);
        let (posts, dual) = in_form(&model, false);
        prop_assert_eq!(features.weights.len(), 2 * dim * HASHTAGS);
        prop_assert_eq!(posts.weights.len(), count * HASHTAGS);
        assert_close(&primal.bias, &dual.bias, 1e-3, "bias");
        assert_close(&primal.leave_one_out, &dual.leave_one_out, 1e-3, "leave one out");
        for vector in &random(5, dim, seed + 1).vectors {
            let (a, b) = (features.view().scores(vector), posts.view().scores(vector));
            // What is served has 8 bits, and the dual form rounds what is asked.
            let bounds = rounding(&features, &posts, vector);
            for ((a, b), bound) in a.linear.iter().zip(&b.linear).zip(bounds) {
                prop_assert!((a - b).abs() < bound, "{a} and {b}, {bound}");
            }
            for ((what, a), (_, b)) in kinds(&a).into_iter().zip(kinds(&b)).take(6) {
                prop_assert_eq!(a, b, "{}", what);
            }
        }
    }

    /// Some posts asked for are scored as all are, and what is asked changes no model.
    #[test]
    fn scores_of_some_posts_equal_those_among_all(
        count in 1usize..30, dim in 1usize..6, asked in prop::collection::vec(0u32..40, 0..9),
    ) {
        let posts = random(count, dim, 5);
        let (whole, all) = posts.fit(1);
        let (names, params) = ((&posts.names[..], HASHTAGS), MeaningParams::default());
        let (model, some) =
            MeaningModel::fit(&posts.inputs(), names, &params, &asked, 1).unwrap();
        prop_assert_eq!(&model, &whole);
        for post in 0..40 {
            match (some.scores(post), all.scores(post)) {
                (Some(found), Some(expected)) => {
                    prop_assert!(asked.contains(&(post as u32)));
                    for ((what, a), (_, b)) in kinds(&found).into_iter().zip(kinds(&expected)) {
                        assert_close(a, b, 1e-5, what);
                    }
                }
                (found, _) => {
                    prop_assert!(found.is_none());
                    prop_assert!(!asked.contains(&(post as u32)) || post >= count);
                }
            }
        }
    }
}
