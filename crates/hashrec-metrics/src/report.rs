//! What an evaluation came to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The means of all measures (see [`Scores`](crate::Scores)) over the posts that have gold.
///
/// Without any such post the means are 0. Serialised to JSON, the fields have these names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The depth of measuring.
    pub k: usize,
    /// Posts that were measured.
    pub posts: usize,
    /// Posts that were not, because they have no gold.
    pub excluded: usize,
    /// Mean precision.
    pub precision: f64,
    /// Mean recall.
    pub recall: f64,
    /// Mean average precision.
    pub map: f64,
    /// Mean reciprocal rank.
    pub mrr: f64,
    /// Mean NDCG.
    pub ndcg: f64,
    /// The mean over communities of their mean NDCG: each community counts the same, however many
    /// posts it has.
    pub ndcg_macro: f64,
    /// The mean share of gold anywhere in the ranking, at any depth.
    pub reached: f64,
    /// The interval of [`Report::ndcg`], if it was asked for and there is a post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ndcg_interval: Option<[f64; 2]>,
    /// The interval of [`Report::ndcg_macro`], posts being drawn anew within each community.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ndcg_macro_interval: Option<[f64; 2]>,
    /// By the number of posts a community was trained on, smallest first; sizes without a measured
    /// post are left out.
    pub by_community_size: Vec<SizeReport>,
    /// By community, in order of name; communities without a measured post are left out.
    pub communities: Vec<CommunityReport>,
}

/// The posts of communities of similar size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SizeReport {
    /// `"<50"`, `"50-199"`, `"200-999"` or `">=1000"` posts to train on.
    pub bucket: String,
    /// Posts that were measured.
    pub posts: usize,
    /// Mean NDCG over them.
    pub ndcg: f64,
}

/// The posts of one community.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CommunityReport {
    /// Its name.
    pub community: String,
    /// Posts it was trained on, 0 if that was not said.
    pub train_posts: u64,
    /// Posts that were measured.
    pub posts: usize,
    /// Mean precision.
    pub precision: f64,
    /// Mean recall.
    pub recall: f64,
    /// Mean average precision.
    pub map: f64,
    /// Mean reciprocal rank.
    pub mrr: f64,
    /// Mean NDCG.
    pub ndcg: f64,
}

/// Names of the sizes, in rising order.
pub(crate) const BUCKETS: [&str; 4] = ["<50", "50-199", "200-999", ">=1000"];

/// Which of [`BUCKETS`] a community of so many posts is in.
pub(crate) fn bucket(train_posts: u64) -> usize {
    match train_posts {
        0..50 => 0,
        50..200 => 1,
        200..1000 => 2,
        _ => 3,
    }
}

/// A short table for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { k, posts, excluded, precision, recall, map, mrr, .. } = self;
        writeln!(f, "{posts} posts measured at k = {k}, {excluded} without gold left out")?;
        writeln!(f, "precision {precision:.4}  recall {recall:.4}  MAP {map:.4}  MRR {mrr:.4}")?;
        let interval = |bounds: Option<[f64; 2]>| match bounds {
            Some([low, high]) => format!(" [{low:.4}, {high:.4}]"),
            None => String::new(),
        };
        let (ndcg, ndcg_macro) = (self.ndcg, self.ndcg_macro);
        writeln!(f, "NDCG {ndcg:.4}{}", interval(self.ndcg_interval))?;
        writeln!(
            f,
            "NDCG, mean over communities {ndcg_macro:.4}{}",
            interval(self.ndcg_macro_interval)
        )?;
        for SizeReport { bucket, posts, ndcg } in &self.by_community_size {
            writeln!(f, "  communities of {bucket} posts: NDCG {ndcg:.4} ({posts} posts)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_begin_where_their_names_say() {
        let name = |posts| BUCKETS[bucket(posts)];
        assert_eq!([name(0), name(49), name(50), name(199)], ["<50", "<50", "50-199", "50-199"]);
        assert_eq!([name(200), name(999), name(1000)], ["200-999", "200-999", ">=1000"]);
    }
}
