//! Trains on tab-separated posts and scores others: `measure_classifier TRAIN.tsv TEST.tsv
//! [VECTORS.txt] [name=value …] [--loss STRATEGY] [--seed N] [--name NAME] [--corpus NAME] [--runs
//! FILE]`.
//!
//! A line of posts is community number, hashtag numbers separated by commas, words separated by
//! spaces; vectors are in word2vec's text format (`words dim`, then `word v1 v2 …`):
//! `prepare_posts` makes all three. `name=value` sets a parameter, in JSON's notation for the value;
//! STRATEGY is a strategy's name or its JSON. Prints the loss and validation NDCG@10 of every
//! epoch, and of the test posts P, R and NDCG@10, the macro mean over communities, and NDCG by the
//! number of a community's training posts. `--runs` appends the run as one line of JSON, with every
//! test post's NDCG, to a file that `loss_table` compares runs from.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::Write,
    ops::{ControlFlow, Range},
    time::Instant,
};

use hashrec_classifier::{Classifier, ClassifierParams, ClassifierPost, WordVectors};
use hashrec_data::{CommunityId, HashtagId};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

/// A post as it stands in the file.
struct Post {
    community: CommunityId,
    gold: Vec<HashtagId>,
    words: Vec<String>,
}

fn posts(path: &str) -> Result<Vec<Post>, Failure> {
    let mut posts = Vec::new();
    for line in fs::read_to_string(path)?.lines() {
        let mut fields = line.splitn(3, '\t');
        let mut field = || fields.next().ok_or("expected three fields");
        let community = CommunityId(field()?.parse()?);
        let tags = field()?.split(',').filter(|tag| !tag.is_empty());
        let gold = tags.map(|tag| tag.parse().map(HashtagId)).collect::<Result<_, _>>()?;
        let words = field()?.split(' ').filter(|word| !word.is_empty());
        posts.push(Post { community, gold, words: words.map(str::to_owned).collect() });
    }
    Ok(posts)
}

/// Vectors read from a file; words that aren't there get zeros.
struct Vectors {
    dim: usize,
    of: HashMap<String, Vec<f32>>,
}

impl Vectors {
    fn read(path: &str) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)?;
        let mut lines = text.lines();
        let header = lines.next().and_then(|line| line.split_once(' ')).ok_or("no header")?;
        let dim = header.1.trim().parse()?;
        let mut of = HashMap::new();
        for line in lines {
            let (word, numbers) = line.split_once(' ').ok_or("expected a word and numbers")?;
            let vector = numbers.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
            of.insert(word.to_owned(), vector);
        }
        Ok(Self { dim, of })
    }
}

impl WordVectors for Vectors {
    fn dim(&self) -> usize {
        self.dim
    }

    fn word_vector(&self, word: &str, out: &mut [f32]) {
        if let Some(vector) = self.of.get(word).filter(|vector| vector.len() == out.len()) {
            out.copy_from_slice(vector);
        }
    }
}

/// What the command line asks for.
struct Arguments {
    paths: Vec<String>,
    params: ClassifierParams,
    name: Option<String>,
    corpus: String,
    runs: Option<String>,
}

impl Arguments {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let (mut paths, mut name, mut corpus, mut runs) = (Vec::new(), None, String::new(), None);
        let mut params = serde_json::to_value(ClassifierParams::default())?;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument}: expected a value"));
            match argument.as_str() {
                "--loss" => {
                    let loss = value()?;
                    params["loss"] = match loss.starts_with('{') {
                        true => serde_json::from_str(&loss)?,
                        false => json!({ "strategy": loss }),
                    };
                }
                "--seed" => params["seed"] = serde_json::from_str(&value()?)?,
                "--name" => name = Some(value()?),
                "--corpus" => corpus = value()?,
                "--runs" => runs = Some(value()?),
                _ => match argument.split_once('=') {
                    Some((name, value)) => params[name] = serde_json::from_str(value)?,
                    None => paths.push(argument),
                },
            }
        }
        Ok(Self { paths, params: serde_json::from_value(params)?, name, corpus, runs })
    }
}

/// User and system seconds of this process so far (Linux; 0 elsewhere).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = |field: &str| field.parse::<f64>().unwrap_or(0.0);
    fields.skip(11).take(2).map(ticks).sum::<f64>() / 100.0
}

/// Precision, recall and NDCG at 10.
fn metrics(scores: &[f32], gold: &[HashtagId]) -> [f64; 3] {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let gain = |rank: usize| 1.0 / ((rank + 2) as f64).log2();
    let (mut hits, mut dcg) = (0.0, 0.0);
    for (rank, &tag) in order.iter().take(10).enumerate() {
        if gold.iter().any(|gold| gold.index() == tag) {
            hits += 1.0;
            dcg += gain(rank);
        }
    }
    let ideal: f64 = (0..gold.len().min(10)).map(gain).sum();
    [hits / 10.0, hits / gold.len() as f64, dcg / ideal]
}

