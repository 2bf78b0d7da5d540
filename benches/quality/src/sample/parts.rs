//! The hand-written parts of one community.

use std::{collections::BTreeMap, error::Error, path::Path};

use serde::Deserialize;

/// One file of parts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Community {
    /// The community's name.
    pub community: String,
    /// What it is about, for the reader of the file.
    pub about: String,
    /// How many posts to compose.
    pub posts: usize,
    /// Hashtags that fit nearly any post; they fill up posts that would have fewer than two.
    pub common: Vec<String>,
    /// Sentences that may stand first or last in any post.
    #[serde(default)]
    pub small_talk: Vec<String>,
    /// Words to fill in: `{name}` in a title or a sentence is replaced by one of them.
    #[serde(default)]
    pub words: BTreeMap<String, Vec<String>>,
    /// What kinds of post there are besides plain ones.
    #[serde(default)]
    pub moods: Vec<Mood>,
    /// What posts are about.
    pub topics: Vec<Topic>,
    /// Posts written whole.
    #[serde(default)]
    pub written: Vec<Written>,
}

/// A post written whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Its id.
    pub id: String,
    /// Its text; the first line is its title.
    pub text: String,
    /// Its hashtags.
    pub hashtags: Vec<String>,
    /// Seconds since 1970, UTC.
    pub created_at: i64,
}

/// A kind of post, whatever it is about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mood {
    /// Its hashtags.
    pub tags: Vec<String>,
    /// The share of posts of this kind.
    pub share: f64,
    /// What may be put around a title: `{}` stands for it.
    #[serde(default)]
    pub titles: Vec<String>,
    /// Its first sentences.
    #[serde(default)]
    pub openings: Vec<String>,
    /// Its last sentences.
    #[serde(default)]
    pub closings: Vec<String>,
}

/// Something posts are about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its hashtags: the first one always, each of the others in six of ten posts.
    pub tags: Vec<String>,
    /// How often it comes up, beside the others.
    #[serde(default = "one")]
    pub weight: f64,
    /// The months in which it comes up; none means all.
    #[serde(default)]
    pub months: Vec<u32>,
    /// From which share of the time on it comes up: 0.5 is the second half.
    #[serde(default)]
    pub since: f64,
    /// Titles.
    pub titles: Vec<String>,
    /// Sentences.
    pub lines: Vec<String>,
}

fn one() -> f64 {
    1.0
}

/// Reads every `*.toml` of a folder, in order of name.
///
/// # Errors
/// If a file can't be read, isn't valid, or holds a topic without titles, sentences or hashtags.
pub fn read_parts(folder: &Path) -> Result<Vec<Community>, Box<dyn Error>> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        let community: Community = toml::from_str(&std::fs::read_to_string(&path)?)
            .map_err(|e| format!("{}: {e}", path.display()))?;
        for topic in &community.topics {
            if topic.tags.is_empty() || topic.titles.is_empty() || topic.lines.len() < 3 {
                return Err(format!(
                    "{}: topic {:?} needs a hashtag, a title and three lines",
                    path.display(),
                    topic.tags
                )
                .into());
            }
        }
        if community.common.len() < 2 {
            return Err(format!("{}: `common` needs two hashtags", path.display()).into());
        }
        all.push(community);
    }
    Ok(all)
}
