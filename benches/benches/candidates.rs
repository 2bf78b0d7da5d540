//! Scoring all hashtags of one large community for a post.
//!
//! The peer is the same community without sums of what common features add: it looks at every post.

#![allow(missing_docs, clippy::print_stdout)]

use std::{error::Error, hint::black_box, process::ExitCode};

use criterion::Criterion;
use hashrec_benches::Alternatives;
use hashrec_candidates::{
    CandidateParams, CommunityModel, LinearParams, PostFeatures, PostInput, Scratch,
};
use hashrec_data::HashtagId;
use hashrec_examples::exit;
use hashrec_tokenize::Tokens;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const POSTS: usize = 5_000;
/// Posts when the benches are only checked to run.
const FEW: usize = 300;
const HASHTAGS: usize = 350;
const WORDS: f64 = 3_000.0;
const WORDS_PER_POST: usize = 15;
/// Posts of one measured pass.
const PASS: usize = 50;
/// Passes of each alternative in the table of ratios.
const ROUNDS: usize = 30;

const SECONDS_PER_DAY: i64 = 86_400;

struct Post {
    text: String,
    tokens: Tokens,
    created_at: i64,
    gold: Vec<HashtagId>,
}

impl Post {
    /// Some words are in nearly every post and most in few, as in any language.
    fn random(rng: &mut Pcg64, day: usize) -> Self {
        let mut tokens = Tokens::default();
        let mut text = String::new();
        for _ in 0..WORDS_PER_POST {
            let word = spelled(WORDS.powf(rng.random_range(0.0..1.0)) as u64);
            tokens.push(&word, 0..0);
            text += &word;
            text.push(' ');
        }
        let tag = |rng: &mut Pcg64| (HASHTAGS as f64).powf(rng.random_range(0.0..1.0)) as u32 - 1;
        let gold = (0..3).map(|_| HashtagId(tag(rng))).collect();
        Self { text, tokens, created_at: day as i64 * SECONDS_PER_DAY, gold }
    }

    fn input(&self) -> PostInput<'_> {
        let Self { text, tokens, created_at, gold } = self;
        PostInput { tokens, text, created_at: Some(*created_at), meaning: &[], gold }
    }
}

/// A number as two to four syllables: n-grams of characters are shared by many words.
fn spelled(number: u64) -> String {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let syllables = 2 + (mixed >> 60) % 3;
    let mut letter = |letters: &[u8]| {
        mixed = mixed.rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        char::from(letters[(mixed >> 32) as usize % letters.len()])
    };
    (0..syllables).flat_map(|_| [letter(b"bdfgklmnprstvz"), letter(b"aeiou")]).collect()
}

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let mut rng = Pcg64::seed_from_u64(1);
    let count = if measured { POSTS } else { FEW };
    let posts: Vec<Post> = (0..count).map(|day| Post::random(&mut rng, day)).collect();
    let inputs: Vec<PostInput<'_>> = posts.iter().map(Post::input).collect();
    let fit = |linear: LinearParams| {
        let params = CandidateParams::default().with_linear(linear);
        CommunityModel::fit(&inputs, HASHTAGS, &params)
    };
    let with_sums = fit(LinearParams::default())?;
    let every_post = fit(LinearParams::default().with_summed_from(0))?;
    let asked: Vec<PostFeatures> = (0..PASS)
        .map(|_| {
            let (post, mut features) = (Post::random(&mut rng, 0), PostFeatures::default());
            with_sums.view().extractor().extract(&post.tokens, &post.text, &mut features);
            features
        })
        .collect();

    let mut scratch = Scratch::default();
    let mut pass = |model: &CommunityModel, time: Option<i64>| {
        let view = model.view();
        for post in black_box(&asked) {
            black_box(view.scores(post, time, None, &[], &mut scratch));
        }
    };
    // The time of a new post is that of the newest; that of an old one lies between others.
    let middle = Some(posts[count * 5 / 8].created_at);
    let runs = [
        ("every post", &every_post, None),
        ("sums", &with_sums, None),
        ("every post, an old one asked", &every_post, middle),
        ("sums, an old one asked", &with_sums, middle),
    ];
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("candidates");
    for (name, model, time) in runs {
        group.bench_function(name, |bencher| bencher.iter(|| pass(model, time)));
    }
    group.finish();
    if measured {
        let pass = std::cell::RefCell::new(pass);
        let turns = runs.iter().fold(Alternatives::default(), |turns, &(name, model, time)| {
            let pass = &pass;
            turns.with(name, move || (*pass.borrow_mut())(model, time))
        });
        println!("\n{PASS} posts of {count}, in turn\n{}", turns.compare(ROUNDS));
    }
    criterion.final_summary();
    Ok(())
}
