//! Recommending from raw text, beside what it is made of and simpler systems, in one run.
//!
//! Trains on the sample posts first. `cargo bench` then prints, after criterion's report, how many
//! times the work of splitting the text into words each system takes, measured in turn.

#![allow(missing_docs, clippy::print_stdout)]

use std::{error::Error, hint::black_box, path::Path, process::ExitCode};

use criterion::{BenchmarkId, Criterion, Throughput};
use hashrec::{Config, HashSplit, Post, Recommender, Request, Split, System, Trainer};
use hashrec_benches::{Alternatives, evenly_spaced};
use hashrec_examples::{SAMPLE_POSTS, exit, read_posts};
use hashrec_tokenize::{TextTokenizer, Tokenizer, TokenizerParams, Tokens};

/// Posts of one measured pass.
const PASS: usize = 100;
/// Passes of each alternative in the table of ratios.
const ROUNDS: usize = 30;
/// Posts to train on when the benches are only checked to run.
const FEW: usize = 400;

const SYSTEMS: [(&str, System); 4] = [
    ("popular", System::Popular),
    ("linear", System::Linear),
    ("nearest-posts", System::NearestPosts),
    ("hashrec", System::Hashrec),
];

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let split = Split::by_hash(read_posts(Path::new(SAMPLE_POSTS))?, &HashSplit::default())?;
    let train =
        if measured { &split.train[..] } else { &split.train[..FEW.min(split.train.len())] };
    let systems = SYSTEMS
        .iter()
        .map(|&(name, system)| Ok((name, trained(system, train)?)))
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let requests: Vec<Request> = {
        let known = |post: &&Post| systems[0].1.hashtags(&post.community).is_some();
        let posts: Vec<&Post> = split.test.iter().filter(known).collect();
        let chosen = evenly_spaced(&posts, PASS);
        chosen.iter().map(|post| Request::new(&post.community, &post.text)).collect()
    };
    let hashtags = train.iter().flat_map(|post| post.hashtags.iter().map(String::as_str));
    let tokenizer = TextTokenizer::unicode(TokenizerParams::default(), hashtags)?;

    let mut criterion = Criterion::default().configure_from_args();
    one_thread(&mut criterion, &tokenizer, &systems, &requests);
    all_cores(&mut criterion, &systems, &requests);
    if measured {
        let mut turns =
            Alternatives::default().with("words only", || words_only(&tokenizer, &requests));
        for (name, recommender) in &systems {
            turns = turns.with(*name, || one_by_one(recommender, &requests));
        }
        if let Some((name, recommender)) = systems.last() {
            turns = turns.with(format!("{name}, batch"), || batch(recommender, &requests));
        }
        println!("\n{} posts from raw text, in turn\n{}", requests.len(), turns.compare(ROUNDS));
    }
    criterion.final_summary();
    Ok(())
}

fn trained(system: System, posts: &[Post]) -> Result<Recommender, Box<dyn Error>> {
    Ok(Trainer::new(Config::default().with_system(system))?.train(posts)?.0)
}

/// One post after the other: what a request costs.
fn one_thread(
    criterion: &mut Criterion,
    tokenizer: &TextTokenizer,
    systems: &[(&str, Recommender)],
    requests: &[Request],
) {
    let mut group = criterion.benchmark_group("recommend/one thread");
    group.throughput(Throughput::Elements(requests.len() as u64));
    group.bench_function("words only", |bencher| bencher.iter(|| words_only(tokenizer, requests)));
    for (name, recommender) in systems {
        group.bench_function(*name, |bencher| bencher.iter(|| one_by_one(recommender, requests)));
    }
    group.finish();
}

/// Many posts at once.
fn all_cores(criterion: &mut Criterion, systems: &[(&str, Recommender)], requests: &[Request]) {
    let mut group = criterion.benchmark_group("recommend/batch on all cores");
    group.throughput(Throughput::Elements(requests.len() as u64));
    for (name, recommender) in systems {
        let id = BenchmarkId::from_parameter(name);
        group.bench_function(id, |bencher| bencher.iter(|| batch(recommender, requests)));
    }
    group.finish();
}

fn words_only(tokenizer: &TextTokenizer, requests: &[Request]) {
    let mut tokens = Tokens::default();
    for request in requests {
        // A worker each, as every call of `recommend` has its own.
        tokenizer.worker().tokenize(black_box(&request.text), &mut tokens);
        black_box(&tokens);
    }
}

fn one_by_one(recommender: &Recommender, requests: &[Request]) {
    for request in requests {
        let _ = black_box(recommender.recommend_for(black_box(request)));
    }
}

fn batch(recommender: &Recommender, requests: &[Request]) {
    let _ = black_box(recommender.recommend_batch(black_box(requests)));
}
