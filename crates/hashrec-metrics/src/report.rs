//! The averaged metrics of many posts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The means of all metrics (see [`PostMetrics`](crate::PostMetrics)) over the posts with gold.
///
/// If no post has gold, the means are 0. JSON uses the names of the fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The depth, k.
    pub k: usize,
    /// Number of posts measured.
    pub posts: usize,
    /// Number of posts left out because they have no gold.
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
    /// Macro average of NDCG: the mean over communities of their mean NDCG, so that every community
    /// counts the same.
    pub ndcg_macro: f64,
    /// Mean share of the gold found anywhere in the ranking, at any depth.
    pub reached: f64,
    /// Confidence interval of [`Report::ndcg`], if requested and there are posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ndcg_interval: Option<[f64; 2]>,
    /// Confidence interval of [`Report::ndcg_macro`]; posts are resampled within each community.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ndcg_macro_interval: Option<[f64; 2]>,
    /// Results by the number of posts a community was trained on, smallest first. Sizes without a
    /// measured post are left out.
    pub by_community_size: Vec<SizeReport>,
    /// Results by community, sorted by name. Communities without a measured post are left out.
    pub communities: Vec<CommunityReport>,
}

/// The posts of communities of similar size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SizeReport {
    /// Number of posts trained on: `"<50"`, `"50-199"`, `"200-999"` or `">=1000"`.
    pub bucket: String,
    /// Number of posts measured.
    pub posts: usize,
    /// Mean NDCG.
    pub ndcg: f64,
}

/// The posts of one community.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CommunityReport {
    /// Name of the community.
    pub community: String,
    /// Number of posts it was trained on; 0 if unknown.
    pub train_posts: u64,
    /// Number of posts measured.
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

/// Names of the size classes, in ascending order.
pub(crate) const BUCKETS: [&str; 4] = ["<50", "50-199", "200-999", ">=1000"];

/// The index in [`BUCKETS`] of a community trained on this many posts.
pub(crate) fn bucket(train_posts: u64) -> usize {
    match train_posts {
        0..50 => 0,
        50..200 => 1,
        200..1000 => 2,
        _ => 3,
    }
}

/// A short table.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { k, posts, excluded, precision, recall, map, mrr, .. } = self;
        writeln!(f, "{posts} posts measured at k = {k}, {excluded} left out for lack of gold")?;
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
            writeln!(f, "  communities with {bucket} posts: NDCG {ndcg:.4} ({posts} posts)")?;
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
