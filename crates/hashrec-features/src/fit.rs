//! Fitting a community, and the features of its training posts.

use std::{borrow::Cow, sync::OnceLock};

use hashrec_data::HashtagId;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::{
    community::CommunityFeatures,
    error::FeatureError,
    history::{
        statistics::{HitRates, Observation, Statistics},
        timeline::{Moment, Timeline},
    },
    literal::{index::LiteralIndex, matches::Hits},
    post::{analysis::Analysis, searched::Searched},
    row::{evidence::Evidence, scores::GeneratorScores},
};

/// The number of folds that training posts are split into.
const FOLDS: usize = 8;
const FOLD_SEED: u64 = 0x666f_6c64;
const CHOSEN_SEED: u64 = 0x6368_6f73;
const HIDDEN_SEED: u64 = 0x6869_6464;

/// One labelled post of a community.
#[derive(Clone, Debug)]
pub struct FeaturePost<'a> {
    /// Its id, which alone decides its fold.
    pub id: &'a str,
    /// The post, read. It is passed by value so that a corpus can be streamed, and dropped as soon
    /// as it has been searched for hashtags.
    pub searched: Searched,
    /// When it was written, in Unix seconds.
    pub created_at: Option<i64>,
    /// Its hashtags.
    pub gold: &'a [HashtagId],
}

/// A community fitted to its posts, and what each of those posts may see of the others as a training
/// sample: the counts of the posts outside its fold, and only the posts before it.
pub struct FittedCommunity {
    features: CommunityFeatures,
    /// Which hashtags each post names, and which it carries.
    hits: Vec<Hits>,
    gold: Vec<Box<[HashtagId]>>,
    folds: Vec<u8>,
    moments: Vec<Moment>,
    /// For each fold, the statistics of the posts outside it: once they are asked for.
    outside: OnceLock<Vec<Statistics>>,
}

/// A clone leaves out what was computed for the folds: drop it and so is that memory.
impl Clone for FittedCommunity {
    fn clone(&self) -> Self {
        Self {
            features: self.features.clone(),
            hits: self.hits.clone(),
            gold: self.gold.clone(),
            folds: self.folds.clone(),
            moments: self.moments.clone(),
            outside: OnceLock::new(),
        }
    }
}

