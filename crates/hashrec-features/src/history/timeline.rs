//! When hashtags were used.
//!
//! The state before a post is computed on demand, from a bounded stretch of each hashtag's list of
//! posts. Training and serving run the same code, and nothing has to be replayed.

use hashrec_data::HashtagId;
use hashrec_storage::{Section, SectionWriter, StorageError, Table, offsets::list};

use crate::error::FeatureError;

/// Share of the weight that one post takes away from older ones: about the last 20 posts...
const RECENT: f32 = 0.95;
/// ...and about the last 200.
const STEADY: f32 = 0.995;
/// Further back, a post weighs less than 10⁻⁴ of a new one.
const RECENT_POSTS: usize = 256;
const STEADY_POSTS: usize = 2048;
static RECENT_WEIGHTS: [f32; RECENT_POSTS] = weights(RECENT);
static STEADY_WEIGHTS: [f32; STEADY_POSTS] = weights(STEADY);

/// (1 − decay) · decayⁿ.
const fn weights<const N: usize>(decay: f32) -> [f32; N] {
    let mut weights = [0.0; N];
    let mut weight = 1.0 - decay as f64;
    let mut index = 0;
    while index < N {
        weights[index] = weight as f32;
        weight *= decay as f64;
        index += 1;
    }
    weights
}

/// What stands for "posts since the last use" of a hashtag never used (as a logarithm).
const NEVER: f32 = 20.0;
const SECONDS_PER_DAY: f32 = 86_400.0;

/// A point in a community's timeline: how many posts come before it, and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The number of posts before it; `None` if the post or the community has no times.
    pub(crate) earlier: Option<u32>,
    time: i64,
}

impl Moment {
    /// The moment of a post whose time is unknown: its time features are missing.
    pub const UNKNOWN: Self = Self { earlier: None, time: 0 };
}

/// The use of one hashtag before a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Use {
    /// Moving averages of its use, per post.
    pub(crate) recent: f32,
    pub(crate) steady: f32,
    /// ln(1 + posts after its last use), [`NEVER`] if never used.
    pub(crate) since: f32,
    /// ln(1 + days after its last use), [`NEVER`] if never used.
    pub(crate) days: f32,
    /// ln(1 + posts after its first use), −1 if never used.
    pub(crate) age: f32,
    /// Whether the previous post carries it.
    pub(crate) previous: f32,
}

impl Use {
    /// Nothing is known of time.
    const MISSING: Self = Self {
        recent: f32::NAN,
        steady: f32::NAN,
        since: f32::NAN,
        days: f32::NAN,
        age: f32::NAN,
        previous: f32::NAN,
    };
}

/// The posts of one community that have a time, in order of time, and their hashtags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Unix seconds, never falling.
    times: Table<i64>,
    /// For each hashtag its posts, as positions in `times`, rising.
    starts: Table<u32>,
    positions: Table<u32>,
}

impl Timeline {
    /// Orders `posts` (time in Unix seconds, hashtags) over a space of `hashtags` hashtags, and
    /// returns the moment of each, which sees only the posts before it. Posts of the same second
    /// keep their order; posts without a time are left out.
    ///
    /// # Errors
    /// [`FeatureError::UnknownHashtag`], [`FeatureError::TooLarge`].
    pub fn fit(
        hashtags: usize,
        posts: &[(Option<i64>, &[HashtagId])],
    ) -> Result<(Self, Vec<Moment>), FeatureError> {
        let too_large = |_| FeatureError::TooLarge { what: "uses of hashtags" };
        let mut order: Vec<(i64, usize)> =
            posts.iter().enumerate().filter_map(|(at, post)| Some((post.0?, at))).collect();
        order.sort_unstable();
        let mut moments = vec![Moment::UNKNOWN; posts.len()];
        let mut uses: Vec<(u32, u32)> = Vec::new();
        for (rank, &(time, post)) in order.iter().enumerate() {
            let rank = u32::try_from(rank).map_err(too_large)?;
            if let Some(moment) = moments.get_mut(post) {
                *moment = Moment { earlier: Some(rank), time };
            }
            for tag in posts.get(post).map_or(&[][..], |post| post.1) {
                if tag.index() >= hashtags {
                    return Err(FeatureError::UnknownHashtag { post, hashtag: tag.0, hashtags });
                }
                uses.push((tag.0, rank));
            }
        }
        uses.sort_unstable();
        uses.dedup();
        u32::try_from(uses.len()).map_err(too_large)?;
        let starts: Vec<u32> = (0..=hashtags as u32)
            .map(|tag| uses.partition_point(|used| used.0 < tag) as u32)
            .collect();
        let timeline = Self {
            times: order.iter().map(|&(time, _)| time).collect::<Vec<_>>().into(),
            starts: starts.into(),
            positions: uses.iter().map(|&(_, rank)| rank).collect::<Vec<_>>().into(),
        };
        Ok((timeline, moments))
    }

