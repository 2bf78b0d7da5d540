//! A space as one part of a bundle.
//!
//! | table | element | rows | holds |
//! |---|---|---|---|
//! | `community_text` | u8 | bytes | the names of the communities, concatenated |
//! | `community_offsets` | u64 | communities + 1 | where each name begins |
//! | `community_posts` | u32 | communities | the number of posts the space was built from |
//! | `community_starts` | u64 | communities + 1 | the first row of each community in the tables below |
//! | `hashtag_text` | u8 | bytes | the hashtags, concatenated |
//! | `hashtag_offsets` | u64 | hashtags + 1 | where each hashtag begins |
//! | `hashtag_counts` | u32 | hashtags | the number of posts that have the hashtag |
//! | `hashtag_by_name` | u32 | hashtags | for each community, its hashtag ids in order of their keys |
//!
//! The header says how the names of hashtags are compared; without it, by default.

use std::sync::Arc;

use hashrec_storage::{Bytes, Part, PartWriter, StorageError};

use super::lookup::{CommunitySpace, HashtagSpace, Tables};
use crate::{DataError, NameFolding, fold_hashtag, normalize_community, normalize_hashtag};

const KIND: &str = "hashtag-space";
const VERSION: u32 = 1;

impl HashtagSpace {
    /// Encodes the space as one part of a bundle; the same space gives the same bytes.
    ///
    /// # Errors
    /// [`DataError::Space`] if it cannot be encoded.
    pub fn write(&self) -> Result<Vec<u8>, DataError> {
        let (mut text, mut offsets) = (Vec::new(), vec![0u64]);
        let (mut posts, mut starts) = (Vec::new(), vec![0u64]);
        for community in self.communities.iter() {
            text.extend_from_slice(community.name.as_bytes());
            offsets.push(text.len() as u64);
            posts.push(community.posts);
            starts.push((community.start + community.len) as u64);
        }
        let mut writer = PartWriter::new(KIND, VERSION);
        writer
            .header(&self.tables.folding)?
            .table("community_text", &text)?
            .table("community_offsets", &offsets)?
            .table("community_posts", &posts)?
            .table("community_starts", &starts)?
            .table("hashtag_text", &self.tables.text)?
            .table(
                "hashtag_offsets",
                if self.tables.offsets.is_empty() { &[0] } else { &self.tables.offsets },
            )?
            .table("hashtag_counts", &self.tables.counts)?
            .table("hashtag_by_name", &self.tables.by_name)?;
        Ok(writer.to_bytes()?)
    }

    /// Reads what [`HashtagSpace::write`] wrote. The space refers to the hashtags in `bytes` without
    /// copying them. Every value is checked first, so that no content can make the space misbehave.
    ///
    /// # Errors
    /// [`DataError::Space`], which names the table and what is wrong with it.
    pub fn read(bytes: Bytes) -> Result<Self, DataError> {
        Ok(read(bytes)?)
    }
}

