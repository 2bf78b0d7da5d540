//! Table 2: what the generators put forward for single posts.

use std::collections::{BTreeMap, HashSet};

use hashrec::Post;
use hashrec_quality::{Answer, K, Table};

use crate::plan::{Measured, title};

/// Characters of a post that are shown.
const SHOWN: usize = 300;

/// The posts to show where none is named: the one that the second system wins most clearly against
/// the first, the one that it loses most clearly, and the one with most gold hashtags. Ties go to
/// the smaller id.
pub(crate) fn telling(first: &Measured, second: &Measured) -> Vec<String> {
    let posts = || first.answers.iter().zip(first.ndcg.iter().zip(&second.ndcg));
    let best = |of: &dyn Fn(&Answer, f64) -> f64| {
        posts()
            .map(|(answer, (a, b))| (of(answer, b - a), answer))
            .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.id.cmp(&a.1.id)))
            .map(|(_, answer)| answer.id.clone())
    };
    let chosen = [
        best(&|_, gain| gain),
        best(&|_, gain| -gain),
        best(&|answer, _| answer.gold.len() as f64),
    ];
    let mut seen = HashSet::new();
    chosen.into_iter().flatten().filter(|id| seen.insert(id.clone())).collect()
}

/// The table. Hits are bold.
pub(crate) fn markdown(posts: &[Post], ids: &[String], systems: &[&Measured]) -> String {
    let texts: BTreeMap<&str, &Post> = posts.iter().map(|post| (post.id.as_str(), post)).collect();
    let mut text = format!(
        "# Table 2: candidates for single posts\n\nThe first {K} of each system; hits are bold.\n"
    );
    for id in ids {
        let Some(post) = texts.get(id.as_str()) else {
            text += &format!("\n## {id}\n\nNo such post was measured.\n");
            continue;
        };
        let mut table = Table::new(["", "hashtags", "hits"], 2);
        let mut gold = String::new();
        for system in systems {
            let Some(answer) = system.answers.iter().find(|answer| answer.id == *id) else {
                continue;
            };
            let first = || answer.hashtags.iter().take(K);
            let is_hit = |tag: &&String| answer.gold.contains(*tag);
            let tags = first().map(|tag| match is_hit(&tag) {
                true => format!("**{tag}**"),
                false => tag.clone(),
            });
            let hits = first().filter(is_hit).count();
            let tags = tags.collect::<Vec<_>>().join(", ");
            table.row([name(system), tags, format!("{hits} of {}", answer.gold.len())]);
            gold = answer.gold.join(", ");
        }
        table.row(["the author's", gold.as_str(), ""]);
        let shown: String = post.text.chars().take(SHOWN).collect();
        let more = if post.text.chars().count() > SHOWN { " …" } else { "" };
        let quoted = shown.lines().map(|line| format!("> {line}\n")).collect::<Vec<_>>();
        text += &format!(
            "\n## {id} ({})\n\n{}{more}\n\n{table}",
            post.community,
            quoted.join(">\n").trim_end()
        );
    }
    text
}

fn name(system: &Measured) -> String {
    let whole = if system.run.whole_hashtags { "" } else { ", hashtags split in the text" };
    format!("{}{whole}", title(system.run.system))
}
