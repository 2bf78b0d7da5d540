//! Table 1: every system, every measure.

use hashrec_quality::{Table, share, spread};
use serde_json::{Value, json};

use crate::plan::{Measured, is_generator, kebab, title};

/// The table and what stands below it, as Markdown.
pub(crate) fn markdown(rows: &[Measured]) -> String {
    let buckets = rows.first().map(Measured::buckets).unwrap_or_default();
    let seeds = rows.iter().map(|row| row.reports.len()).max().unwrap_or_default();
    let head = ["System", "Precision@10", "Recall@10", "MAP@10", "MRR@10", "NDCG@10", "macro"];
    let mut table = Table::new(head, 1);
    let mut sizes = Table::new(
        ["NDCG@10 by posts to train on"].into_iter().map(String::from).chain(buckets.clone()),
        1,
    );
    let mut reach = Table::new(["Generator", "recall@10", "recall@30", "recall@50"], 1);
    let mut cost = Table::new(["System", "train CPU s", "recommend CPU ms a post", "bundle MB"], 1);
    for row in rows {
        let name = title(row.run.system).to_owned();
        let of = [
            row.over_seeds(|report| report.precision),
            row.over_seeds(|report| report.recall),
            row.over_seeds(|report| report.map),
            row.over_seeds(|report| report.mrr),
        ];
        let [ndcg, macro_mean] =
            [row.over_seeds(|report| report.ndcg), row.over_seeds(|report| report.ndcg_macro)];
        let mut cells = vec![name.clone()];
        cells.extend(of.map(|value| share(value.mean)));
        cells.extend([spread(ndcg), spread(macro_mean)]);
        table.row(cells);
        let by_size = buckets.iter().map(|bucket| share(row.bucket_ndcg(bucket).mean));
        sizes.row([name.clone()].into_iter().chain(by_size));
        if is_generator(row.run.system) {
            let [at_30, at_50] = row.recall.map(share);
            reach.row([name.clone(), share(of[1].mean), at_30, at_50]);
        }
        let posts = row.answers.len().max(1) as f64;
        cost.row([
            name,
            format!("{:.1}", row.facts.train_cpu_s),
            format!("{:.2}", row.facts.recommend_cpu_s * 1e3 / posts),
            format!("{:.1}", row.facts.bundle_bytes as f64 / 1e6),
        ]);
    }
    let posts = rows.first().map_or(0, |row| row.answers.len());
    format!(
        "# Table 1: every system\n\n{posts} posts measured, {seeds} seed(s); *macro* is the mean \
         over communities of their mean NDCG@10; ± is the 95 % interval over seeds (Student's \
         t).\n\n{table}\n{sizes}\nThe share of the gold hashtags among the first n candidates:\n\n\
         {reach}\nCost with the first seed. What an earlier row had trained already (floret \
         table, net, ranker) is shared, and its training is counted in that row only:\n\n{cost}"
    )
}

/// The same as JSON, with the reports of all seeds.
pub(crate) fn json(rows: &[Measured]) -> Value {
    let row = |row: &Measured| {
        json!({
            "system": kebab(row.run.system),
            "title": title(row.run.system),
            "ndcg": row.over_seeds(|report| report.ndcg),
            "ndcg_macro": row.over_seeds(|report| report.ndcg_macro),
            "recall_at_30": row.recall[0],
            "recall_at_50": row.recall[1],
            "train_cpu_s": row.facts.train_cpu_s,
            "recommend_cpu_s": row.facts.recommend_cpu_s,
            "bundle_bytes": row.facts.bundle_bytes,
            "seeds": row.reports,
        })
    };
    json!(rows.iter().map(row).collect::<Vec<_>>())
}
