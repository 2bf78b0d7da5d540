//! The fits against their definitions.

use rand_pcg::{Pcg32, rand_core::Rng};

use super::{
    exact, landmarks,
    ridge::{Gram, Kernel, Reweigh, Ridge, RidgeInput},
};
use crate::{CandidatesError, bf16, gold::GoldTables};

const PENALTY: f32 = 0.3;

/// Posts as short vectors of length 1; similarity is their inner product.
#[derive(Clone)]
struct Vectors {
    posts: Vec<Vec<f32>>,
    columns: Vec<Vec<f32>>,
    gold: Vec<Vec<u32>>,
}

const HASHTAGS: usize = 3;

fn random(posts: usize, seed: u64) -> Vectors {
    let mut random = Pcg32::new(seed, 1);
    let mut uniform = || random.next_u32() as f32 / u32::MAX as f32;
    let mut vectors = Vec::new();
    let mut gold = Vec::new();
    for _ in 0..posts {
        let mut vector: Vec<f32> = (0..6).map(|_| uniform()).collect();
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|x| *x /= length);
        let carried = (0..HASHTAGS as u32).filter(|&h| uniform() + vector[h as usize] > 1.0);
        gold.push(carried.collect());
        vectors.push(vector);
    }
    Vectors { columns: vectors.clone(), posts: vectors, gold }
}

impl Kernel for Vectors {
    type Worker = ();

    fn worker(&self) {}

    fn row(&self, (): &mut (), post: usize, from: usize, out: &mut [f32]) {
        for (o, column) in out.iter_mut().zip(&self.columns[from..]) {
            *o = similarity(&self.posts[post], column);
        }
    }
}

impl Gram for &Vectors {
    type Worker = ();

    fn worker(&self) {}

    fn column(&self, (): &mut (), post: usize, out: &mut [f32]) {
        self.row(&mut (), post, post, out);
    }
}

/// Half as similar, but as similar to itself.
struct Halved;

impl Reweigh for Halved {
    fn reweigh(&self, _post: usize, column: &mut [f32]) {
        column[1..].iter_mut().for_each(|k| *k /= 2.0);
    }
}

/// The posts of which only pairs are half as similar.
struct HalvedGram<'a>(&'a Vectors);

impl Gram for HalvedGram<'_> {
    type Worker = ();

    fn worker(&self) {}

    fn column(&self, (): &mut (), post: usize, out: &mut [f32]) {
        self.0.column(&mut (), post, out);
        Halved.reweigh(post, out);
    }
}

fn fit(
    posts: &Vectors,
    landmarks: Option<&[u32]>,
    input: &RidgeInput<'_>,
) -> Result<Ridge, CandidatesError> {
    match landmarks {
        None => exact::fit(posts, None::<&Halved>, input).map(|(ridge, _)| ridge),
        Some(landmarks) => landmarks::fit(posts, landmarks, input),
    }
}

fn similarity(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Vectors {
    fn without(&self, post: usize) -> Self {
        let mut rest = self.clone();
        rest.posts.remove(post);
        rest.gold.remove(post);
        rest
    }

    fn fit(&self, landmarks: Option<&[u32]>, threads: usize) -> Result<Ridge, CandidatesError> {
        let every: Vec<u32> = (0..self.posts.len() as u32).collect();
        self.fit_for(&every, landmarks, threads)
    }

    fn fit_for(
        &self,
        asked: &[u32],
        landmarks: Option<&[u32]>,
        threads: usize,
    ) -> Result<Ridge, CandidatesError> {
        self.with_input(asked, threads, |input| fit(self, landmarks, input))
    }

    fn with_input<T>(
        &self,
        asked: &[u32],
        threads: usize,
        fit: impl FnOnce(&RidgeInput<'_>) -> T,
    ) -> T {
        let posts: Vec<&[u32]> = self.gold.iter().map(|gold| &gold[..]).collect();
        let tables = GoldTables::of(HASHTAGS, &posts);
        fit(&RidgeInput { gold: tables.view(), asked, penalty: PENALTY, threads })
    }

    /// The scores a fit gives a vector.
    fn score(&self, ridge: &Ridge, vector: &[f32]) -> Vec<f32> {
        let mut scores = ridge.bias.clone();
        for (score, weights) in scores.iter_mut().zip(ridge.weights.chunks(self.columns.len())) {
            let products = weights.iter().zip(&self.columns);
            *score += products.map(|(w, column)| w * similarity(vector, column)).sum::<f32>();
        }
        scores
    }
}

fn assert_close(a: &[f32], b: &[f32], tolerance: f32) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < tolerance, "{a} and {b}");
    }
}

#[test]
fn the_exact_fit_leaves_out_like_a_refit() {
    let posts = random(40, 1);
    let whole = posts.fit(None, 1).unwrap();
    for (post, left_out) in whole.leave_one_out.chunks_exact(HASHTAGS).enumerate() {
        let mut rest = posts.without(post);
        rest.columns = rest.posts.clone();
        let refitted = rest.score(&rest.fit(None, 1).unwrap(), &posts.posts[post]);
        assert_close(left_out, &refitted, 1e-4);
    }
}