fn read(bytes: Bytes) -> Result<HashtagSpace, StorageError> {
    let part = Part::parse(bytes, KIND, VERSION)?;
    let posts = part.table::<u32>("community_posts")?;
    let counts = part.table::<u32>("hashtag_counts")?;
    if u32::try_from(posts.len()).is_err() || u32::try_from(counts.len()).is_err() {
        return Err(part.wrong("hashtag_counts", "has more rows than an id can address".into()));
    }
    let community_text = part.table::<u8>("community_text")?;
    let community_offsets = part.table_of::<u64>("community_offsets", posts.len() + 1)?;
    let starts = part.table_of::<u64>("community_starts", posts.len() + 1)?;
    let tables = Tables {
        text: part.table("hashtag_text")?,
        offsets: part.table_of("hashtag_offsets", counts.len() + 1)?,
        by_name: part.table_of("hashtag_by_name", counts.len())?,
        folding: part.header::<Option<NameFolding>>()?.unwrap_or_default(),
        counts,
    };
    let names = strings(&part, "community_offsets", &community_text, &community_offsets)?;
    if !names.is_sorted_by(|a, b| a < b) {
        return Err(part.wrong("community_text", "the names are not in rising order".into()));
    }
    if let Some(row) = names.iter().position(|name| normalize_community(name) != *name) {
        let problem = format!("row {row} is not the name of a community in normal form");
        return Err(part.wrong("community_text", problem));
    }
    check_runs(&part, "community_starts", &starts, tables.counts.len())?;
    let hashtags = strings(&part, "hashtag_offsets", &tables.text, &tables.offsets)?;
    if let Some(row) =
        hashtags.iter().position(|tag| tag.is_empty() || normalize_hashtag(tag) != *tag)
    {
        return Err(
            part.wrong("hashtag_text", format!("row {row} is not a hashtag in normal form"))
        );
    }
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let mut extents = Vec::with_capacity(names.len());
    for ((name, &posts), run) in names.into_iter().zip(posts.iter()).zip(starts.windows(2)) {
        // In range, because `check_runs` found the starts rising up to the number of rows.
        let (start, end) = (run[0] as usize, run[1] as usize);
        let (tags, counts) = (&hashtags[start..end], &tables.counts[start..end]);
        let rows = || tags.iter().zip(counts);
        if !rows().zip(rows().skip(1)).all(|((a, m), (b, n))| m > n || (m == n && a < b)) {
            let problem = format!(
                "the hashtags of community {name:?} are not ordered by falling use, then by name"
            );
            return Err(part.wrong("hashtag_counts", problem));
        }
        if counts.first().is_some_and(|&count| count > posts) {
            let problem = format!(
                "community {name:?} has a hashtag that more posts use than the community has"
            );
            return Err(part.wrong("hashtag_counts", problem));
        }
        // As many strictly rising keys as rows: each row occurs exactly once, and no two hashtags
        // are the same to a reader.
        let ids = &tables.by_name[start..end];
        let key = |tag| fold_hashtag(tag, tables.folding);
        let sorted: Option<Vec<_>> =
            ids.iter().map(|&id| tags.get(id as usize).copied().map(key)).collect();
        if !sorted.is_some_and(|names| names.is_sorted_by(|a, b| a < b)) {
            let problem =
                format!("the ids of community {name:?} are out of range or not ordered by key");
            return Err(part.wrong("hashtag_by_name", problem));
        }
        extents.push((name, posts, start, end - start));
    }
    let tables = Arc::new(tables);
    let space = |(name, posts, start, len)| {
        let tables = Arc::clone(&tables);
        CommunitySpace { name, posts, start, len, tables }
    };
    Ok(HashtagSpace { communities: extents.into_iter().map(space).collect(), tables })
}

/// Checks that offsets begin at 0, never fall and end at `end`.
fn check_runs(part: &Part, table: &str, offsets: &[u64], end: usize) -> Result<(), StorageError> {
    let ends = offsets.first() == Some(&0) && offsets.last() == Some(&(end as u64));
    if ends && offsets.is_sorted() {
        return Ok(());
    }
    Err(part.wrong(table, format!("does not rise from 0 to {end}")))
}

