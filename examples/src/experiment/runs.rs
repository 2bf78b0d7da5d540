//! Training the runs of an experiment, sharing what they have in common, and keeping what they gave.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use hashrec::{Config, Post, Recommender, Request, Split, Trainer};
use indicatif::ProgressBar;

use super::{Answer, Facts, Outcome, write_whole};
use crate::Bars;

/// Recommendations that are kept for each post: enough for recall@50.
pub const DEPTH: usize = 50;

/// Characters of the texts whose way to a vector is timed, as in the paper's section 4.5.
const TIMED_CHARACTERS: usize = 400;

/// How many such texts are timed.
const TIMED_TEXTS: usize = 200;

/// The runs of an experiment: a folder where everything that is finished is kept.
pub struct Runs {
    folder: PathBuf,
}

impl Runs {
    /// The runs of a folder, which may hold what an earlier start of the same experiment (the same
    /// configuration to begin with, the same posts) left.
    ///
    /// # Errors
    /// If it holds another experiment's runs, or can't be written.
    pub fn open(folder: &Path, base: &Config, given: &Split) -> Result<Self, Box<dyn Error>> {
        fs::create_dir_all(folder.join("runs"))?;
        let runs = Self { folder: folder.to_owned() };
        runs.check_same(base, given)?;
        Ok(runs)
    }

    /// Refuses a folder with another experiment's runs.
    fn check_same(&self, base: &Config, given: &Split) -> Result<(), Box<dyn Error>> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(base.to_toml()?.as_bytes());
        for side in [&given.train, &given.test] {
            hasher.update(&(side.len() as u64).to_le_bytes());
            hasher.update(&serde_json::to_vec(side)?);
        }
        let fingerprint = hasher.finalize().to_hex().to_string();
        let path = self.folder.join("experiment");
        match fs::read_to_string(&path) {
            Ok(found) if found.trim() == fingerprint => Ok(()),
            Ok(_) => Err(format!(
                "{} holds runs on other posts or with another configuration: give another --out, \
                 or delete it",
                self.folder.display()
            )
            .into()),
            Err(_) => write_whole(&path, format!("{fingerprint}\n")),
        }
    }

    /// What a run gives: from its file, or by training and recommending now. `name` tells the
    /// experiment's runs apart.
    ///
    /// # Errors
    /// What training finds, a file that can't be written, a file of a run that is damaged.
    pub fn outcome(
        &self,
        name: &str,
        config: Config,
        split: &Split,
    ) -> Result<Outcome, Box<dyn Error>> {
        let path = self.folder.join("runs").join(format!("{name}.jsonl"));
        if let Some(outcome) = Outcome::read(&path)? {
            return Ok(outcome);
        }
        let Split { train, test, .. } = split;
        let before = cpu_seconds();
        let mut bars = Bars::default();
        let (recommender, _) = Trainer::new(config)?
            .with_finished_steps(self.folder.join("steps"))
            .with_progress(|progress| bars.show(progress))
            .train(train)?;
        bars.finish();
        let trained = cpu_seconds();
        let answers = answers(&recommender, test)?;
        let mut facts = facts(&recommender);
        facts.train_cpu_s = trained - before;
        facts.recommend_cpu_s = cpu_seconds() - trained;
        facts.vector_ms = vector_ms(&recommender, test);
        let outcome = Outcome { facts, answers };
        outcome.write(&path)?;
        Ok(outcome)
    }
}

/// Recommends for every post, a chunk at a time.
fn answers(recommender: &Recommender, posts: &[Post]) -> Result<Vec<Answer>, Box<dyn Error>> {
    let bar = ProgressBar::new(posts.len() as u64);
    let mut answers = Vec::with_capacity(posts.len());
    for chunk in posts.chunks(256) {
        let known: Vec<&Post> =
            chunk.iter().filter(|post| recommender.hashtags(&post.community).is_some()).collect();
        let requests: Vec<Request> = known.iter().map(|post| request(post)).collect();
        for (post, answer) in known.iter().zip(recommender.recommend_batch(&requests)) {
            let space: Vec<&str> =
                recommender.hashtags(&post.community).into_iter().flatten().collect();
            let gold = post.hashtags.iter().filter(|tag| space.contains(&tag.as_str()));
            answers.push(Answer {
                id: post.id.clone(),
                community: post.community.clone(),
                gold: gold.cloned().collect(),
                hashtags: answer?.into_iter().map(|hit| hit.hashtag).collect(),
            });
        }
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    Ok(answers)
}

fn request(post: &Post) -> Request {
    let request = Request::new(&post.community, &post.text).with_k(DEPTH);
    Request { created_at: post.created_at, ..request }
}

fn facts(recommender: &Recommender) -> Facts {
    let manifest = recommender.manifest();
    let communities: Vec<&str> = recommender.communities().collect();
    Facts {
        train_cpu_s: 0.0,
        recommend_cpu_s: 0.0,
        bundle_bytes: manifest.parts.values().map(|part| part.length).sum(),
        train_posts: communities
            .iter()
            .filter_map(|&name| Some((name.to_owned(), recommender.posts(name)?)))
            .collect(),
        hashtags: communities
            .iter()
            .filter_map(|&name| Some((name.to_owned(), recommender.hashtags(name)?.len())))
            .collect(),
        vector_ms: None,
        gain: recommender.importance().into_iter().collect(),
    }
}

/// The mean time from a text of 400 characters to its vector, on this thread; texts that are shorter
/// are continued with the next ones.
fn vector_ms(recommender: &Recommender, posts: &[Post]) -> Option<f64> {
    let text = |from: usize| -> String {
        let all = posts.iter().skip(from).chain(posts.iter().take(from));
        all.flat_map(|post| post.text.chars()).take(TIMED_CHARACTERS).collect()
    };
    let texts: Vec<String> = (0..posts.len().min(TIMED_TEXTS)).map(text).collect();
    recommender.text_vector(texts.first()?).ok()??;
    let start = Instant::now();
    for text in &texts {
        std::hint::black_box(recommender.text_vector(text).ok()?);
    }
    Some(start.elapsed().as_secs_f64() * 1e3 / texts.len() as f64)
}

/// CPU seconds of this process so far, on all threads.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
