//! Counts over a community's posts: how often each hashtag is used, with which others, and how often
//! it is right when a post names it.

use std::collections::BTreeMap;

use hashrec_data::HashtagId;
use hashrec_storage::{
    Section, SectionWriter, StorageError, Table,
    offsets::{list, span},
};

use crate::{error::FeatureError, literal::matches::Hits};

/// Posts added to the share of a hashtag's posts that carry another: few posts prove little.
const PAIR_SMOOTHING: f32 = 2.0;
/// Hits added to a hashtag's own at the community's rate.
const HIT_SMOOTHING: f32 = 2.0;
/// Hits added to a community's own at the rate it is given beforehand.
const COMMUNITY_SMOOTHING: f32 = 4.0;
/// No community's rate is taken to be lower.
const LOWEST_RATE: f32 = 0.05;
/// A post with more hashtags than this says nothing about which go together: it is a list of a
/// community's hashtags rather than a choice of them, and its pairs grow with their square.
const MAX_PAIRED: usize = 64;

/// How often a hashtag that a post names is one of the post's own, over a whole corpus: the prior for
/// a community with few posts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HitRates {
    /// For hashtags named in the title.
    pub title: f32,
    /// For hashtags named anywhere.
    pub text: f32,
}

impl Default for HitRates {
    /// Typical of tech blogs and question sites: half the hashtags named in a title and three in
    /// ten of those named in a text are the post's own.
    fn default() -> Self {
        Self { title: 0.5, text: 0.3 }
    }
}

impl HitRates {
    /// The rates over a whole corpus, from the statistics of its communities.
    pub fn over<'a>(communities: impl IntoIterator<Item = &'a Statistics>) -> Self {
        Self::of(communities.into_iter().fold([0.0; 4], |sums, community| {
            let [a, b, c, d] = community.hit_sums();
            [sums[0] + a, sums[1] + b, sums[2] + c, sums[3] + d]
        }))
    }

    /// For each community the rates over all others: its prior if it were new.
    pub fn over_others(communities: &[&Statistics]) -> Vec<Self> {
        let sums: Vec<[f64; 4]> = communities.iter().map(|c| c.hit_sums()).collect();
        let total = |of: usize| -> f64 { sums.iter().map(|sums| sums[of]).sum() };
        let totals: [f64; 4] = std::array::from_fn(total);
        sums.iter().map(|own| Self::of(std::array::from_fn(|of| totals[of] - own[of]))).collect()
    }

    /// The rates of hits and right hits in titles, hits and right hits in texts.
    fn of(sums: [f64; 4]) -> Self {
        let before = Self::default();
        // As many hits at the rate believed without any corpus keep tiny corpora sensible.
        let rate = |gold: f64, hits: f64, before: f32| {
            ((gold + 10.0 * f64::from(before)) / (hits + 10.0)) as f32
        };
        Self {
            title: rate(sums[1], sums[0], before.title),
            text: rate(sums[3], sums[2], before.text),
        }
    }
}

/// One labelled post.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The hashtags that it names.
    pub hits: &'a Hits,
    /// The hashtags it carries.
    pub gold: &'a [HashtagId],
}

/// How often one hashtag is used, and how often it is right when it is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usage {
    pub(crate) count: f32,
    pub(crate) share: f32,
    pub(crate) title_rate: f32,
    pub(crate) text_rate: f32,
    pub(crate) named: f32,
}

/// Counts over a community's posts.
///
/// Those of a subset of the posts can be subtracted ([`Self::minus`]). Training uses this to give each
/// post the counts of the posts outside its fold.
/// Leaving out only the post itself would leak the answer to a tree: the count would be one lower
/// exactly where the hashtag is right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    posts: u32,
    counts: Table<u32>,
    title_hits: Table<u32>,
    title_gold: Table<u32>,
    text_hits: Table<u32>,
    text_gold: Table<u32>,
    /// For each hashtag those it is used together with, by id, and in how many posts.
    pair_starts: Table<u32>,
    pair_tags: Table<u32>,
    pair_counts: Table<u32>,
}

