//! What a run gave: kept in a file, whole or not at all, so that a killed experiment goes on.

use std::{
    collections::BTreeMap,
    error::Error,
    fs::{self, File},
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// What is known of a run besides its recommendations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// CPU seconds of training that no earlier run of the experiment had spent already.
    pub train_cpu_s: f64,
    /// CPU seconds of recommending for all posts.
    pub recommend_cpu_s: f64,
    /// Bytes of the bundle's parts.
    pub bundle_bytes: u64,
    /// Posts that each community was trained on.
    pub train_posts: BTreeMap<String, u64>,
    /// Hashtags of each community.
    pub hashtags: BTreeMap<String, usize>,
    /// CPU milliseconds from a text of 400 characters to its vector, if the system has vectors and
    /// there are such texts.
    pub vector_ms: Option<f64>,
    /// What each column of the ranker's rows was worth in training.
    #[serde(default)]
    pub gain: BTreeMap<String, f64>,
}

/// A post, what it was recommended, and what its author chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The post.
    pub id: String,
    /// Its community.
    pub community: String,
    /// The author's hashtags, of those the community's space holds.
    pub gold: Vec<String>,
    /// The recommendations, best first.
    pub hashtags: Vec<String>,
}

/// A run's facts and answers.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What is known of it.
    pub facts: Facts,
    /// One answer a post, in the order of the posts.
    pub answers: Vec<Answer>,
}

impl Outcome {
    /// Reads a file that [`Outcome::write`] wrote; `None` if there is none.
    ///
    /// # Errors
    /// If it can't be read; a damaged line is named.
    pub fn read(path: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        if !path.exists() {
            return Ok(None);
        }
        let mut lines = BufReader::new(File::open(path)?).lines();
        let wrong = |problem: String| format!("{}: {problem}; delete it", path.display());
        let first = lines.next().ok_or_else(|| wrong("is empty".into()))??;
        let facts = serde_json::from_str(&first).map_err(|e| wrong(format!("line 1: {e}")))?;
        let mut answers = Vec::new();
        for (number, line) in (2..).zip(lines) {
            let line = line.map_err(|e| wrong(format!("line {number}: {e}")))?;
            let answer = serde_json::from_str(&line);
            answers.push(answer.map_err(|e| wrong(format!("line {number}: {e}")))?);
        }
        Ok(Some(Self { facts, answers }))
    }

    /// Writes facts on the first line and an answer on each line after it.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let temporary = temporary(path);
        let mut out = BufWriter::new(File::create(&temporary)?);
        serde_json::to_writer(&mut out, &self.facts)?;
        for answer in &self.answers {
            out.write_all(b"\n")?;
            serde_json::to_writer(&mut out, answer)?;
        }
        out.write_all(b"\n")?;
        out.into_inner()?.sync_all()?;
        Ok(fs::rename(temporary, path)?)
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// If it can't be written.
pub fn write_whole(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Box<dyn Error>> {
    fs::write(temporary(path), content)?;
    Ok(fs::rename(temporary(path), path)?)
}

/// Where a file is written before it gets its name.
fn temporary(path: &Path) -> PathBuf {
    path.with_extension("tmp")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        let answer = Answer {
            id: "a\"1".into(),
            community: "c".into(),
            gold: vec!["新機能".into()],
            hashtags: vec!["x\ny".into(), "新機能".into()],
        };
        let facts = Facts {
            train_cpu_s: 1.5,
            recommend_cpu_s: 0.25,
            bundle_bytes: 7,
            train_posts: [("c".to_owned(), 3)].into(),
            hashtags: [("c".to_owned(), 2)].into(),
            vector_ms: None,
            gain: [("linear".to_owned(), 0.5)].into(),
        };
        Outcome { facts, answers: vec![answer.clone(), answer] }
    }

    #[test]
    fn survives_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        assert!(Outcome::read(&path).unwrap().is_none());
        outcome().write(&path).unwrap();
        let back = Outcome::read(&path).unwrap().unwrap();
        assert_eq!((back.answers, back.facts.bundle_bytes), (outcome().answers, 7));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        outcome().write(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
        let error = Outcome::read(&path).unwrap_err().to_string();
        assert!(error.contains("run.jsonl: line 3"), "{error}");
    }
}