impl FittedCommunity {
    /// Fits the community to `posts`; there may be none.
    ///
    /// # Errors
    /// [`FeatureError::UnknownHashtag`] if a post has a hashtag id outside the space,
    /// [`FeatureError::TooLarge`].
    pub fn fit<'a>(
        literal: LiteralIndex,
        posts: impl IntoIterator<Item = FeaturePost<'a>>,
    ) -> Result<Self, FeatureError> {
        let hashtags = literal.len();
        let mut hits: Vec<Hits> = Vec::new();
        let mut folds: Vec<u8> = Vec::new();
        let mut dated: Vec<(Option<i64>, &[HashtagId])> = Vec::new();
        for post in posts {
            hits.push(literal.find(&post.searched).hits());
            folds.push((xxh3_64_with_seed(post.id.as_bytes(), FOLD_SEED) % FOLDS as u64) as u8);
            dated.push((post.created_at, post.gold));
        }
        let (timeline, moments) = Timeline::fit(hashtags, &dated)?;
        let seen = hits.iter().zip(&dated).map(|(hits, &(_, gold))| Observation { hits, gold });
        let all = Statistics::fit(hashtags, seen)?;
        let features = CommunityFeatures::new(literal, all, timeline, HitRates::default())?;
        let gold = dated.into_iter().map(|(_, gold)| gold.into()).collect();
        Ok(Self { features, hits, gold, folds, moments, outside: OnceLock::new() })
    }

    /// For each fold, the statistics of the posts outside it.
    fn outside(&self) -> Result<&[Statistics], FeatureError> {
        if let Some(outside) = self.outside.get() {
            return Ok(outside);
        }
        let (all, hashtags) = (self.features.statistics(), self.features.hashtags());
        let inside = |fold: u8| {
            let posts = self.hits.iter().zip(&self.gold).zip(&self.folds);
            posts
                .filter(move |&(_, &of)| of == fold)
                .map(|((hits, gold), _)| Observation { hits, gold })
        };
        let outside = (0..FOLDS as u8)
            .map(|fold| all.minus(&Statistics::fit(hashtags, inside(fold))?))
            .collect::<Result<_, _>>()?;
        Ok(self.outside.get_or_init(|| outside))
    }

    /// How many posts the community was fitted to.
    pub fn posts(&self) -> usize {
        self.folds.len()
    }

    /// The community, fitted to all posts.
    pub fn features(&self) -> &CommunityFeatures {
        &self.features
    }

    /// The same fit with other prior hit rates.
    pub fn with_hit_rates(mut self, hit_rates: HitRates) -> Self {
        self.features = self.features.with_hit_rates(hit_rates);
        self
    }

    /// The community, fitted to all posts, for serving.
    pub fn into_features(self) -> CommunityFeatures {
        self.features
    }

    /// Gathers the evidence that training post `post` (its position among the fitted posts) may see.
    /// `scores` must come from models that have not seen the post. `chosen` are the hashtags of it
    /// that count as already chosen ([`simulate_chosen`]), normally none.
    ///
    /// # Errors
    /// [`FeatureError::UnknownPost`], [`FeatureError::ScoreCount`].
    pub fn evidence<'a>(
        &'a self,
        post: usize,
        analysis: &'a Analysis,
        scores: &GeneratorScores<'a>,
        chosen: &[HashtagId],
    ) -> Result<Evidence<'a>, FeatureError> {
        self.evidence_hiding(post, analysis, scores, chosen, &[])
    }

    /// [`evidence`](Self::evidence) as it would be if no post carried the `hidden` hashtags. Their
    /// scores must be those of hashtags without posts.
    ///
    /// # Errors
    /// Those of [`evidence`](Self::evidence).
    pub fn evidence_hiding<'a>(
        &'a self,
        post: usize,
        analysis: &'a Analysis,
        scores: &GeneratorScores<'a>,
        chosen: &[HashtagId],
        hidden: &[HashtagId],
    ) -> Result<Evidence<'a>, FeatureError> {
        let unknown = || FeatureError::UnknownPost { post, posts: self.posts() };
        let fold = *self.folds.get(post).ok_or_else(unknown)? as usize;
        let statistics = self.outside()?.get(fold).ok_or_else(unknown)?;
        let moment = *self.moments.get(post).ok_or_else(unknown)?;
        let statistics = match hidden {
            [] => Cow::Borrowed(statistics),
            hidden => Cow::Owned(statistics.forgetting(hidden)?),
        };
        let evidence =
            Evidence::gather(&self.features, statistics, moment, analysis, scores, chosen)?;
        Ok(evidence.hiding(hidden))
    }
}

/// Picks some of a community's hashtags, so many in all, as if no post carried them, so that a ranker
/// learns to recommend hashtags that nobody has used yet: each with probability `share`. None unless one
/// of them is the post's. Only `id` and `seed` decide.
pub fn simulate_hidden(
    id: &str,
    hashtags: usize,
    gold: &[HashtagId],
    share: f64,
    seed: u64,
) -> Vec<HashtagId> {
    let hidden = |tag: &HashtagId| {
        let seed = seed ^ HIDDEN_SEED ^ (u64::from(tag.0) << 32);
        let draw = xxh3_64_with_seed(id.as_bytes(), seed) as f64 / u64::MAX as f64;
        draw < share
    };
    if !gold.iter().any(hidden) {
        return Vec::new();
    }
    (0..hashtags as u32).map(HashtagId).filter(hidden).collect()
}

/// Picks some of a post's hashtags as if its author had chosen them already, so that a ranker learns
/// what chosen hashtags imply. With probability `share` it picks at least one and never all,
/// otherwise none. Only `id` and `seed` decide.
pub fn simulate_chosen(id: &str, gold: &[HashtagId], share: f64, seed: u64) -> Vec<HashtagId> {
    let random = |salt: u64| xxh3_64_with_seed(id.as_bytes(), seed ^ CHOSEN_SEED ^ (salt << 32));
    let draw = random(1) as f64 / u64::MAX as f64;
    let mut gold = gold.to_vec();
    gold.sort_unstable();
    gold.dedup();
    if gold.len() < 2 || draw >= share {
        return Vec::new();
    }
    let count = 1 + (random(2) % (gold.len() as u64 - 1)) as usize;
    gold.sort_by_key(|tag| random(3 + u64::from(tag.0)));
    gold.truncate(count);
    gold.sort_unstable();
    gold
}
