//! The tables.

use std::error::Error;

use hashrec::FeatureGroup;
use hashrec_metrics::{Bootstrap, Comparison, paired};
use hashrec_quality::{Table, interval, share, spread};
use serde_json::{Value, json};

use crate::plan::{Measured, group_gain, names};

/// Everything that was measured.
pub(crate) struct Ablation {
    /// The default.
    pub(crate) whole: Measured,
    /// The default without groups.
    pub(crate) without: Vec<Measured>,
    /// From little to everything.
    pub(crate) built_up: Vec<Measured>,
    /// Groups that the default has no values for.
    pub(crate) unused: Vec<FeatureGroup>,
}

fn compare(run: &Measured, other: &Measured) -> Result<Option<Comparison>, Box<dyn Error>> {
    Ok(paired(&run.ndcg, &other.ndcg, &Bootstrap::default())?)
}

/// A difference and its interval.
fn cell(comparison: Option<Comparison>) -> String {
    comparison.map_or(String::new(), |found| {
        format!("{} ({})", share(found.difference), interval(found.interval))
    })
}

impl Ablation {
    /// NDCG, then what `between` gives, then macro, size buckets and cost.
    fn cells(&self, run: &Measured, title: &str, between: Vec<String>) -> Vec<String> {
        let mut cells = vec![title.to_owned(), spread(run.over_seeds(|report| report.ndcg))];
        cells.extend(between);
        cells.push(spread(run.over_seeds(|report| report.ndcg_macro)));
        let buckets = self.whole.buckets();
        cells.extend(buckets.iter().map(|bucket| share(run.bucket_ndcg(bucket).mean)));
        cells.push(format!("{:.0}", run.facts.train_cpu_s));
        cells
    }

    fn table(&self, first: &str, between: [&str; 2]) -> Table {
        let mut head = vec![first.to_owned(), "NDCG@10".to_owned()];
        head.extend(between.map(String::from));
        head.push("macro".to_owned());
        head.extend(self.whole.buckets().into_iter().map(|bucket| format!("{bucket} posts")));
        head.push("train CPU s".to_owned());
        Table::new(head, 1)
    }

    /// The share of the default's gain that a run leaves out.
    fn gain(&self, run: &Measured) -> f64 {
        let gain = &self.whole.facts.gain;
        let all: f64 = gain.values().sum();
        run.run.out.iter().map(|group| group_gain(gain, group)).sum::<f64>() / all.max(1e-12)
    }

    /// Both tables as Markdown.
    pub(crate) fn markdown(&self) -> Result<String, Box<dyn Error>> {
        let mut left_out = self.table("", ["to the default (95 %)", "gain"]);
        left_out.row(self.cells(&self.whole, "default", vec![String::new(), String::new()]));
        for run in &self.without {
            let difference = cell(compare(run, &self.whole)?);
            let between = vec![difference, format!("{:.1} %", self.gain(run) * 1e2)];
            left_out.row(self.cells(run, &run.run.title, between));
        }
        let mut built_up =
            self.table("groups", ["to the row above (95 %)", "to the default (95 %)"]);
        let mut above: Option<&Measured> = None;
        for run in &self.built_up {
            let adds = above.map_or(Ok(None), |above| compare(run, above))?;
            let between = vec![cell(adds), cell(compare(run, &self.whole)?)];
            built_up.row(self.cells(run, &run.run.title, between));
            above = Some(run);
        }
        let (posts, seeds) = (self.whole.answers.len(), self.whole.reports.len());
        Ok(format!(
            "# Ablation\n\n{posts} posts measured, {seeds} seed(s). *macro* is the mean over \
             communities of their mean NDCG@10; then NDCG@10 by posts of the community. Differences \
             are of NDCG@10, with 95 % intervals of a paired bootstrap over posts, each post's NDCG \
             averaged over the seeds. *gain*: the share of the default's gain in training that its \
             trees made with those columns. Training CPU is of the first seed; linear model and \
             nearest posts are fitted together, whichever of their scores are used.\n\n\
             ## Left out\n\n{left_out}\nNothing to leave out: {}.\n\n## Built up\n\n{built_up}",
            names(self.unused.iter().copied(), ", ")
        ))
    }

    /// The same as JSON, with the reports of all seeds.
    pub(crate) fn json(&self) -> Result<Value, Box<dyn Error>> {
        let row = |run: &Measured| -> Result<Value, Box<dyn Error>> {
            Ok(json!({
                "title": run.run.title,
                "without": run.run.out,
                "ndcg": run.over_seeds(|report| report.ndcg),
                "ndcg_macro": run.over_seeds(|report| report.ndcg_macro),
                "to_default": compare(run, &self.whole)?,
                "gain": self.gain(run),
                "train_cpu_s": run.facts.train_cpu_s,
                "seeds": run.reports,
            }))
        };
        let rows = |runs: &[Measured]| runs.iter().map(row).collect::<Result<Vec<_>, _>>();
        Ok(json!({
            "default": row(&self.whole)?,
            "without": rows(&self.without)?,
            "built_up": rows(&self.built_up)?,
        }))
    }
}