/// The strings of a text table, split at the offsets.
fn strings<'a>(
    part: &Part,
    table: &str,
    text: &'a [u8],
    offsets: &[u64],
) -> Result<Vec<&'a str>, StorageError> {
    check_runs(part, table, offsets, text.len())?;
    let cut = |run: &[u64]| std::str::from_utf8(&text[run[0] as usize..run[1] as usize]);
    offsets
        .windows(2)
        .enumerate()
        .map(|(row, run)| {
            cut(run).map_err(|_| part.wrong(table, format!("row {row} is not UTF-8 text")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommunityId, HashtagId};

    fn small() -> HashtagSpace {
        HashtagSpace::builder()
            .list("silent", ["#later", "先"])
            .list("empty", [""; 0])
            .post(&crate::Post::new("1", "b", "", ["お知らせ", "x"], None))
            .post(&crate::Post::new("2", "b", "", ["x", "c"], None))
            .build()
    }

    /// Reads everything a caller could read.
    fn use_it(space: &HashtagSpace) -> usize {
        let mut sum = 0;
        for (id, community) in space.communities() {
            assert_eq!(space.community_id(community.name()), Some(id));
            for (i, tag) in community.hashtags().enumerate() {
                assert_eq!(community.id(tag), Some(HashtagId(i as u32)));
                sum += tag.len() + community.count(HashtagId(i as u32)) as usize;
            }
        }
        assert!(space.community(CommunityId(u32::MAX)).is_none());
        sum
    }

    #[test]
    fn round_trips_and_is_deterministic() {
        let bytes = small().write().unwrap();
        assert_eq!(bytes, small().write().unwrap());
        let space = HashtagSpace::read(bytes.clone().into()).unwrap();
        assert_eq!(space, small());
        assert_eq!(space.write().unwrap(), bytes);
        let none = HashtagSpace::default();
        assert_eq!(HashtagSpace::read(none.write().unwrap().into()).unwrap(), none);
        assert_eq!(none, HashtagSpace::builder().build());
    }

    #[test]
    fn every_truncation_and_every_changed_byte_is_an_error_or_still_reads() {
        let whole = small().write().unwrap();
        for len in 0..whole.len() {
            assert!(HashtagSpace::read(whole[..len].to_vec().into()).is_err(), "cut at {len}");
        }
        for at in 0..whole.len() {
            for change in [0xff, 0x01, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                if let Ok(space) = HashtagSpace::read(bytes.into()) {
                    use_it(&space);
                }
            }
        }
    }

    /// A part of community "c", three posts, whose hashtags are as given.
    fn forged(text: &[u8], offsets: &[u64], counts: &[u32], by_name: &[u32]) -> Vec<u8> {
        let mut writer = PartWriter::new(KIND, VERSION);
        writer.table("community_text", b"c").unwrap();
        writer.table("community_offsets", &[0u64, 1]).unwrap();
        writer.table("community_posts", &[3u32]).unwrap();
        writer.table("community_starts", &[0, counts.len() as u64]).unwrap();
        writer.table("hashtag_text", text).unwrap();
        writer.table("hashtag_offsets", offsets).unwrap();
        writer.table("hashtag_counts", counts).unwrap();
        writer.table("hashtag_by_name", by_name).unwrap();
        writer.to_bytes().unwrap()
    }

    #[test]
    fn every_rule_is_checked() {
        let read = |bytes: Vec<u8>| HashtagSpace::read(bytes.into());
        assert!(read(forged(b"ab", &[0, 1, 2], &[2, 1], &[0, 1])).is_ok());
        for (bytes, table) in [
            (forged(b"ba", &[0, 1, 2], &[1, 1], &[1, 0]), "hashtag_counts"),
            (forged(b"ab", &[0, 1, 2], &[1, 2], &[0, 1]), "hashtag_counts"),
            (forged(b"ab", &[0, 1, 2], &[4, 2], &[0, 1]), "hashtag_counts"),
            (forged(b"aa", &[0, 1, 2], &[2, 1], &[0, 1]), "hashtag_by_name"),
            (forged(b"ab", &[0, 1, 2], &[2, 1], &[1, 0]), "hashtag_by_name"),
            (forged(b"ab", &[0, 1, 2], &[2, 1], &[0, 0]), "hashtag_by_name"),
            (forged(b"ab", &[0, 1, 2], &[2, 1], &[0, 2]), "hashtag_by_name"),
            (forged(b"ab", &[0, 1, 2], &[2, 1], &[0]), "hashtag_by_name"),
            (forged(b"ab", &[0, 2, 1], &[2, 1], &[0, 1]), "hashtag_offsets"),
            (forged(b"ab", &[0, 1, u64::MAX], &[2, 1], &[0, 1]), "hashtag_offsets"),
            (forged(b"ab", &[0, 1], &[2, 1], &[0, 1]), "hashtag_offsets"),
            (forged(b"a\xff", &[0, 1, 2], &[2, 1], &[0, 1]), "hashtag_offsets"),
            (forged(b"a#", &[0, 1, 2], &[2, 1], &[0, 1]), "hashtag_text"),
            (forged(b"a", &[0, 0, 1], &[2, 1], &[0, 1]), "hashtag_text"),
        ] {
            let DataError::Space(error) = read(bytes).unwrap_err() else {
                panic!("expected a table of the space");
            };
            assert!(error.to_string().contains(table), "{error} does not name {table}");
        }
    }
}
