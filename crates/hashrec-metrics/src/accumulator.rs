//! Accumulates the metrics of many posts.

use std::{collections::BTreeMap, hash::Hash};

use crate::{
    Bootstrap, CommunityReport, Comparison, MetricsError, PostMetrics, Report, SizeReport, paired,
    report::{BUCKETS, bucket},
};

/// Accumulates the metrics of posts, one post at a time, into a [`Report`].
///
/// Stores six numbers per post and nothing of the post itself. Accumulators filled on several
/// threads can be merged.
///
/// ```
/// use hashrec_metrics::{Bootstrap, Accumulator};
///
/// let mut accumulator = Accumulator::new(10).with_train_posts([("baking", 120)]);
/// accumulator.add("baking", ["bread", "rye", "news"], ["rye"]);
/// accumulator.add("baking", ["news"], ["news"]);
/// accumulator.add("baking", ["bread"], []);
/// let report = accumulator.report();
/// assert_eq!((report.posts, report.excluded), (2, 1));
/// assert_eq!(report.mrr, 0.75);
/// assert_eq!(report.by_community_size[0].bucket, "50-199");
/// assert!(accumulator.report_with_intervals(&Bootstrap::default())?.ndcg_interval.is_some());
/// # Ok::<(), hashrec_metrics::MetricsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Accumulator {
    k: usize,
    excluded: usize,
    train_posts: BTreeMap<String, u64>,
    communities: BTreeMap<String, Vec<PostMetrics>>,
}

impl Accumulator {
    /// An empty accumulator that measures at depth `k`.
    pub fn new(k: usize) -> Self {
        let (train_posts, communities) = (BTreeMap::new(), BTreeMap::new());
        Self { k, excluded: 0, train_posts, communities }
    }

    /// Sets how many posts each community was trained on. Communities not named count as having
    /// none.
    #[must_use]
    pub fn with_train_posts<C: Into<String>>(
        mut self,
        sizes: impl IntoIterator<Item = (C, u64)>,
    ) -> Self {
        self.train_posts.extend(sizes.into_iter().map(|(name, posts)| (name.into(), posts)));
        self
    }

    /// The depth, k.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Measures a post: its ranking, best first, against its gold. Returns `None` for a post without
    /// gold, which is only counted.
    pub fn add<T: Eq + Hash>(
        &mut self,
        community: &str,
        predicted: impl IntoIterator<Item = T>,
        gold: impl IntoIterator<Item = T>,
    ) -> Option<PostMetrics> {
        let metrics = PostMetrics::of(predicted, gold, self.k);
        match (metrics, self.communities.get_mut(community)) {
            (None, _) => self.excluded += 1,
            (Some(metrics), Some(posts)) => posts.push(metrics),
            (Some(metrics), None) => drop(self.communities.insert(community.into(), vec![metrics])),
        }
        metrics
    }

    /// Appends the posts of another accumulator. Where both know how many posts a community was
    /// trained on, this one's number stays.
    ///
    /// # Errors
    /// [`MetricsError::Depth`] if the depths differ; nothing is appended then.
    pub fn merge(&mut self, other: Self) -> Result<(), MetricsError> {
        self.same_depth(&other)?;
        self.excluded += other.excluded;
        for (community, posts) in other.communities {
            self.communities.entry(community).or_default().extend(posts);
        }
        for (community, posts) in other.train_posts {
            self.train_posts.entry(community).or_insert(posts);
        }
        Ok(())
    }

    /// The means, without confidence intervals.
    pub fn report(&self) -> Report {
        let posts: Vec<&PostMetrics> = self.communities.values().flatten().collect();
        let mean = |of: fn(&PostMetrics) -> f64| mean(posts.iter().copied().map(of));
        let communities = self.communities.iter().map(|(name, posts)| self.community(name, posts));
        let communities: Vec<CommunityReport> = communities.collect();
        Report {
            k: self.k,
            posts: posts.len(),
            excluded: self.excluded,
            precision: mean(|post| post.precision),
            recall: mean(|post| post.recall),
            map: mean(|post| post.average_precision),
            mrr: mean(|post| post.reciprocal_rank),
            ndcg: mean(|post| post.ndcg),
            ndcg_macro: self::mean(communities.iter().map(|community| community.ndcg)),
            reached: mean(|post| post.reached),
            ndcg_interval: None,
            ndcg_macro_interval: None,
            by_community_size: self.by_size(),
            communities,
        }
    }

