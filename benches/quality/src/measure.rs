//! The measures of a system over all its seeds.

use std::error::Error;

use hashrec_metrics::{Accumulator, Bootstrap, PostMetrics, Report, mean_interval};
use serde::Serialize;

use crate::outcome::{Answer, Facts, Outcome};

/// Depth of every measure but the generators' recall.
pub const K: usize = 10;

/// A system's runs, measured. `R` says which system.
pub struct Measured<R> {
    /// The first run.
    pub run: R,
    /// Of the first run.
    pub facts: Facts,
    /// One report a seed.
    pub reports: Vec<Report>,
    /// The mean over seeds of each post's NDCG, posts without gold left out.
    pub ndcg: Vec<f64>,
    /// The first seed's answers to those posts.
    pub answers: Vec<Answer>,
    /// The means over seeds and posts of recall at 30 and 50.
    pub recall: [f64; 2],
}

/// The mean of a measure over seeds, and half the width of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OverSeeds {
    /// The mean.
    pub mean: f64,
    /// By Student's t; none for one seed.
    pub half_width: Option<f64>,
}

impl<R> Measured<R> {
    /// Measures the outcomes of one system, one for each seed.
    ///
    /// # Errors
    /// If there are none.
    pub fn new(run: R, outcomes: Vec<Outcome>) -> Result<Self, Box<dyn Error>> {
        let mut measured = Self {
            run,
            facts: outcomes.first().ok_or("a system without runs")?.facts.clone(),
            reports: Vec::new(),
            ndcg: Vec::new(),
            answers: Vec::new(),
            recall: [0.0; 2],
        };
        let seeds = outcomes.len() as f64;
        for outcome in outcomes {
            let sizes = outcome.facts.train_posts.clone();
            let mut evaluation = Accumulator::new(K).with_train_posts(sizes);
            let answers: Vec<Answer> =
                outcome.answers.into_iter().filter(|answer| !answer.gold.is_empty()).collect();
            measured.ndcg.resize(answers.len(), 0.0);
            for (sum, answer) in measured.ndcg.iter_mut().zip(&answers) {
                let scores = evaluation.add(&answer.community, &answer.hashtags, &answer.gold);
                *sum += scores.map_or(0.0, |scores| scores.ndcg) / seeds;
            }
            for (recall, depth) in measured.recall.iter_mut().zip([30, 50]) {
                *recall += mean_recall(&answers, depth) / seeds;
            }
            measured.reports.push(evaluation.report());
            if measured.answers.is_empty() {
                measured.answers = answers;
            }
        }
        Ok(measured)
    }

    /// A measure over seeds.
    pub fn over_seeds(&self, of: impl Fn(&Report) -> f64) -> OverSeeds {
        over_seeds(&self.reports.iter().map(of).collect::<Vec<_>>())
    }

    /// The 95 % interval of NDCG over posts.
    ///
    /// # Errors
    /// None with the default bootstrap.
    pub fn ndcg_interval(&self) -> Result<Option<[f64; 2]>, Box<dyn Error>> {
        Ok(mean_interval(&self.ndcg, &Bootstrap::default())?)
    }

    /// The names of the size buckets that have posts.
    pub fn buckets(&self) -> Vec<String> {
        let sizes = self.reports.first().map(|report| &report.by_community_size);
        sizes.into_iter().flatten().map(|size| size.bucket.to_string()).collect()
    }

    /// NDCG in a size bucket, over seeds.
    pub fn bucket_ndcg(&self, bucket: &str) -> OverSeeds {
        self.over_seeds(|report| {
            let sizes = report.by_community_size.iter();
            sizes.filter(|size| size.bucket == bucket).map(|size| size.ndcg).sum()
        })
    }
}

fn mean_recall(answers: &[Answer], depth: usize) -> f64 {
    let recall = |answer: &Answer| {
        let first = answer.hashtags.iter().take(depth);
        PostMetrics::of(first, &answer.gold, depth).map_or(0.0, |scores| scores.recall)
    };
    answers.iter().map(recall).sum::<f64>() / answers.len().max(1) as f64
}

/// Student's t for a two-sided 95 % interval, by degrees of freedom from 1.
const STUDENT: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/// Mean and interval of one value a seed.
pub fn over_seeds(values: &[f64]) -> OverSeeds {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n.max(1.0);
    let half_width = (values.len() > 1).then(|| {
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let t = STUDENT.get(values.len() - 2).copied().unwrap_or(1.96);
        t * (variance / n).sqrt()
    });
    OverSeeds { mean, half_width }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_over_seeds_is_students() {
        assert_eq!(over_seeds(&[0.5]), OverSeeds { mean: 0.5, half_width: None });
        let three = over_seeds(&[0.4, 0.5, 0.6]);
        assert!((three.mean - 0.5).abs() < 1e-12);
        // Standard deviation 0.1: 4.303 · 0.1 / √3.
        assert!((three.half_width.unwrap() - 0.24843).abs() < 1e-4);
        assert_eq!(over_seeds(&[0.7; 5]).half_width, Some(0.0));
    }

    fn outcome(first: &str) -> Outcome {
        let answer = |id: &str, gold: &[&str]| Answer {
            id: id.into(),
            community: "c".into(),
            gold: gold.iter().map(|&tag| tag.into()).collect(),
            hashtags: [first, "b", "a"].iter().map(|&tag| tag.into()).collect(),
        };
        let facts = Facts {
            train_cpu_s: 0.0,
            recommend_cpu_s: 0.0,
            bundle_bytes: 0,
            train_posts: [("c".to_owned(), 60)].into(),
            hashtags: [("c".to_owned(), 3)].into(),
            vector_ms: None,
            gain: Default::default(),
        };
        Outcome { facts, answers: vec![answer("1", &["x"]), answer("2", &[]), answer("3", &["b"])] }
    }

    #[test]
    fn seeds_are_averaged_and_posts_without_gold_left_out() {
        let measured = Measured::new("system", vec![outcome("x"), outcome("y")]).unwrap();
        assert_eq!(measured.ndcg.len(), 2);
        assert_eq!(measured.ndcg[0], 0.5);
        assert!((measured.ndcg[1] - 1.0 / 3f64.log2()).abs() < 1e-12);
        assert_eq!(measured.recall, [0.75; 2]);
        let ndcg = measured.over_seeds(|report| report.ndcg);
        assert!((ndcg.mean - measured.ndcg.iter().sum::<f64>() / 2.0).abs() < 1e-12);
        assert_eq!(measured.buckets(), ["50-199"]);
        assert_eq!(measured.bucket_ndcg("50-199").mean, ndcg.mean);
    }
}
