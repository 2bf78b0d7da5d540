//! Training the runs of an experiment, sharing what they have in common, and keeping what they gave.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use hashrec::{Config, Post, Recommender, Request, Split, Trainer};
use hashrec_examples::Bars;
use indicatif::ProgressBar;

use crate::outcome::{Answer, Facts, Outcome};

/// Recommendations that are kept for each post: enough for recall@50.
pub const DEPTH: usize = 50;

/// Characters of the texts whose way to a vector is timed, as in the paper's section 4.5.
const TIMED_CHARACTERS: usize = 400;

/// How many such texts are timed.
const TIMED_TEXTS: usize = 200;

/// The runs of an experiment on some posts: a folder where everything that is finished is kept.
pub struct Runs {
    folder: PathBuf,
    /// A hash of the posts.
    posts: blake3::Hasher,
}

impl Runs {
    /// The runs of a folder, which may hold what earlier starts left.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub fn open(folder: &Path, given: &Split) -> Result<Self, Box<dyn Error>> {
        fs::create_dir_all(folder.join("runs"))?;
        Ok(Self { folder: folder.to_owned(), posts: posts_hash(given)? })
    }

    /// The file of a run: its name, and a hash of all that decides what it gives, which is what its
    /// system uses of the configuration and no more.
    fn path(&self, name: &str, config: &Config) -> Result<PathBuf, Box<dyn Error>> {
        let mut hasher = self.posts.clone();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(config.to_toml_of_system()?.as_bytes());
        let key = hasher.finalize().to_hex();
        Ok(self.folder.join("runs").join(format!("{name}-{}.jsonl", &key[..16])))
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
        let path = self.path(name, &config)?;
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

fn posts_hash(split: &Split) -> Result<blake3::Hasher, Box<dyn Error>> {
    let mut hasher = blake3::Hasher::new();
    for side in [&split.train, &split.test] {
        hasher.update(&(side.len() as u64).to_le_bytes());
        hasher.update(&serde_json::to_vec(side)?);
    }
    Ok(hasher)
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

/// The mean CPU time from a text of 400 characters to its vector, in milliseconds; texts that are
/// shorter are continued with the next ones.
fn vector_ms(recommender: &Recommender, posts: &[Post]) -> Option<f64> {
    let text = |from: usize| -> String {
        let all = posts.iter().skip(from).chain(posts.iter().take(from));
        all.flat_map(|post| post.text.chars()).take(TIMED_CHARACTERS).collect()
    };
    let texts: Vec<String> = (0..posts.len().min(TIMED_TEXTS)).map(text).collect();
    recommender.text_vector(texts.first()?).ok()??;
    let start = cpu_seconds();
    for text in &texts {
        std::hint::black_box(recommender.text_vector(text).ok()?);
    }
    Some((cpu_seconds() - start) * 1e3 / texts.len() as f64)
}

/// CPU seconds of this process so far, on all threads.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use hashrec::System;

    use super::*;

    #[test]
    fn a_run_is_known_by_what_its_system_uses() {
        let folder = tempfile::tempdir().unwrap();
        let path = |base: &Config, split: &Split, system| {
            let runs = Runs::open(folder.path(), split).unwrap();
            runs.path("run", &base.clone().with_system(system)).unwrap()
        };
        let (base, split) = (Config::default(), Split::default());
        let mut other = base.clone();
        other.ranker.trees += 1;
        let same = |system| path(&base, &split, system) == path(&other, &split, system);
        assert!(same(System::LightGbm) && same(System::Linear));
        assert!(!same(System::Hashrec));

        let post = Post::new("1", "c", "", ["tag"], None);
        let more = Split { test: vec![post], ..Split::default() };
        assert_ne!(path(&base, &split, System::Linear), path(&base, &more, System::Linear));
    }
}