    /// The means, with confidence intervals of NDCG.
    ///
    /// # Errors
    /// [`MetricsError::Parameter`].
    pub fn report_with_intervals(&self, bootstrap: &Bootstrap) -> Result<Report, MetricsError> {
        bootstrap.check()?;
        let mut report = self.report();
        let groups = self.ndcg_by_community();
        if !groups.is_empty() {
            report.ndcg_interval = Some(bootstrap.bounds(&bootstrap.means(&[groups.concat()])));
            report.ndcg_macro_interval = Some(bootstrap.bounds(&bootstrap.means(&groups)));
        }
        Ok(report)
    }

    /// Compares the mean NDCG with that of another system, which must have measured the same posts in
    /// the same order; `None` if there are no posts.
    ///
    /// # Errors
    /// [`MetricsError::Depth`], [`MetricsError::Posts`] or [`MetricsError::Parameter`].
    pub fn compare(
        &self,
        other: &Self,
        bootstrap: &Bootstrap,
    ) -> Result<Option<Comparison>, MetricsError> {
        self.same_depth(other)?;
        for community in self.communities.keys().chain(other.communities.keys()) {
            let posts = |of: &Self| of.communities.get(community).map_or(0, Vec::len);
            let (left, right) = (posts(self), posts(other));
            if left != right {
                let community = Some(community.clone());
                return Err(MetricsError::Posts { community, left, right });
            }
        }
        let (first, second) = (self.ndcg_by_community(), other.ndcg_by_community());
        paired(&first.concat(), &second.concat(), bootstrap)
    }

    fn same_depth(&self, other: &Self) -> Result<(), MetricsError> {
        if self.k == other.k {
            return Ok(());
        }
        Err(MetricsError::Depth { left: self.k, right: other.k })
    }

    fn ndcg_by_community(&self) -> Vec<Vec<f64>> {
        let ndcg = |posts: &Vec<PostMetrics>| posts.iter().map(|post| post.ndcg).collect();
        self.communities.values().map(ndcg).collect()
    }

    fn train_posts(&self, community: &str) -> u64 {
        self.train_posts.get(community).copied().unwrap_or_default()
    }

    fn by_size(&self) -> Vec<SizeReport> {
        let mut sizes: [Vec<f64>; 4] = Default::default();
        for (community, posts) in &self.communities {
            if let Some(size) = sizes.get_mut(bucket(self.train_posts(community))) {
                size.extend(posts.iter().map(|post| post.ndcg));
            }
        }
        let named = BUCKETS.iter().zip(sizes).filter(|(_, posts)| !posts.is_empty());
        named
            .map(|(&bucket, posts)| SizeReport {
                bucket: bucket.into(),
                posts: posts.len(),
                ndcg: mean(posts),
            })
            .collect()
    }

    fn community(&self, name: &str, posts: &[PostMetrics]) -> CommunityReport {
        let mean = |of: fn(&PostMetrics) -> f64| mean(posts.iter().map(of));
        CommunityReport {
            community: name.to_owned(),
            train_posts: self.train_posts(name),
            posts: posts.len(),
            precision: mean(|post| post.precision),
            recall: mean(|post| post.recall),
            map: mean(|post| post.average_precision),
            mrr: mean(|post| post.reciprocal_rank),
            ndcg: mean(|post| post.ndcg),
        }
    }
}

/// The mean; 0 if there are no values, because JSON can't express NaN.
fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (count, sum) = values.into_iter().fold((0u64, 0.0), |(n, sum), value| (n + 1, sum + value));
    if count == 0 { 0.0 } else { sum / count as f64 }
}
