//! The communities of a recommender, in segments: those of the training, then those that were taken
//! in later.
//!
//! A segment has tables of its own and never changes, so taking in a community costs what that
//! community costs: one more segment, beside those that are there. A community's ids are those of
//! its segment.

use std::{collections::BTreeMap, iter, sync::Arc};

use hashrec_data::{CommunityId, CommunitySpace, HashtagSpace};

#[cfg(feature = "learn")]
use crate::pipeline::stage::Parts;
use crate::{
    bundle::error::BundleError,
    pipeline::{
        Pipeline,
        stage::{FittedGenerator, FittedRanking, PartReader},
    },
};

/// Communities whose tables are in the same parts.
pub(crate) struct Segment {
    pub(crate) space: HashtagSpace,
    pub(crate) generators: Vec<Box<dyn FittedGenerator>>,
    pub(crate) ranking: Box<dyn FittedRanking>,
    #[cfg(feature = "learn")]
    pub(crate) parts: Parts,
}

impl Segment {
    /// Reads the parts of communities, beside their ranking.
    pub(crate) fn read(
        pipeline: &Pipeline,
        reader: &PartReader<'_>,
        ranking: Box<dyn FittedRanking>,
    ) -> Result<Self, BundleError> {
        let generators = pipeline.generators.iter().map(|stage| stage.read(reader));
        let segment = Self {
            space: reader.read("space", HashtagSpace::read)?,
            generators: generators.collect::<Result<_, _>>()?,
            ranking,
            #[cfg(feature = "learn")]
            parts: reader.parts.clone(),
        };
        segment.check_space()?;
        Ok(segment)
    }

    /// Checks that all stages have the communities and hashtags of the space.
    pub(crate) fn check_space(&self) -> Result<(), BundleError> {
        self.generators.iter().try_for_each(|generator| generator.check_space(&self.space))?;
        self.ranking.check_space(&self.space)
    }
}

/// Segments, the newest last. A community that several have is served from the newest of them.
#[derive(Clone)]
pub(crate) struct Segments {
    first: Member,
    added: Vec<Member>,
}

/// A segment, and how much of it is in use.
#[derive(Clone)]
struct Member {
    segment: Arc<Segment>,
    /// The rows of its communities.
    #[cfg_attr(not(feature = "learn"), expect(dead_code, reason = "only merging asks"))]
    rows: u64,
    /// The rows of those that no newer segment has.
    in_use: u64,
}

impl Member {
    fn new(segment: Segment) -> Self {
        let rows = segment.space.communities().map(|(_, space)| rows(space)).sum();
        Self { segment: Arc::new(segment), rows, in_use: rows }
    }
}

/// A community where it is served from.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    place: usize,
    pub(crate) segment: &'a Segment,
    pub(crate) id: CommunityId,
    pub(crate) space: &'a CommunitySpace,
}

impl Segments {
    /// The communities of the training.
    pub(crate) fn new(first: Segment) -> Self {
        Self { first: Member::new(first), added: Vec::new() }
    }

    /// Adds a segment, newer than the others.
    pub(crate) fn push(&mut self, segment: Segment) {
        let member = Member::new(segment);
        self.count(&member.segment, |in_use, rows| in_use - rows);
        self.added.push(member);
    }

    /// The segment of the training, or the one that it was merged into.
    pub(crate) fn first(&self) -> &Segment {
        &self.first.segment
    }

    /// All segments, the newest last.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.members().map(|member| &*member.segment)
    }

    /// The community of that name.
    pub(crate) fn find(&self, name: &str) -> Option<Found<'_>> {
        let mut newest_first = (0..=self.added.len()).rev().zip(self.iter().rev());
        newest_first.find_map(|(place, segment)| {
            let id = segment.space.community_id(name)?;
            Some(Found { place, segment, id, space: segment.space.community(id)? })
        })
    }

    /// The communities, in order of name.
    pub(crate) fn spaces(&self) -> Vec<&CommunitySpace> {
        fn all(segment: &Segment) -> impl Iterator<Item = &CommunitySpace> {
            segment.space.communities().map(|(_, space)| space)
        }
        if self.added.is_empty() {
            return all(self.first()).collect();
        }
        let by_name = self.iter().flat_map(all).map(|space| (space.name(), space));
        by_name.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    fn members(&self) -> impl DoubleEndedIterator<Item = &Member> {
        iter::once(&self.first).chain(&self.added)
    }

    /// Changes what is in use of the segments that had the communities of `newer`.
    fn count(&mut self, newer: &Segment, change: impl Fn(u64, u64) -> u64) {
        for (_, space) in newer.space.communities() {
            let Some(old) = self.find(space.name()) else { continue };
            let (place, rows) = (old.place, rows(old.space));
            let member = match place.checked_sub(1) {
                None => Some(&mut self.first),
                Some(place) => self.added.get_mut(place),
            };
            member.into_iter().for_each(|member| member.in_use = change(member.in_use, rows));
        }
    }
}

#[cfg(feature = "learn")]
impl Segments {
    /// How many of the oldest segments stay as they are when new communities are taken in; the
    /// others are merged with them. A segment stays while it has more rows in use than it has out
    /// of use and all newer segments have in use, taken together. So there are at most as many
    /// segments as the number of rows has binary digits, and most of what each stores is in use.
    pub(crate) fn kept_beside<'a>(
        &self,
        arrivals: impl Iterator<Item = &'a CommunitySpace>,
    ) -> usize {
        let mut members: Vec<(u64, u64)> =
            self.members().map(|member| (member.rows, member.in_use)).collect();
        let mut newer = 0;
        for space in arrivals {
            newer += rows(space);
            if let Some(old) = self.find(space.name()) {
                members[old.place].1 -= rows(old.space);
            }
        }
        let mut kept = members.len();
        for (place, (rows, in_use)) in members.into_iter().enumerate().rev() {
            if in_use <= newer + (rows - in_use) {
                kept = place;
            }
            newer += in_use;
        }
        kept
    }

    /// The oldest segments, so many, and a newer one, which takes the place of the others.
    pub(crate) fn with_newest(&self, kept: usize, newest: Segment) -> Self {
        if kept == 0 {
            return Self::new(newest);
        }
        let mut all = self.clone();
        while all.added.len() >= kept
            && let Some(merged) = all.added.pop()
        {
            all.count(&merged.segment, |in_use, rows| in_use + rows);
        }
        all.push(newest);
        all
    }
}

/// How large a community's tables are: their rows for posts and for hashtags.
fn rows(space: &CommunitySpace) -> u64 {
    u64::from(space.posts()) + space.len() as u64
}
