//! How often a hashtag is found that no post carries.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use hashrec::{Learner, NewCommunity, Post, Ranker, Request};
use hashrec_examples::{Bars, Settings, exit, read_notes, read_posts};

/// Hides some hashtags from all posts to learn from, which keep their other hashtags, but lists them.
/// Then tells how often they are among the ten hashtags recommended for posts that carry them.
#[derive(Parser)]
struct Arguments {
    /// Posts to learn from.
    #[arg(long)]
    train: PathBuf,
    /// Posts to measure on.
    #[arg(long)]
    test: PathBuf,
    /// One hashtag of so many is hidden, by a hash of its name.
    #[arg(long, default_value_t = 10)]
    one_of: u64,
    /// The number that is hashed together with the names.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A JSON file with notes on hashtags, by community and hashtag. Then only hashtags with notes are
    /// hidden and counted.
    #[arg(long)]
    notes: Option<PathBuf>,
    /// Hide the hashtags of the notes, but don't use the notes.
    #[arg(long, requires = "notes")]
    names_only: bool,
    /// A ranker, as `builtin_ranker` makes it, instead of the built-in one.
    #[arg(long)]
    ranker: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let (train, test) = (read_posts(&arguments.train)?, read_posts(&arguments.test)?);
    let notes = arguments.notes.as_deref().map(|path| read_notes(Some(path))).transpose()?;
    let hidden = |community: &str, hashtag: &str| match &notes {
        Some(notes) => notes.get(community).is_some_and(|notes| notes.contains_key(hashtag)),
        None => {
            let text = format!("{} {community} {hashtag}", arguments.seed);
            let hash = blake3::hash(text.as_bytes());
            let first = hash.as_bytes().first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b));
            first % arguments.one_of.max(1) == 0
        }
    };
    let mut communities: BTreeMap<String, (BTreeSet<String>, Vec<Post>)> = BTreeMap::new();
    for mut post in train {
        let (list, posts) = communities.entry(post.community.clone()).or_default();
        list.extend(post.hashtags.iter().cloned());
        post.hashtags.retain(|hashtag| !hidden(&post.community, hashtag));
        if !post.hashtags.is_empty() {
            posts.push(post);
        }
    }
    let communities: Vec<NewCommunity> = (communities.into_iter())
        .map(|(name, (list, posts))| {
            let own = notes.as_ref().filter(|_| !arguments.names_only);
            let own = own.and_then(|notes| notes.get(&name)).cloned().unwrap_or_default();
            NewCommunity::new(name, list).with_posts(posts).with_notes(own)
        })
        .collect();
    let mut bars = Bars::default();
    let mut learner = Learner::new(arguments.settings.read()?)?;
    if let Some(file) = &arguments.ranker {
        learner = learner.with_ranker(Ranker::read(fs::read(file)?.into())?);
    }
    let (recommender, _) =
        learner.with_progress(|progress| bars.show(progress)).learn_communities(&communities)?;
    bars.finish();
    let asked: Vec<&Post> = (test.iter())
        .filter(|post| post.hashtags.iter().any(|tag| hidden(&post.community, tag)))
        .collect();
    let requests: Vec<Request> =
        (asked.iter()).map(|post| Request::new(&post.community, &post.text).with_k(10)).collect();
    let (mut found, mut all, mut hashtags) = (0, 0, BTreeSet::new());
    for (post, answer) in asked.iter().zip(recommender.recommend_batch(&requests)) {
        let answer = answer?;
        for tag in post.hashtags.iter().filter(|tag| hidden(&post.community, tag)) {
            hashtags.insert((&post.community, tag));
            all += 1;
            found += usize::from(answer.iter().any(|one| one.hashtag == *tag));
        }
    }
    println!(
        "{} hidden hashtags, {all} times on {} posts: recall@10 {:.3}",
        hashtags.len(),
        asked.len(),
        found as f64 / (all as f64).max(1.0)
    );
    Ok(())
}
