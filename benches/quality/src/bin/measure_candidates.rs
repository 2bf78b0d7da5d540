//! Fits the generators of a whole corpus, then says how good, how fast and how large they are.
//!
//! Usage: `measure_candidates TOKENS.jsonl [THREADS] [EXACT_UP_TO] [LANDMARKS]`, where each line is a post
//! that has been split into words: `{"part": "train" | "test", "c": community, "x": text,
//! "h": [hashtags], "t": [words]}`.
#![allow(clippy::print_stdout)]

use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    io::BufRead,
    time::Instant,
};

use hashrec_candidates::{
    CandidateParams, CandidateStore, CandidateStoreBuilder, CommunityModel, IndexScores,
    LinearParams, PostFeatures, PostInput, Scratch, SimpleStore, SimpleStoreBuilder, TagInput,
    fuse,
};
use hashrec_data::{CommunityId, HashtagId};
use hashrec_tokenize::Tokens;

#[derive(serde::Deserialize)]
struct Line {
    part: String,
    c: String,
    x: String,
    h: Vec<String>,
    t: Vec<String>,
    #[serde(default)]
    created_at: Option<i64>,
}

struct Post {
    text: String,
    tokens: Tokens,
    created_at: Option<i64>,
    hashtags: Vec<String>,
}

/// CPU seconds of this process so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The highest memory use of this process so far.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned()
}

