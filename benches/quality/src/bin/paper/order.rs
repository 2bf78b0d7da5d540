//! Where a second stage helps its generator and where it hurts: the posts in groups.

use std::{collections::BTreeMap, error::Error};

use hashrec::{Post, System};
use hashrec_metrics::{Bootstrap, paired};
use hashrec_quality::{Answer, Table, share};

use crate::plan::{Measured, title};

/// Generators and the systems that rank their candidates.
const STAGES: [(System, System); 4] = [
    (System::Simple, System::LightGbmSimple),
    (System::MultiLabel, System::LightGbmMultiLabel),
    (System::LightGbm, System::LightGbmMultiLabel),
    (System::LightGbmMultiLabel, System::HashrecMultiLabel),
];

/// The names of the groups that a post is in; they sort by their first character.
fn groups(answer: &Answer, text: &str, before: &Measured, ndcg: f64, usual: f64) -> Vec<String> {
    let posts = before.facts.train_posts.get(&answer.community).copied().unwrap_or(0);
    let hashtags = before.facts.hashtags.get(&answer.community).copied().unwrap_or(0);
    let text = text.to_lowercase();
    let literal = answer.gold.iter().any(|tag| text.contains(&tag.to_lowercase()));
    let size = match posts {
        0..50 => "1 under 50 posts to train on",
        50..200 => "2 50 to 199 posts",
        200..1000 => "3 200 to 999 posts",
        _ => "4 1,000 posts or more",
    };
    let space = match hashtags {
        0..=30 => "5 community of at most 30 hashtags",
        31..=100 => "6 31 to 100 hashtags",
        _ => "7 more than 100 hashtags",
    };
    let named = match literal {
        true => "8 a gold hashtag stands in the text",
        false => "9 none stands in the text",
    };
    let level = match usual {
        ..0.5 => "a community where the first stage's mean is under .5",
        ..0.7 => "b .5 to .7",
        ..0.85 => "c .7 to .85",
        _ => "d over .85",
    };
    let this = match ndcg {
        0.0 => "e post on which the first stage hits nothing",
        ..0.5 => "f under .5",
        ..0.999 => "g .5 or more, not perfect",
        _ => "h perfect",
    };
    ["0 all posts", size, space, named, level, this].map(String::from).into()
}

/// The mean of each community.
fn by_community(row: &Measured) -> BTreeMap<&str, f64> {
    let mut sums = BTreeMap::<&str, (f64, f64)>::new();
    for (answer, ndcg) in row.answers.iter().zip(&row.ndcg) {
        let (sum, count) = sums.entry(&answer.community).or_default();
        *sum += ndcg;
        *count += 1.0;
    }
    sums.into_iter().map(|(name, (sum, count))| (name, sum / count)).collect()
}

/// The note.
pub(crate) fn markdown(rows: &[Measured], posts: &[Post]) -> Result<String, Box<dyn Error>> {
    let texts: BTreeMap<&str, &str> =
        posts.iter().map(|post| (post.id.as_str(), post.text.as_str())).collect();
    let mut out = String::from(
        "# What the second stage changes\n\nMean NDCG@10 of the same posts before and after, and \
         the difference with its 95 % interval (paired bootstrap). Posts that are grouped by the \
         first stage's own NDCG drift to the mean by chance alone; communities hardly do.\n",
    );
    for (before, after) in STAGES {
        let find = |system| rows.iter().find(|row| row.run.system == system);
        let (Some(before), Some(after)) = (find(before), find(after)) else { continue };
        let mut grouped = BTreeMap::<String, (Vec<f64>, Vec<f64>)>::new();
        let usual = by_community(before);
        let values = before.ndcg.iter().zip(&after.ndcg);
        for (answer, (&first, &second)) in before.answers.iter().zip(values) {
            let text = texts.get(answer.id.as_str()).copied().unwrap_or_default();
            let usual = usual.get(answer.community.as_str()).copied().unwrap_or_default();
            for group in groups(answer, text, before, first, usual) {
                let (firsts, seconds) = grouped.entry(group).or_default();
                firsts.push(first);
                seconds.push(second);
            }
        }
        let mut table = Table::new(["posts", "n", "before", "after", "difference", "95 %"], 1);
        for (group, (firsts, seconds)) in &grouped {
            let Some(found) = paired(seconds, firsts, &Bootstrap::default())? else { continue };
            let mean = |values: &[f64]| share(values.iter().sum::<f64>() / values.len() as f64);
            let [low, high] = found.interval.map(share);
            table.row([
                group[2..].to_owned(),
                firsts.len().to_string(),
                mean(firsts),
                mean(seconds),
                share(found.difference),
                format!("{low} to {high}"),
            ]);
        }
        let (before, after) = (title(before.run.system), title(after.run.system));
        out += &format!("\n## {before} → {after}\n\n{table}");
    }
    Ok(out)
}
