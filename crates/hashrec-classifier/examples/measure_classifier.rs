//! Trains on tab-separated posts and scores others: `measure_classifier TRAIN.tsv TEST.tsv [VECTORS.txt]
//! [name=value …]`.
//!
//! A line of posts is community number, hashtag numbers separated by commas, words separated by
//! spaces. Vectors are in word2vec's text format (`words dim`, then `word v1 v2 …`). `name=value`
//! sets a parameter, in JSON's notation for the value. Prints the loss and validation NDCG@10 of
//! every epoch, and P, R and NDCG@10 and the macro mean over communities of the test posts.

use std::{collections::HashMap, fs, ops::ControlFlow, time::Instant};

use hashrec_classifier::{Classifier, ClassifierParams, TrainingPost, WordVectors};
use hashrec_data::{CommunityId, HashtagId};

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

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Failure> {
    let (settings, paths): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.contains('='));
    let [train_path, test_path, vectors @ ..] = paths.as_slice() else {
        return Err(
            "usage: measure_classifier TRAIN.tsv TEST.tsv [VECTORS.txt] [name=value …]".into()
        );
    };
    let mut params = serde_json::to_value(ClassifierParams::default())?;
    for setting in &settings {
        let (name, value) = setting.split_once('=').ok_or("expected name=value")?;
        params[name] = serde_json::from_str(value)?;
    }
    let params: ClassifierParams = serde_json::from_value(params)?;
    let (train, test) = (posts(train_path)?, posts(test_path)?);
    let vectors = vectors.first().map(|path| Vectors::read(path)).transpose()?;
    let mut spaces: Vec<usize> = Vec::new();
    for post in train.iter().chain(&test) {
        spaces.resize(spaces.len().max(post.community.index() + 1), 0);
        let tags = post.gold.iter().map(|tag| tag.index() + 1).max().unwrap_or(0);
        let space = &mut spaces[post.community.index()];
        *space = tags.max(*space);
    }
    let training: Vec<TrainingPost<'_>> = train
        .iter()
        .map(|post| TrainingPost {
            words: post.words.iter().map(String::as_str).collect(),
            community: post.community,
            gold: &post.gold,
        })
        .collect();

    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let init = vectors.as_ref().map(|vectors| vectors as &dyn WordVectors);
    let classifier = Classifier::train(&training, &spaces, init, &params, &mut |progress| {
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
    println!("trained: {:.0} s, {:.0} CPU s", wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);

    let cpu = cpu_seconds();
    let mut sums = [0.0; 3];
    let mut by_community: HashMap<u32, (f64, usize)> = HashMap::new();
    let scored: Vec<&Post> = test.iter().filter(|post| !post.gold.is_empty()).collect();
    for post in &scored {
        let scores = classifier.logits(post.community, post.words.iter().map(String::as_str))?;
        let values = metrics(&scores, &post.gold);
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        let entry = by_community.entry(post.community.0).or_default();
        *entry = (entry.0 + values[2], entry.1 + 1);
    }
    let [p, r, ndcg] = sums.map(|sum| sum / scored.len() as f64);
    let macro_mean = by_community.values().map(|(sum, n)| sum / *n as f64).sum::<f64>()
        / by_community.len() as f64;
    println!("{} posts: P {p:.4} R {r:.4} NDCG {ndcg:.4} macro {macro_mean:.4}", scored.len());
    let each = (cpu_seconds() - cpu) * 1e3 / scored.len() as f64;
    println!("{each:.2} CPU ms a post, {} bytes on disk", classifier.write()?.len());
    Ok(())
}
