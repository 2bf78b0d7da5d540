//! The hashtags of the posts of a community, by post and by hashtag.

use std::ops::Range;

#[cfg(feature = "train")]
use hashrec_data::HashtagId;
use hashrec_storage::{Column, SectionWriter, Sections, StorageError, Table, offsets::are_offsets};

#[cfg(feature = "train")]
use crate::CandidatesError;

/// The hashtags of the posts of a community, in tables of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct GoldTables {
    offsets: Table<u32>,
    hashtags: Table<u32>,
    uses: Table<u32>,
    carriers: Table<u32>,
}

/// The same in the columns of a part, for all communities.
#[derive(Clone, Debug)]
pub(crate) struct GoldColumns {
    offsets: Column<u32>,
    hashtags: Column<u32>,
    uses: Column<u32>,
    carriers: Column<u32>,
}

/// The same, read in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gold<'a> {
    /// Where the hashtags of each post begin; one more value than there are posts.
    pub(crate) offsets: &'a [u32],
    pub(crate) hashtags: &'a [u32],
    /// The number of posts that have each hashtag.
    pub(crate) uses: &'a [u32],
    /// The posts that have the first hashtag, rising, then those that have the second one, and so on.
    pub(crate) carriers: &'a [u32],
}

impl GoldTables {
    /// Collects the hashtags of posts, of which each counts once a post.
    #[cfg(feature = "train")]
    pub(crate) fn collect<'a>(
        posts: impl Iterator<Item = &'a [HashtagId]>,
        count: usize,
    ) -> Result<Self, CandidatesError> {
        let (mut offsets, mut hashtags, mut uses) = (vec![0], Vec::new(), vec![0; count]);
        let mut gold: Vec<u32> = Vec::new();
        for (post, own) in posts.enumerate() {
            gold.clear();
            gold.extend(own.iter().map(|hashtag| hashtag.0));
            gold.sort_unstable();
            gold.dedup();
            for &hashtag in &gold {
                let Some(uses) = uses.get_mut(hashtag as usize) else {
                    return Err(CandidatesError::Hashtag { post, hashtag, hashtags: count });
                };
                *uses += 1;
            }
            hashtags.extend_from_slice(&gold);
            let end = u32::try_from(hashtags.len()).map_err(|_| CandidatesError::TooLarge {
                what: "hashtag uses",
                found: hashtags.len(),
                limit: u32::MAX as usize,
            })?;
            offsets.push(end);
        }
        let carriers = carriers(&offsets, &hashtags, &uses).into();
        let (offsets, hashtags, uses) = (offsets.into(), hashtags.into(), uses.into());
        Ok(Self { offsets, hashtags, uses, carriers })
    }

    /// Copies the tables that a view refers to.
    pub(crate) fn copy(gold: Gold<'_>) -> Self {
        let copied = |numbers: &[u32]| numbers.to_vec().into();
        Self {
            offsets: copied(gold.offsets),
            hashtags: copied(gold.hashtags),
            uses: copied(gold.uses),
            carriers: copied(gold.carriers),
        }
    }

    /// Writes the runs of a community.
    pub(crate) fn push(&self, out: &mut SectionWriter<'_>) {
        out.push("gold.offsets", &self.offsets)
            .push("gold.hashtags", &self.hashtags)
            .push("gold.uses", &self.uses)
            .push("gold.carriers", &self.carriers);
    }

    pub(crate) fn view(&self) -> Gold<'_> {
        let Self { offsets, hashtags, uses, carriers } = self;
        Gold { offsets, hashtags, uses, carriers }
    }
}

/// The posts of each hashtag, hashtag by hashtag.
#[cfg(any(test, feature = "train"))]
fn carriers(offsets: &[u32], hashtags: &[u32], uses: &[u32]) -> Vec<u32> {
    let ends = uses.iter().scan(0, |end, &uses| Some(std::mem::replace(end, *end + uses as usize)));
    let mut next: Vec<usize> = ends.collect();
    let mut carriers = vec![0; hashtags.len()];
    for (post, ends) in offsets.windows(2).enumerate() {
        for &hashtag in &hashtags[ends[0] as usize..ends[1] as usize] {
            let next = &mut next[hashtag as usize];
            carriers[*next] = post as u32;
            *next += 1;
        }
    }
    carriers
}

