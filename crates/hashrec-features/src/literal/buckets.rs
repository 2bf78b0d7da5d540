//! A hash table that is read straight from a mapped file.
//!
//! The entries are sorted by bucket, and `starts` says where each bucket begins. A look-up takes two
//! neighbouring loads, and most misses end there. Loading a bundle builds nothing, so thousands of
//! communities cost nothing until they are used.

use std::ops::Range;

use hashrec_storage::{
    Section, StorageError, Table,
    offsets::{are_offsets, span},
};

/// Where the entries of each bucket are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Buckets {
    starts: Table<u32>,
}

/// Spreads the bits of keys that may be similar (the first bytes of words).
fn bucket(key: u64, buckets: usize) -> usize {
    let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    mixed as usize & (buckets - 1)
}

impl Buckets {
    /// Sorts `entries` by bucket (inside one by their own order, so the result depends on the
    /// set alone) and notes where each bucket begins.
    pub(crate) fn sort<E: Ord>(entries: &mut [E], key: impl Fn(&E) -> u64) -> Self {
        let buckets = (2 * entries.len()).next_power_of_two();
        entries.sort_unstable_by(|a, b| {
            (bucket(key(a), buckets), a).cmp(&(bucket(key(b), buckets), b))
        });
        let mut starts = vec![0u32; buckets + 1];
        for entry in entries.iter() {
            starts[bucket(key(entry), buckets) + 1] += 1;
        }
        for index in 0..buckets {
            starts[index + 1] += starts[index];
        }
        Self { starts: starts.into() }
    }

    /// The buckets of `entries` entries, as a column of a section has them.
    pub(crate) fn read(
        section: Section<'_>,
        name: &str,
        entries: usize,
    ) -> Result<Self, StorageError> {
        let buckets = Self { starts: section.table(name)? };
        match buckets.fit(entries) {
            true => Ok(buckets),
            false => Err(section.wrong(name, "are no buckets of the entries beside them")),
        }
    }

    /// The starts, to write.
    pub(crate) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// Whether the starts describe `entries` entries.
    fn fit(&self, entries: usize) -> bool {
        self.starts.len().checked_sub(1).is_some_and(usize::is_power_of_two)
            && are_offsets(&self.starts, entries)
    }

    /// A borrowed view for look-ups in a loop.
    pub(crate) fn view(&self) -> BucketView<'_> {
        BucketView { starts: &self.starts }
    }
}

/// Borrowed [`Buckets`].
#[derive(Clone, Copy)]
pub(crate) struct BucketView<'a> {
    starts: &'a [u32],
}

impl BucketView<'_> {
    /// The positions of the entries that may have `key` (and of others in the same bucket).
    #[inline]
    pub(crate) fn range(self, key: u64) -> Range<usize> {
        match self.starts.len() {
            0 | 1 => 0..0,
            starts => span(self.starts, bucket(key, starts - 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_key_is_found_in_its_bucket(keys in proptest::collection::vec(any::<u64>(), 0..60)) {
            let mut sorted = keys.clone();
            let buckets = Buckets::sort(&mut sorted, |&key| key);
            prop_assert!(buckets.fit(keys.len()));
            for key in keys {
                prop_assert!(sorted[buckets.view().range(key)].contains(&key));
            }
        }
    }

    #[test]
    fn a_table_without_starts_finds_nothing() {
        assert_eq!(Buckets::default().view().range(7), 0..0);
        assert!(!Buckets::default().fit(0));
        assert!(!Buckets { starts: vec![0, 1, 0, 2, 2].into() }.fit(2));
    }
}