impl Statistics {
    /// Counts `posts` over a space of `hashtags` hashtags. A hashtag that a post carries twice
    /// counts once. Which hashtags are used together is counted in posts with at most 64.
    ///
    /// # Errors
    /// [`FeatureError::UnknownHashtag`] for an id past the space, [`FeatureError::TooLarge`].
    pub fn fit<'a>(
        hashtags: usize,
        posts: impl IntoIterator<Item = Observation<'a>>,
    ) -> Result<Self, FeatureError> {
        let mut counts = Counts::new(hashtags);
        for (post, observation) in posts.into_iter().enumerate() {
            counts.add(post, &observation)?;
        }
        counts.finish()
    }

    /// How many posts were counted.
    pub fn posts(&self) -> u32 {
        self.posts
    }

    /// How many hashtags the space has.
    pub fn hashtags(&self) -> usize {
        self.counts.len()
    }

    /// How many posts carry each hashtag.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// The counts without those of a subset of the posts.
    ///
    /// # Errors
    /// [`FeatureError::SpaceMismatch`] if they are over spaces of different sizes.
    pub fn minus(&self, part: &Self) -> Result<Self, FeatureError> {
        let (expected, found) = (self.hashtags(), part.hashtags());
        if expected != found {
            return Err(FeatureError::SpaceMismatch { part: "statistics", expected, found });
        }
        let rest = |all: &[u32], part: &[u32]| -> Table<u32> {
            all.iter().zip(part).map(|(&a, &p)| a.saturating_sub(p)).collect::<Vec<_>>().into()
        };
        let mut pairs = Pairs::new();
        for tag in 0..expected {
            let mut row: BTreeMap<u32, u32> = self.pairs(tag).collect();
            for (other, count) in part.pairs(tag) {
                row.entry(other).and_modify(|all| *all = all.saturating_sub(count));
            }
            pairs.push_row(row.into_iter().filter(|&(_, count)| count > 0))?;
        }
        Ok(Self {
            posts: self.posts.saturating_sub(part.posts),
            counts: rest(&self.counts, &part.counts),
            title_hits: rest(&self.title_hits, &part.title_hits),
            title_gold: rest(&self.title_gold, &part.title_gold),
            text_hits: rest(&self.text_hits, &part.text_hits),
            text_gold: rest(&self.text_gold, &part.text_gold),
            pair_starts: pairs.starts.into(),
            pair_tags: pairs.tags.into(),
            pair_counts: pairs.counts.into(),
        })
    }

    /// The same counts as if no post carried these hashtags.
    pub(crate) fn forgetting(&self, tags: &[HashtagId]) -> Result<Self, FeatureError> {
        let is_forgotten = |tag: u32| tags.iter().any(|forgotten| forgotten.0 == tag);
        let forget = |column: &[u32]| -> Table<u32> {
            let mut column = column.to_vec();
            for tag in tags {
                column.get_mut(tag.index()).into_iter().for_each(|count| *count = 0);
            }
            column.into()
        };
        let mut pairs = Pairs::new();
        for tag in 0..self.hashtags() {
            let all = self.pairs(tag).filter(|_| !is_forgotten(tag as u32));
            pairs.push_row(all.filter(|&(other, _)| !is_forgotten(other)))?;
        }
        Ok(Self {
            posts: self.posts,
            counts: forget(&self.counts),
            title_hits: self.title_hits.clone(),
            title_gold: forget(&self.title_gold),
            text_hits: self.text_hits.clone(),
            text_gold: forget(&self.text_gold),
            pair_starts: pairs.starts.into(),
            pair_tags: pairs.tags.into(),
            pair_counts: pairs.counts.into(),
        })
    }

    /// How often a hashtag named in a title, and in a text, is the post's own in this community.
    /// While its hits are few, the rates stay near `before`.
    pub fn rates(&self, before: HitRates) -> HitRates {
        let rate = |gold: f64, hits: f64, before: f32| {
            let rate =
                (gold as f32 + COMMUNITY_SMOOTHING * before) / (hits as f32 + COMMUNITY_SMOOTHING);
            rate.max(LOWEST_RATE)
        };
        let [title_hits, title_gold, text_hits, text_gold] = self.hit_sums();
        HitRates {
            title: rate(title_gold, title_hits, before.title),
            text: rate(text_gold, text_hits, before.text),
        }
    }

    /// Hits and right hits in titles, hits and right hits in texts, over all hashtags.
    pub(crate) fn hit_sums(&self) -> [f64; 4] {
        let columns = [&self.title_hits, &self.title_gold, &self.text_hits, &self.text_gold];
        columns.map(|column| column.iter().map(|&count| f64::from(count)).sum())
    }

    /// How a hashtag is used. `rates` are this community's.
    pub(crate) fn usage(&self, tag: usize, rates: HitRates) -> Usage {
        let at = |column: &[u32]| column.get(tag).copied().unwrap_or(0) as f32;
        let count = at(&self.counts);
        let rate = |gold: &[u32], hits: &[u32], community: f32| {
            (at(gold) + HIT_SMOOTHING * community) / (at(hits) + HIT_SMOOTHING)
        };
        Usage {
            count,
            share: (count + 0.1) / (self.posts as f32 + 1.0),
            title_rate: rate(&self.title_gold, &self.title_hits, rates.title),
            text_rate: rate(&self.text_gold, &self.text_hits, rates.text),
            named: (at(&self.text_gold) + 0.5) / (count + 1.0),
        }
    }

    /// The hashtags used together with `tag`, and in how many posts.
    fn pairs(&self, tag: usize) -> impl Iterator<Item = (u32, u32)> {
        let range = span(&self.pair_starts, tag);
        let counts = self.pair_counts.get(range.clone()).unwrap_or_default();
        let tags = self.pair_tags.get(range).unwrap_or_default();
        tags.iter().copied().zip(counts.iter().copied())
    }

    /// P(other | tag), smoothed, for each hashtag used together with `tag`.
    pub(crate) fn given(&self, tag: usize) -> impl Iterator<Item = (u32, f32)> {
        let count = self.counts.get(tag).copied().unwrap_or(0) as f32;
        self.pairs(tag).map(move |(other, both)| (other, both as f32 / (count + PAIR_SMOOTHING)))
    }

    pub(crate) fn write(&self, out: &mut SectionWriter<'_>) {
        out.push("statistics.posts", &[self.posts])
            .push("statistics.counts", &self.counts)
            .push("statistics.title_hits", &self.title_hits)
            .push("statistics.title_gold", &self.title_gold)
            .push("statistics.text_hits", &self.text_hits)
            .push("statistics.text_gold", &self.text_gold)
            .push("statistics.pair_starts", &self.pair_starts)
            .push("statistics.pair_tags", &self.pair_tags)
            .push("statistics.pair_counts", &self.pair_counts);
    }

    pub(crate) fn read(section: Section<'_>, tags: usize) -> Result<Self, StorageError> {
        let posts = section.table_of("statistics.posts", 1)?;
        let pair_tags: Table<u32> = section.table("statistics.pair_tags")?;
        let pair_starts = section.offsets("statistics.pair_starts", tags, pair_tags.len())?;
        let rising = |tag| list(&pair_starts, &pair_tags, tag).is_sorted_by(|a, b| a < b);
        if !pair_tags.iter().all(|&tag| (tag as usize) < tags) || !(0..tags).all(rising) {
            let problem = "contain a hashtag out of range or out of order";
            return Err(section.wrong("statistics.pair_tags", problem));
        }
        Ok(Self {
            posts: posts.first().copied().unwrap_or(0),
            counts: section.table_of("statistics.counts", tags)?,
            title_hits: section.table_of("statistics.title_hits", tags)?,
            title_gold: section.table_of("statistics.title_gold", tags)?,
            text_hits: section.table_of("statistics.text_hits", tags)?,
            text_gold: section.table_of("statistics.text_gold", tags)?,
            pair_counts: section.table_of("statistics.pair_counts", pair_tags.len())?,
            pair_starts,
            pair_tags,
        })
    }
}