impl GoldColumns {
    pub(crate) fn find(sections: &Sections) -> Result<Self, StorageError> {
        Ok(Self {
            offsets: sections.column("gold.offsets")?,
            hashtags: sections.column("gold.hashtags")?,
            uses: sections.column("gold.uses")?,
            carriers: sections.column("gold.carriers")?,
        })
    }

    /// The hashtags of the community in the section at `index`.
    pub(crate) fn run(&self, index: usize) -> Gold<'_> {
        Gold {
            offsets: self.offsets.run(index),
            hashtags: self.hashtags.run(index),
            uses: self.uses.run(index),
            carriers: self.carriers.run(index),
        }
    }
}

impl<'a> Gold<'a> {
    /// The number of posts.
    pub(crate) fn posts(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The hashtags of a post, rising.
    pub(crate) fn of(&self, post: usize) -> &'a [u32] {
        let range = || -> Option<Range<usize>> {
            Some(*self.offsets.get(post)? as usize..*self.offsets.get(post + 1)? as usize)
        };
        range().and_then(|range| self.hashtags.get(range)).unwrap_or_default()
    }

    /// The posts of each hashtag, rising.
    pub(crate) fn carriers(&self) -> impl Iterator<Item = &'a [u32]> {
        let mut rest = self.carriers;
        self.uses.iter().map(move |&uses| {
            let (posts, after) = rest.split_at_checked(uses as usize).unwrap_or_default();
            rest = after;
            posts
        })
    }

    /// Names the first column that doesn't belong to those beside it, and says why.
    pub(crate) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let (posts, hashtags) = (self.posts(), self.uses.len());
        let require =
            |holds: bool, name, problem| if holds { Ok(()) } else { Err((name, problem)) };
        let whole = are_offsets(self.offsets, self.hashtags.len());
        require(whole, "gold.offsets", "do not rise from 0 to the number of hashtags")?;
        let known = self.hashtags.iter().all(|&hashtag| (hashtag as usize) < hashtags);
        require(known, "gold.hashtags", "contain an unknown hashtag")?;
        let uses: u64 = self.uses.iter().map(|&uses| u64::from(uses)).sum();
        let whole = uses == self.hashtags.len() as u64;
        require(whole, "gold.uses", "do not add up to the hashtags of all posts")?;
        let whole = self.carriers.len() == self.hashtags.len();
        require(whole, "gold.carriers", "are not one per use of a hashtag")?;
        let known = self.carriers.iter().all(|&post| (post as usize) < posts);
        require(known, "gold.carriers", "contain an unknown post")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl GoldTables {
        /// Of posts with these hashtags, each rising.
        pub(crate) fn of(count: usize, posts: &[&[u32]]) -> Self {
            let (mut offsets, mut uses) = (vec![0], vec![0; count]);
            let hashtags = posts.concat();
            hashtags.iter().for_each(|&hashtag| uses[hashtag as usize] += 1);
            for gold in posts {
                offsets.push(offsets[offsets.len() - 1] + gold.len() as u32);
            }
            let carriers = carriers(&offsets, &hashtags, &uses).into();
            let (offsets, hashtags, uses) = (offsets.into(), hashtags.into(), uses.into());
            Self { offsets, hashtags, uses, carriers }
        }
    }

    #[test]
    fn posts_are_listed_by_hashtag() {
        let tables = GoldTables::of(4, &[&[0, 2], &[], &[2, 3], &[0]]);
        let gold = tables.view();
        assert_eq!(gold.carriers().collect::<Vec<_>>(), [&[0, 3][..], &[], &[0, 2], &[2]]);
        assert_eq!(
            (0..5).map(|post| gold.of(post)).collect::<Vec<_>>(),
            [&[0, 2][..], &[], &[2, 3], &[0], &[]]
        );
        assert_eq!(gold.check(), Ok(()));
    }

    #[test]
    fn what_does_not_fit_together_is_named() {
        let tables = GoldTables::of(2, &[&[0], &[0, 1]]);
        let gold = tables.view();
        for (damaged, name) in [
            (Gold { offsets: &[0, 2, 1], ..gold }, "gold.offsets"),
            (Gold { hashtags: &[0, 2, 1], ..gold }, "gold.hashtags"),
            (Gold { uses: &[1, 1], ..gold }, "gold.uses"),
            (Gold { carriers: &[0, 1], ..gold }, "gold.carriers"),
            (Gold { carriers: &[0, 2, 1], ..gold }, "gold.carriers"),
        ] {
            assert_eq!(damaged.check().unwrap_err().0, name);
        }
    }
}
