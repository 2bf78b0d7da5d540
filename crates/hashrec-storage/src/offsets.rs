//! Lists of different lengths in one array: offsets say where each begins.
//!
//! `starts` holds one offset more than there are lists; list `i` is `entries[starts[i]..starts[i + 1]]`.

use std::ops::Range;

/// Whether `starts` are offsets into `entries` entries: they begin at 0, never fall and end at
/// `entries`.
pub fn are_offsets(starts: &[u32], entries: usize) -> bool {
    starts.first() == Some(&0)
        && starts.last().is_some_and(|&last| last as usize == entries)
        && starts.is_sorted()
}

/// The positions of list `index` in the array of entries; empty if there is no such list.
pub fn span(starts: &[u32], index: usize) -> Range<usize> {
    match starts.get(index..).and_then(|rest| rest.first_chunk()) {
        Some(&[start, end]) => start as usize..end as usize,
        None => 0..0,
    }
}

/// List `index`; empty if there is no such list.
pub fn list<'a, T>(starts: &[u32], entries: &'a [T], index: usize) -> &'a [T] {
    entries.get(span(starts, index)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_follow_each_other() {
        let (starts, entries) = ([0, 2, 2, 3], ['a', 'b', 'c']);
        assert!(are_offsets(&starts, entries.len()));
        let lists: Vec<&[char]> = (0..3).map(|index| list(&starts, &entries, index)).collect();
        assert_eq!(lists, [&['a', 'b'][..], &[], &['c']]);
    }

    #[test]
    fn a_list_that_is_not_there_is_empty() {
        for index in [3, usize::MAX] {
            assert!(list(&[0, 1, 2, 3], &[7, 8, 9], index).is_empty());
        }
        assert!(list(&[0, 9], &[7], 0).is_empty());
        assert!(list(&[2, 1], &[7, 8], 0).is_empty());
    }

    #[test]
    fn offsets_rise_from_zero_to_the_end() {
        for starts in [&[][..], &[1, 2], &[0, 1], &[0, 2, 1, 2]] {
            assert!(!are_offsets(starts, 2), "{starts:?}");
        }
        assert!(are_offsets(&[0], 0));
    }
}
