//! What one hashtag that the author has chosen already tells about the others.

#![allow(clippy::print_stdout)]

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use hashrec::{Post, Recommendation, Recommender, Request};
use hashrec_examples::{exit, read_posts};
use hashrec_metrics::{Bootstrap, PostMetrics, paired};
use hashrec_quality::{Table, interval, share};
use serde_json::{Value, json};

/// Recommends for every post with two or more of its community's hashtags, once with one of them
/// given as already chosen and once without, and measures how well the others are found. Each of a
/// post's hashtags is given in turn; a post counts once, with the mean over its turns.
#[derive(Parser)]
struct Arguments {
    /// The bundle.
    #[arg(long)]
    bundle: PathBuf,
    /// Posts with hashtags.
    #[arg(long)]
    posts: PathBuf,
    /// Where to write the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Depths at which recall is measured; NDCG at the last.
const DEPTHS: [usize; 4] = [1, 3, 5, 10];

/// A post with the hashtag that is given and those to be found.
struct Case<'a> {
    /// The post's number.
    number: usize,
    post: &'a Post,
    given: &'a str,
    others: Vec<&'a str>,
}

impl<'a> Case<'a> {
    /// Each of the post's hashtags that its community has, given in turn; nothing if there is but
    /// one.
    fn turns(number: usize, post: &'a Post, recommender: &Recommender) -> Vec<Self> {
        let space: Vec<&str> =
            recommender.hashtags(&post.community).into_iter().flatten().collect();
        let named = post.hashtags.iter().map(String::as_str);
        let tags: Vec<&str> = named.filter(|tag| space.contains(tag)).collect();
        if tags.len() < 2 {
            return Vec::new();
        }
        let turn = |&given: &&'a str| {
            let others = tags.iter().copied().filter(|&tag| tag != given).collect();
            Self { number, post, given, others }
        };
        tags.iter().map(turn).collect()
    }

    /// Asks for as many hashtags as are measured, `given` not among them.
    fn request(&self, with: bool) -> Request {
        let depth = DEPTHS[DEPTHS.len() - 1];
        let request = Request::new(&self.post.community, &self.post.text);
        let request = match with {
            true => request.with_k(depth).with_chosen([self.given]),
            false => request.with_k(depth + 1),
        };
        Request { created_at: self.post.created_at, ..request }
    }

    /// How well the others are found.
    fn measures(&self, answer: &[Recommendation]) -> Measures {
        let found: Vec<&str> = answer
            .iter()
            .map(|hit| hit.hashtag.as_str())
            .filter(|&tag| tag != self.given)
            .collect();
        let at = |depth: usize| {
            let first = found.iter().copied().take(depth);
            PostMetrics::of(first, self.others.iter().copied(), depth).unwrap_or_default()
        };
        let deepest = DEPTHS[DEPTHS.len() - 1];
        let mut values: Vec<f64> = DEPTHS.iter().map(|&depth| at(depth).recall).collect();
        values.push(at(deepest).ndcg);
        let expected = answer.iter().take(deepest).any(|hit| hit.hashtag == self.given);
        Measures { values, expected }
    }
}

/// What an answer is worth.
struct Measures {
    /// Recall of the others at each depth, then their NDCG.
    values: Vec<f64>,
    /// Whether the given hashtag was recommended too.
    expected: bool,
}

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let recommender = Recommender::load(&arguments.bundle)?;
    let posts = read_posts(&arguments.posts)?;
    let numbered = posts.iter().enumerate();
    let cases: Vec<Case<'_>> =
        numbered.flat_map(|(number, post)| Case::turns(number, post, &recommender)).collect();
    let measured = |with: bool| -> Result<Vec<Measures>, Box<dyn Error>> {
        let requests: Vec<Request> = cases.iter().map(|case| case.request(with)).collect();
        let answers = recommender.recommend_batch(&requests);
        cases.iter().zip(answers).map(|(case, answer)| Ok(case.measures(&answer?))).collect()
    };
    let (without, with) = (measured(false)?, measured(true)?);
    if cases.is_empty() {
        return Err("no post carries two hashtags of its community".into());
    }
    let everything: Vec<usize> = (0..cases.len()).collect();
    let by_post = |among: &[usize]| -> Vec<Vec<usize>> {
        let same = |a: &usize, b: &usize| cases[*a].number == cases[*b].number;
        among.chunk_by(same).map(<[usize]>::to_vec).collect()
    };
    // What the recommender would have said itself, the author's choice confirms; the rest is news.
    let (news, confirmed): (Vec<usize>, Vec<usize>) =
        everything.iter().partition(|&&case| !without[case].expected);
    let mut report = Vec::new();
    for (group, among) in [
        ("every choice", &everything),
        ("a choice among the ten recommended without it", &confirmed),
        ("a choice not among them", &news),
    ] {
        if among.is_empty() {
            continue;
        }
        let among_posts = by_post(among);
        let (text, figures) = compare(&among_posts, &without, &with)?;
        println!("{group}: {} in {} posts\n\n{text}", among.len(), among_posts.len());
        report.push(json!({
            "choice": group, "choices": among.len(), "posts": among_posts.len(), "measures": figures,
        }));
    }
    let (found, all) = (by_post(&everything).len(), posts.len());
    println!("{found} of {all} posts carry two or more hashtags.");
    if let Some(path) = &arguments.json {
        let report = json!({ "groups": report });
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}

/// The table and the figures of some of the posts, each as the cases to take the mean of.
fn compare(
    among: &[Vec<usize>],
    without: &[Measures],
    with: &[Measures],
) -> Result<(Table, Value), Box<dyn Error>> {
    let mut table = Table::new(["the others", "none given", "one given", "difference", "95 %"], 1);
    let mut figures = Vec::new();
    let names = DEPTHS.iter().map(|depth| format!("recall@{depth}"));
    for (at, name) in names.chain(["NDCG@10".to_owned()]).enumerate() {
        let column = |rows: &[Measures]| -> Vec<f64> {
            let value = |&case: &usize| rows.get(case)?.values.get(at).copied();
            let of_post =
                |cases: &Vec<usize>| mean(&cases.iter().filter_map(value).collect::<Vec<_>>());
            among.iter().map(of_post).collect()
        };
        let (without, with) = (column(without), column(with));
        let Some(found) = paired(&with, &without, &Bootstrap::default())? else {
            return Err("no posts to compare".into());
        };
        let (before, after) = (mean(&without), mean(&with));
        table.row([
            name.clone(),
            share(before),
            share(after),
            share(found.difference),
            interval(found.interval),
        ]);
        figures.push(json!({
            "measure": name, "none_given": before, "one_given": after, "comparison": found,
        }));
    }
    Ok((table, Value::Array(figures)))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