/// Communities by training posts.
const BUCKETS: [(&str, Range<usize>); 5] = [
    ("<50", 0..50),
    ("50-199", 50..200),
    ("200-999", 200..1000),
    (">=1000", 1000..usize::MAX),
    ("<200", 0..200),
];

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count.max(1))
}

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Failure> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let [train_path, test_path, vectors @ ..] = arguments.paths.as_slice() else {
        return Err("usage: measure_classifier TRAIN.tsv TEST.tsv [VECTORS.txt] [name=value …] \
                    [--loss STRATEGY] [--seed N] [--name NAME] [--corpus NAME] [--runs FILE]"
            .into());
    };
    let params = &arguments.params;
    let (train, test) = (posts(train_path)?, posts(test_path)?);
    let vectors = vectors.first().map(|path| Vectors::read(path)).transpose()?;
    let (mut spaces, mut sizes): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for post in &train {
        let communities = spaces.len().max(post.community.index() + 1);
        spaces.resize(communities, 0);
        sizes.resize(communities, 0);
        let tags = post.gold.iter().map(|tag| tag.index() + 1).max().unwrap_or(0);
        let space = &mut spaces[post.community.index()];
        *space = tags.max(*space);
        sizes[post.community.index()] += 1;
    }
    let training: Vec<ClassifierPost<'_>> = train
        .iter()
        .map(|post| ClassifierPost {
            words: post.words.iter().map(String::as_str).collect(),
            community: post.community,
            gold: &post.gold,
        })
        .collect();

    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let init = vectors.as_ref().map(|vectors| vectors as &dyn WordVectors);
    let classifier = Classifier::train(&training, &spaces, init, params, &mut |progress| {
        if progress.epoch_done {
            println!(
                "epoch {:2} loss {:.4} validation {:.4} {:.0} posts/s, {:.0} CPU s, {:.0} s left",
                progress.epoch,
                progress.loss,
                progress.validation.unwrap_or(f64::NAN),
                progress.posts_per_second,
                cpu_seconds() - cpu,
                progress.remaining.as_secs_f64(),
            );
        }
        ControlFlow::Continue(())
    })?;
    let train_cpu = cpu_seconds() - cpu;
    println!("trained: {:.2} s, {train_cpu:.2} CPU s", wall.elapsed().as_secs_f64());

    let cpu = cpu_seconds();
    let mut sums = [0.0; 3];
    // Training posts of the community, community, NDCG.
    let mut each: Vec<(usize, u32, f64)> = Vec::new();
    let mut by_community: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for post in test.iter().filter(|post| !post.gold.is_empty()) {
        let scores = classifier.logits(post.community, post.words.iter().map(String::as_str))?;
        let values = metrics(&scores, &post.gold);
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        each.push((sizes[post.community.index()], post.community.0, values[2]));
        by_community.entry(post.community.0).or_default().push(values[2]);
    }
    let [p, r, ndcg] = sums.map(|sum| sum / each.len() as f64);
    let macro_mean = mean(by_community.values().map(|values| mean(values.iter().copied())));
    println!("{} posts: P {p:.4} R {r:.4} NDCG {ndcg:.4} macro {macro_mean:.4}", each.len());
    let mut buckets = serde_json::Map::new();
    for (name, range) in BUCKETS {
        let of: Vec<f64> =
            each.iter().filter(|(size, ..)| range.contains(size)).map(|post| post.2).collect();
        println!("{name:>8}: {:.4} on {} posts", mean(of.iter().copied()), of.len());
        buckets.insert(name.into(), json!([of.len(), mean(of.iter().copied())]));
    }
    let per_post = (cpu_seconds() - cpu) * 1e3 / each.len() as f64;
    println!("{per_post:.2} CPU ms a post, {} bytes on disk", classifier.write()?.len());
    if let Some(path) = &arguments.runs {
        let strategy = serde_json::to_value(params.loss)?["strategy"].clone();
        let run = json!({
            "corpus": arguments.corpus,
            "name": arguments.name.as_deref().map_or(strategy, Value::from),
            "seed": params.seed,
            "loss": params.loss,
            "oversampling": params.oversampling,
            "settings": params,
            "vectors": vectors.is_some(),
            "ndcg": ndcg,
            "macro": macro_mean,
            "buckets": buckets,
            "best_epoch": classifier.summary().best_epoch,
            "epochs": classifier.summary().losses.len(),
            "validation": classifier.summary().validation,
            "cpu_seconds": train_cpu,
            "posts": each,
        });
        writeln!(fs::OpenOptions::new().create(true).append(true).open(path)?, "{run}")?;
    }
    Ok(())
}
