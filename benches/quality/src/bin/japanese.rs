//! Hashtags in Japanese script: the default beside the linear model and the nearest posts, on the posts
//! that carry one.

#![allow(clippy::print_stdout)]

use std::{error::Error, process::ExitCode};

use clap::Parser;
use hashrec::System;
use hashrec_examples::exit;
use hashrec_metrics::{Bootstrap, PostMetrics, paired};
use hashrec_quality::{
    Answer, ExperimentArguments, K, Outcome, Runs, Table, interval, share, write_whole,
};
use serde_json::{Value, json};

/// Trains three systems and measures them on posts whose authors chose a hashtag with a character
/// of Japanese script (kana or kanji): writes japanese.md and .json.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    experiment: ExperimentArguments,
}

/// What is measured; the others are compared with the first.
const SYSTEMS: [(&str, System); 3] = [
    ("hashrec", System::Hashrec),
    ("linear", System::Linear),
    ("nearest-posts", System::NearestPosts),
];

fn main() -> ExitCode {
    exit(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let base = arguments.experiment.settings.read()?;
    let split = arguments.experiment.split()?;
    let runs = Runs::open(&arguments.experiment.out, &split)?;
    let mut outcomes = Vec::new();
    for (name, system) in SYSTEMS {
        println!("{name}");
        outcomes.push(runs.outcome(name, base.clone().with_system(system), &split)?);
    }
    let (text, figures) = report(&outcomes, split.test.len())?;
    write_whole(&arguments.experiment.out.join("japanese.md"), &text)?;
    let json = serde_json::to_string_pretty(&figures)? + "\n";
    write_whole(&arguments.experiment.out.join("japanese.json"), json)?;
    println!("\n{text}");
    Ok(())
}

/// The table and the figures, of one outcome a system.
fn report(outcomes: &[Outcome], posts: usize) -> Result<(String, Value), Box<dyn Error>> {
    let columns = ["system", "gold", "NDCG@10", "recall@10", "to hashrec (95 %)"];
    let mut table = Table::new(columns, 2);
    let mut figures = Vec::new();
    let mut counts = [0; 2];
    for (gold, only) in [("all", false), ("Japanese", true)] {
        let mut first: Option<Vec<f64>> = None;
        for ((name, _), outcome) in SYSTEMS.iter().zip(outcomes) {
            let scores: Vec<PostMetrics> =
                outcome.answers.iter().filter_map(|answer| scores(answer, only)).collect();
            if scores.is_empty() {
                return Err("no post to measure on carries a hashtag in Japanese script".into());
            }
            let mean = |of: &dyn Fn(&PostMetrics) -> f64| {
                scores.iter().map(of).sum::<f64>() / scores.len() as f64
            };
            let (ndcg, recall) = (mean(&|scores| scores.ndcg), mean(&|scores| scores.recall));
            let values: Vec<f64> = scores.iter().map(|scores| scores.ndcg).collect();
            let found = match &first {
                Some(first) => paired(&values, first, &Bootstrap::default())?,
                None => None,
            };
            let difference = found.map_or(String::new(), |found| {
                format!("{} ({})", share(found.difference), interval(found.interval))
            });
            table.row([(*name).to_owned(), gold.into(), share(ndcg), share(recall), difference]);
            figures.push(json!({
                "system": name, "gold": gold, "ndcg": ndcg, "recall": recall, "to_hashrec": found,
            }));
            counts = [scores.len(), japanese_uses(&outcome.answers)];
            first.get_or_insert(values);
        }
    }
    let [carriers, uses] = counts;
    let text = format!(
        "# Hashtags in Japanese script\n\n{carriers} of {posts} posts carry one that their \
         community has, {uses} uses in all. *Gold* says which of such a post's hashtags count: all \
         of them, or only those in Japanese script.\n\n{table}"
    );
    Ok((text, json!({ "posts": carriers, "uses": uses, "systems": figures })))
}

/// The scores of a post that carries a hashtag in Japanese script; `only` those are gold then.
fn scores(answer: &Answer, only: bool) -> Option<PostMetrics> {
    if !answer.gold.iter().any(|tag| is_japanese(tag)) {
        return None;
    }
    let gold = answer.gold.iter().filter(|tag| !only || is_japanese(tag));
    PostMetrics::of(answer.hashtags.iter().take(K), gold, K)
}

fn japanese_uses(answers: &[Answer]) -> usize {
    answers.iter().flat_map(|answer| &answer.gold).filter(|tag| is_japanese(tag)).count()
}

/// Whether a hashtag has a character of kana or a Chinese character.
fn is_japanese(hashtag: &str) -> bool {
    hashtag.chars().any(|c| {
        matches!(c,
            '\u{3041}'..='\u{3096}' // hiragana
            | '\u{30a1}'..='\u{30fa}' // katakana
            | '\u{31f0}'..='\u{31ff}' // small katakana
            | '\u{ff66}'..='\u{ff9d}' // half-width katakana
            | '\u{3005}'..='\u{3007}' // iteration and closing marks, ideographic zero
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(gold: &[&str], hashtags: &[&str]) -> Answer {
        let owned = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect();
        Answer {
            id: "1".into(),
            community: "c".into(),
            gold: owned(gold),
            hashtags: owned(hashtags),
        }
    }

    #[test]
    fn script_is_told_by_one_character() {
        assert!(
            ["お知らせ", "新機能", "ラーメン", "IT全般", "々", "ラン"]
                .map(is_japanese)
                .iter()
                .all(|&is| is)
        );
        assert!(!["rust", "c++", "ー", "é", "한국어", "!?"].map(is_japanese).iter().any(|&is| is));
    }

    #[test]
    fn posts_without_one_are_left_out_and_gold_can_be_narrowed() {
        assert_eq!(scores(&answer(&["rust"], &["rust"]), false), None);
        let both = answer(&["rust", "猫"], &["rust", "犬"]);
        assert_eq!(scores(&both, false).unwrap().recall, 0.5);
        assert_eq!(scores(&both, true).unwrap().recall, 0.0);
        let found = answer(&["猫"], &["rust", "猫"]);
        assert_eq!(scores(&found, true).unwrap().ndcg, 1.0 / 3f64.log2());
        assert_eq!(japanese_uses(&[both, found]), 2);
    }
}