/// Normalised discounted cumulative gain of the ten best.
fn ndcg(scores: &[f32], gold: &[HashtagId]) -> f64 {
    let discount = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    let best = IndexScores::best(scores, 10);
    let is_gold = |hashtag: usize| gold.iter().any(|g| g.0 as usize == hashtag);
    let hits = best.iter().enumerate().filter(|&(_, &hashtag)| is_gold(hashtag));
    let ideal: f64 = (0..gold.len().min(10)).map(discount).sum();
    hits.map(|(rank, _)| discount(rank)).sum::<f64>() / ideal
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, default: usize| {
        arguments.get(i).map_or(Ok(default), |argument| argument.parse::<usize>())
    };
    let path = arguments.first().ok_or("usage: measure_candidates TOKENS.jsonl [THREADS] …")?;
    let base = LinearParams::default();
    let linear = base
        .clone()
        .with_exact_up_to(number(2, base.exact_up_to)?)
        .with_landmarks(number(3, base.landmarks)?);
    let params = CandidateParams::default().with_threads(number(1, 1)?).with_linear(linear);

    let mut parts: [BTreeMap<String, Vec<Post>>; 2] = Default::default();
    for line in std::io::BufReader::new(std::fs::File::open(path)?).lines() {
        let line: Line = serde_json::from_str(&line?)?;
        let mut tokens = Tokens::default();
        line.t.iter().for_each(|word| tokens.push(word, 0..0));
        let post = Post { text: line.x, tokens, created_at: line.created_at, hashtags: line.h };
        parts[usize::from(line.part == "test")].entry(line.c).or_default().push(post);
    }
    let [train, test] = parts;

    let (start, mut loo_cpu) = (cpu(), 0.0);
    let mut builder = CandidateStoreBuilder::new(&params);
    let mut simple = SimpleStoreBuilder::new(0);
    let mut spaces: Vec<HashMap<&str, HashtagId>> = Vec::new();
    let mut left_out = [0.0; 2];
    let mut posts_fitted = 0;
    for (community, posts) in train.values().enumerate() {
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        posts.iter().flat_map(|post| &post.hashtags).for_each(|h| *uses.entry(h).or_default() += 1);
        let mut order: Vec<&str> = uses.keys().copied().collect();
        order.sort_by_key(|h| std::cmp::Reverse(uses[h]));
        let tags: Vec<TagInput<'_>> = order
            .iter()
            .map(|&name| TagInput { name, uses: uses[name] as u32, vector: &[] })
            .collect();
        simple.add(CommunityId(community as u32), &tags)?;
        let space: HashMap<&str, HashtagId> = order.into_iter().zip((0..).map(HashtagId)).collect();
        let gold: Vec<Vec<HashtagId>> = posts
            .iter()
            .map(|post| post.hashtags.iter().map(|h| space[h.as_str()]).collect())
            .collect();
        let inputs: Vec<PostInput<'_>> = posts
            .iter()
            .zip(&gold)
            .map(|(post, gold)| PostInput {
                tokens: &post.tokens,
                text: &post.text,
                created_at: post.created_at,
                meaning: &[],
                gold,
            })
            .collect();
        let (begin, wall) = (cpu(), Instant::now());
        let (model, loo) = CommunityModel::fit_with_loo(&inputs, space.len(), &params)?;
        if posts.len() > 5000 {
            let (cpu, wall) = (cpu() - begin, wall.elapsed());
            println!("{} posts, {} hashtags: {cpu:.1} CPU s, {wall:.1?}", posts.len(), space.len());
        }
        let begin = cpu();
        let mut scratch = Scratch::default();
        for (post, gold) in gold.iter().enumerate().filter(|(_, gold)| !gold.is_empty()) {
            let scores = loo.scores(post, &[], &mut scratch);
            left_out[0] += ndcg(&scores.linear, gold);
            left_out[1] += ndcg(&scores.nearest, gold);
            posts_fitted += 1;
        }
        loo_cpu += cpu() - begin;
        drop(loo);
        builder.add(CommunityId(community as u32), model)?;
        spaces.push(space);
    }
    println!("fit {:.1} CPU s, leave-one-out rows {loo_cpu:.1} CPU s", cpu() - start - loo_cpu);
    let count = f64::from(posts_fitted);
    println!("left out: linear {:.4}, nearest {:.4}", left_out[0] / count, left_out[1] / count);
    let bytes = builder.write()?;
    println!("file {:.1} MB, {}", bytes.len() as f64 / 1e6, peak());
    let begin = Instant::now();
    let store = CandidateStore::read(bytes.into())?;
    println!("read in {:.1?}", begin.elapsed());

    let (mut times, mut largest_times) = (Vec::new(), Vec::new());
    let largest = train.values().map(Vec::len).max().unwrap_or(0);
    let simple = SimpleStore::read(simple.write()?.into())?;
    let mut simple_times = Vec::new();
    let mut sums = [0.0; 5];
    let mut scratch = Scratch::default();
    let mut features = PostFeatures::default();
    for (community, (name, posts)) in train.iter().enumerate() {
        let Some(view) = store.community(CommunityId(community as u32)) else { continue };
        for post in test.get(name).into_iter().flatten() {
            let space = &spaces[community];
            let gold: Vec<HashtagId> =
                post.hashtags.iter().filter_map(|h| space.get(h.as_str()).copied()).collect();
            let begin = Instant::now();
            view.extractor().extract(&post.tokens, &post.text, &mut features);
            let scores = view.scores(&features, post.created_at, None, &[], &mut scratch);
            let time = begin.elapsed();
            times.push(time);
            if posts.len() == largest {
                largest_times.push(time);
            }
            let begin = Instant::now();
            let mut fused = vec![0.0; view.hashtags()];
            if let Some(simple) = simple.community(CommunityId(community as u32)) {
                let found = simple.candidates(&post.tokens, &[], &params.simple);
                for (hashtag, score) in fuse(&found, &params.simple) {
                    fused[hashtag.0 as usize] = score;
                }
            }
            simple_times.push(begin.elapsed());
            let IndexScores { linear, nearest, nearest_best, centroid, .. } = &scores;
            let kinds = [linear, nearest, nearest_best, centroid, &fused];
            sums.iter_mut().zip(kinds).for_each(|(sum, kind)| *sum += ndcg(kind, &gold));
        }
    }
    let [linear, nearest, best, centroid, fused] = sums.map(|sum| sum / times.len() as f64);
    println!("test NDCG@10: linear {linear:.4}, nearest {nearest:.4}");
    println!("best {best:.4}, centroid {centroid:.4}, edit distance and popularity {fused:.4}");
    for (what, times) in [
        ("all", &mut times),
        ("largest community", &mut largest_times),
        ("edit distance and popularity", &mut simple_times),
    ] {
        times.sort();
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        println!("{what}: p50 {:.2?}, p99 {:.2?} of {}", at(50), at(99), times.len());
    }
    println!("{}", peak());
    Ok(())
}