/// Rows of pairs while they are collected.
struct Pairs {
    starts: Vec<u32>,
    tags: Vec<u32>,
    counts: Vec<u32>,
}

impl Pairs {
    fn new() -> Self {
        Self { starts: vec![0], tags: Vec::new(), counts: Vec::new() }
    }

    fn push_row(&mut self, row: impl Iterator<Item = (u32, u32)>) -> Result<(), FeatureError> {
        for (tag, count) in row {
            self.tags.push(tag);
            self.counts.push(count);
        }
        let end = u32::try_from(self.tags.len())
            .map_err(|_| FeatureError::TooLarge { what: "pairs of hashtags" })?;
        self.starts.push(end);
        Ok(())
    }
}

/// Counts while posts are added.
struct Counts {
    posts: u32,
    counts: Vec<u32>,
    title_hits: Vec<u32>,
    title_gold: Vec<u32>,
    text_hits: Vec<u32>,
    text_gold: Vec<u32>,
    pairs: BTreeMap<(u32, u32), u32>,
}

impl Counts {
    fn new(hashtags: usize) -> Self {
        let zeros = || vec![0; hashtags];
        Self {
            posts: 0,
            counts: zeros(),
            title_hits: zeros(),
            title_gold: zeros(),
            text_hits: zeros(),
            text_gold: zeros(),
            pairs: BTreeMap::new(),
        }
    }

