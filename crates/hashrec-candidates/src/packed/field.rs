//! One index in bits.
//!
//! The number of columns, that of the bits that name a bucket, and that of the bits that are 0 at the
//! end of every key; bucket by bucket how many columns
//! it has; column by column its key and its list. A list is the number of its posts, then either
//! one bit for each post of the community or the distances from one post to the next, whichever is
//! shorter to all appearances, and then how often each post has the feature, unless that is once.

use hashrec_storage::Table;

use super::bits::{BitReader, BitWriter};
use crate::index::FieldIndex;

/// A vocabulary never has more buckets.
const MOST_BUCKET_BITS: u32 = 28;

/// Packs an index over `posts` posts; `None` if it isn't as all but a few are: with features that
/// share a column, for instance.
pub(super) fn pack(field: &FieldIndex, posts: usize, out: &mut BitWriter) -> Option<()> {
    let buckets = field.starts.len().checked_sub(1).filter(|n| n.is_power_of_two())?;
    let whole = field.wide.is_empty()
        && field.narrow.len() == field.counts.len()
        && field.offsets.len() == field.keys.len() + 1
        && field.starts.first() == Some(&0)
        && field.starts.last().is_some_and(|&end| end as usize == field.keys.len())
        && buckets.ilog2() <= MOST_BUCKET_BITS;
    if !whole {
        return None;
    }
    out.positive(u32::try_from(field.keys.len()).ok()?.checked_add(1)?);
    out.bits(buckets.ilog2(), 5);
    let zeros = field.keys.iter().fold(1 << 31, |all: u32, key| all | key).trailing_zeros();
    out.bits(zeros, 5);
    for ends in field.starts.windows(2) {
        out.near(ends[1].checked_sub(ends[0])?, 2);
    }
    for (&key, ends) in field.keys.iter().zip(field.offsets.windows(2)) {
        out.bits(key >> zeros, 32 - zeros);
        let list = ends[0] as usize..ends[1] as usize;
        let (posts_of, counts) = (field.narrow.get(list.clone())?, field.counts.get(list)?);
        pack_list(posts_of, counts, posts, out)?;
    }
    Some(())
}

fn pack_list(list: &[u16], counts: &[u8], posts: usize, out: &mut BitWriter) -> Option<()> {
    let rises = list.is_sorted_by(|a, b| a < b) && counts.iter().all(|&count| count > 0);
    let inside = list.last().is_some_and(|&last| usize::from(last) < posts);
    if !rises || !inside {
        return None;
    }
    out.positive(list.len() as u32);
    let mut next = 0;
    match distance_bits(list.len(), posts) {
        None => {
            for &post in list {
                (next..post).for_each(|_| out.bits(0, 1));
                out.bits(1, 1);
                next = post + 1;
            }
            (usize::from(next)..posts).for_each(|_| out.bits(0, 1));
        }
        Some(width) => {
            for &post in list {
                out.near(u32::from(post - next), width);
                next = post + 1;
            }
        }
    }
    let once = counts.iter().all(|&count| count == 1);
    out.bits(u32::from(once), 1);
    if !once {
        counts.iter().for_each(|&count| out.positive(count.into()));
    }
    Some(())
}

/// How many bits a distance between two posts of a list has in its second half; `None` if a bit for
/// each post is shorter.
fn distance_bits(list: usize, posts: usize) -> Option<u32> {
    (list * 4 < posts).then(|| (posts / (list + 1)).max(1).ilog2())
}

/// Unpacks an index over posts of these scales; `None` if the bits are of no such index.
pub(super) fn unpack(bits: &mut BitReader<'_>, scales: &[f32]) -> Option<FieldIndex> {
    let posts = scales.len();
    let columns = bits.positive()?.checked_sub(1)? as usize;
    let buckets = 1usize << bits.bits(5).filter(|&bits| bits <= MOST_BUCKET_BITS)?;
    let zeros = bits.bits(5)?;
    // Each takes bits: what the bits have no room for is not made room for.
    if columns > bits.left() || buckets > bits.left() {
        return None;
    }
    let (mut starts, mut end) = (Vec::with_capacity(buckets + 1), 0u32);
    starts.push(0);
    for _ in 0..buckets {
        end = end.checked_add(bits.near(2)?)?;
        starts.push(end);
    }
    let (mut keys, mut offsets) = (Vec::with_capacity(columns), Vec::with_capacity(columns + 1));
    let (mut narrow, mut counts) = (Vec::new(), Vec::new());
    offsets.push(0);
    for _ in 0..columns {
        keys.push(bits.bits(32 - zeros)? << zeros);
        unpack_list(bits, posts, &mut narrow, &mut counts)?;
        offsets.push(u32::try_from(counts.len()).ok()?);
    }
    narrow.shrink_to_fit();
    counts.shrink_to_fit();
    Some(FieldIndex {
        starts: starts.into(),
        keys: keys.into(),
        offsets: offsets.into(),
        narrow: narrow.into(),
        wide: Table::default(),
        counts: counts.into(),
        scales: scales.to_vec().into(),
    })
}

fn unpack_list(
    bits: &mut BitReader<'_>,
    posts: usize,
    narrow: &mut Vec<u16>,
    counts: &mut Vec<u8>,
) -> Option<()> {
    let list = bits.positive().filter(|&list| list as usize <= posts)? as usize;
    let from = narrow.len();
    match distance_bits(list, posts) {
        None => {
            for first in (0..posts).step_by(32) {
                let mut word = bits.bits((posts - first).min(32) as u32)?;
                while word != 0 {
                    narrow.push(u16::try_from(first + word.trailing_zeros() as usize).ok()?);
                    word &= word - 1;
                }
            }
        }
        Some(width) => {
            let mut next = 0usize;
            for _ in 0..list {
                let post = next.checked_add(bits.near(width)? as usize).filter(|&p| p < posts)?;
                narrow.push(u16::try_from(post).ok()?);
                next = post + 1;
            }
        }
    }
    if narrow.len() - from != list {
        return None;
    }
    if bits.bits(1)? == 1 {
        counts.resize(narrow.len(), 1);
        return Some(());
    }
    for _ in 0..list {
        counts.push(u8::try_from(bits.positive()?).ok()?);
    }
    Some(())
}