#[test]
fn the_second_classifier_is_that_of_the_reweighted_similarities() {
    let posts = random(300, 8);
    let every: Vec<u32> = (0..300).collect();
    posts.with_input(&every, 1, |input| {
        let (first, second) = exact::fit(&posts, Some(&Halved), input).unwrap();
        let (alone, none) = exact::fit(&posts, None::<&Halved>, input).unwrap();
        assert_eq!((&first.weights, &first.leave_one_out), (&alone.weights, &alone.leave_one_out));
        assert!(none.is_none());
        let (expected, _) = exact::fit(HalvedGram(&posts), None::<&Halved>, input).unwrap();
        let second = second.unwrap();
        assert_close(&second.weights, &expected.weights, 1e-3);
        assert_close(&second.leave_one_out, &expected.leave_one_out, 1e-3);
    });
}

#[test]
fn the_landmark_fit_leaves_out_like_a_refit() {
    let mut posts = random(60, 2);
    let landmarks: Vec<u32> = (0..5).collect();
    posts.columns.truncate(5);
    let whole = posts.fit(Some(&landmarks), 1).unwrap();
    for post in 5..60 {
        let rest = posts.without(post);
        let refitted = rest.fit(Some(&landmarks), 1).unwrap();
        let left_out = &whole.leave_one_out[post * HASHTAGS..][..HASHTAGS];
        assert_close(left_out, &rest.score(&refitted, &posts.posts[post]), 1e-3);
    }
}

#[test]
fn with_every_post_a_landmark_both_fits_agree() {
    // Fewer posts than dimensions, and more: then the kernel of the landmarks is singular.
    for count in [5, 50] {
        let posts = random(count, 3);
        let landmarks: Vec<u32> = (0..count as u32).collect();
        let exact = posts.fit(None, 1).unwrap();
        let scaled = posts.fit(Some(&landmarks), 1).unwrap();
        assert_close(&exact.leave_one_out, &scaled.leave_one_out, 1e-3);
        for unseen in &random(10, 4).posts {
            assert_close(&posts.score(&exact, unseen), &posts.score(&scaled, unseen), 1e-3);
        }
    }
}

#[test]
fn scores_of_some_posts_equal_those_among_all() {
    // More posts than a block of columns, and of posts that stream through.
    let mut posts = random(1100, 7);
    let asked = [3, 255, 256, 1050];
    for landmarks in [None, Some(&[0u32, 1, 2, 3][..])] {
        if landmarks.is_some() {
            posts.columns.truncate(4);
        }
        let all = posts.fit(landmarks, 1).unwrap();
        let some = posts.fit_for(&asked, landmarks, 1).unwrap();
        let none = posts.fit_for(&[], landmarks, 1).unwrap();
        assert_eq!((&all.weights, &all.bias), (&some.weights, &some.bias));
        assert_eq!((&all.weights, &all.bias), (&none.weights, &none.bias));
        assert!(none.leave_one_out.is_empty());
        for (row, &post) in some.leave_one_out.chunks_exact(HASHTAGS).zip(&asked) {
            assert_close(row, &all.leave_one_out[post as usize * HASHTAGS..][..HASHTAGS], 1e-5);
        }
    }
}

#[test]
fn threads_change_nothing_but_time() {
    // More posts than one block of columns.
    let posts = random(300, 5);
    let (one, two) = (posts.fit(None, 1).unwrap(), posts.fit(None, 2).unwrap());
    assert_close(&one.leave_one_out, &two.leave_one_out, 1e-4);
    let again = posts.fit(None, 2).unwrap();
    assert_eq!(two.weights, again.weights);
    let landmarks: Vec<u32> = (0..4).collect();
    let mut few = random(1500, 6);
    few.columns.truncate(4);
    let one = few.fit(Some(&landmarks), 1).unwrap();
    let two = few.fit(Some(&landmarks), 2).unwrap();
    assert_close(&one.leave_one_out, &two.leave_one_out, 1e-3);
}

#[test]
fn no_posts_and_no_hashtags() {
    let none = random(0, 1).fit(None, 1).unwrap();
    assert_eq!(none.bias, [0.0; HASHTAGS]);
    assert!(none.leave_one_out.is_empty());
    let tables = GoldTables::of(0, &[&[], &[]]);
    let gold = tables.view();
    let posts = random(2, 1);
    for landmarks in [None, Some(&[0u32, 1][..])] {
        let input = RidgeInput { gold, asked: &[0, 1], penalty: PENALTY, threads: 1 };
        let ridge = fit(&posts, landmarks, &input).unwrap();
        assert!(ridge.weights.is_empty() && ridge.leave_one_out.is_empty());
    }
}

#[test]
fn weights_are_turned_around_for_serving() {
    // More posts than are turned around at a time, and not a multiple of it.
    let (posts, hashtags) = (150, 3);
    let weights: Vec<f32> = (0..posts * hashtags).map(|i| i as f32 / 4.0).collect();
    let ridge = Ridge { weights, bias: vec![0.0; hashtags], leave_one_out: Vec::new() };
    for (i, &weight) in ridge.narrow(2).iter().enumerate() {
        let (post, hashtag) = (i / hashtags, i % hashtags);
        assert_eq!(weight, bf16::narrow(ridge.weights[hashtag * posts + post]));
    }
    let none = Ridge { weights: Vec::new(), bias: Vec::new(), leave_one_out: Vec::new() };
    assert!(none.narrow(1).is_empty());
}