    fn add(&mut self, post: usize, seen: &Observation<'_>) -> Result<(), FeatureError> {
        let mut gold: Vec<u32> = seen.gold.iter().map(|tag| tag.0).collect();
        gold.sort_unstable();
        gold.dedup();
        let hashtags = self.counts.len();
        if let Some(&hashtag) = gold.last().filter(|&&last| last as usize >= hashtags) {
            return Err(FeatureError::UnknownHashtag { post, hashtag, hashtags });
        }
        self.posts = self.posts.saturating_add(1);
        let paired = if gold.len() <= MAX_PAIRED { &gold[..] } else { &[] };
        for &tag in &gold {
            raise(&mut self.counts, tag);
            for &other in paired.iter().filter(|&&other| other != tag) {
                *self.pairs.entry((tag, other)).or_default() += 1;
            }
        }
        for (found, hits, right) in [
            (&seen.hits.title, &mut self.title_hits, &mut self.title_gold),
            (&seen.hits.text, &mut self.text_hits, &mut self.text_gold),
        ] {
            for &tag in found {
                raise(hits, tag);
                if gold.binary_search(&tag).is_ok() {
                    raise(right, tag);
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Statistics, FeatureError> {
        let mut pairs = Pairs::new();
        let mut rest = self.pairs.into_iter().peekable();
        for tag in 0..self.counts.len() as u32 {
            let row = std::iter::from_fn(|| rest.next_if(|&((first, _), _)| first == tag));
            pairs.push_row(row.map(|((_, other), count)| (other, count)))?;
        }
        Ok(Statistics {
            posts: self.posts,
            counts: self.counts.into(),
            title_hits: self.title_hits.into(),
            title_gold: self.title_gold.into(),
            text_hits: self.text_hits.into(),
            text_gold: self.text_gold.into(),
            pair_starts: pairs.starts.into(),
            pair_tags: pairs.tags.into(),
            pair_counts: pairs.counts.into(),
        })
    }
}

fn raise(counts: &mut [u32], tag: u32) {
    if let Some(count) = counts.get_mut(tag as usize) {
        *count = count.saturating_add(1);
    }
}