    /// How many posts have a time.
    pub fn posts(&self) -> usize {
        self.times.len()
    }

    /// How many hashtags the space has.
    pub fn hashtags(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The moment of a new post: after all posts up to its time, or after all posts if it has
    /// none. Unknown if the community has no times.
    pub fn moment(&self, created_at: Option<i64>) -> Moment {
        let Some(&last) = self.times.last() else { return Moment::UNKNOWN };
        let time = created_at.unwrap_or(last);
        let earlier = match created_at {
            Some(now) => self.times.partition_point(|&time| time <= now),
            None => self.times.len(),
        };
        Moment { earlier: u32::try_from(earlier).ok(), time }
    }

    /// The use of `tag` before `moment`.
    pub(crate) fn before(&self, moment: Moment, tag: usize) -> Use {
        let Some(now) = moment.earlier else { return Use::MISSING };
        let uses = list(&self.starts, &self.positions, tag);
        let uses = uses.get(..uses.partition_point(|&at| at < now)).unwrap_or_default();
        let (Some(&first), Some(&last)) = (uses.first(), uses.last()) else {
            let never = Use { recent: 0.0, steady: 0.0, since: NEVER, days: NEVER, ..Use::MISSING };
            return Use { age: -1.0, previous: 0.0, ..never };
        };
        let (mut recent, mut steady) = (0.0, 0.0);
        for &at in uses.iter().rev() {
            let ago = (now - 1 - at) as usize;
            let Some(weight) = STEADY_WEIGHTS.get(ago) else { break };
            steady += weight;
            recent += RECENT_WEIGHTS.get(ago).copied().unwrap_or(0.0);
        }
        let used_at = self.times.get(last as usize).copied().unwrap_or(moment.time);
        let days = moment.time.saturating_sub(used_at).max(0) as f32 / SECONDS_PER_DAY;
        Use {
            recent,
            steady,
            since: ((now - 1 - last) as f32).ln_1p(),
            days: days.ln_1p(),
            age: ((now - 1 - first) as f32).ln_1p(),
            previous: f32::from(last + 1 == now),
        }
    }

    pub(crate) fn write(&self, out: &mut SectionWriter<'_>) {
        out.push("timeline.times", &self.times)
            .push("timeline.starts", &self.starts)
            .push("timeline.positions", &self.positions);
    }

    pub(crate) fn read(section: Section<'_>, tags: usize) -> Result<Self, StorageError> {
        let times: Table<i64> = section.table("timeline.times")?;
        let positions: Table<u32> = section.table("timeline.positions")?;
        let starts = section.offsets("timeline.starts", tags, positions.len())?;
        if !times.is_sorted() {
            return Err(section.wrong("timeline.times", "fall"));
        }
        let rising = |tag| list(&starts, &positions, tag).is_sorted_by(|a, b| a < b);
        if !positions.iter().all(|&at| (at as usize) < times.len()) || !(0..tags).all(rising) {
            let problem = "contain a post out of range or out of order";
            return Err(section.wrong("timeline.positions", problem));
        }
        Ok(Self { times, starts, positions })
    }
}
