//! Building a trie from sorted keys.

use super::trie::{FAR, HAS_VALUE, VALUE, WAY};

/// Units that a byte selects from.
const BLOCK: usize = 256;
/// Free units are looked for in so many blocks at the end: a few stay free, and time stays linear.
const OPEN: usize = 16 * BLOCK;
/// Ways shorter than this are written exactly; longer ones must be whole blocks.
const NEAR: usize = 1 << 21;

/// A key and its value.
type Entry<'a> = (&'a [u8], u32);

/// The units of a trie.
///
/// Keys are sorted, distinct, not empty and without zero bytes; values are below 2^31. The keys'
/// bytes together are fewer than 2^28.
pub(super) fn build_trie(keys: &[Entry<'_>]) -> Vec<u32> {
    let mut builder = Builder::default();
    builder.grow();
    builder.take(0);
    // Nodes whose children are not placed yet: the node, its keys, and the length of their common
    // beginning.
    let mut open = vec![(0, keys, 0)];
    while let Some((node, keys, depth)) = open.pop() {
        let groups: Vec<(u8, &[Entry<'_>])> = keys
            .chunk_by(|a, b| a.0.get(depth) == b.0.get(depth))
            .filter_map(|group| Some((group.first()?.0.get(depth).copied().unwrap_or(0), group)))
            .collect();
        let labels: Vec<u8> = groups.iter().map(|(label, _)| *label).collect();
        let base = builder.place(node, &labels);
        for (label, group) in groups {
            let child = base ^ usize::from(label);
            let value = group.first().map_or(0, |&(_, value)| value);
            if label == 0 {
                builder.units[child] = VALUE | value;
                builder.units[node] |= HAS_VALUE;
            } else {
                builder.units[child] = u32::from(label);
                open.push((child, group, depth + 1));
            }
        }
    }
    builder.units
}

#[derive(Default)]
struct Builder {
    units: Vec<u32>,
    /// Bases that a node has: no two nodes share one, so that a byte tells whose child a unit is.
    bases: Vec<bool>,
    /// For each unit the next free one, itself if it is free; shortened as it is followed.
    free: Vec<usize>,
}

impl Builder {
    /// Adds a block of free units.
    fn grow(&mut self) {
        let len = self.units.len() + BLOCK;
        self.units.resize(len, 0);
        self.bases.resize(len, false);
        self.free.extend(self.free.len()..len);
    }

    fn take(&mut self, unit: usize) {
        self.free[unit] = unit + 1;
    }

    /// The first free unit from `from` on; the number of units if there is none.
    fn next_free(&mut self, from: usize) -> usize {
        let mut end = from;
        while let Some(&next) = self.free.get(end)
            && next != end
        {
            end = next;
        }
        let mut at = from;
        while at < end {
            at = std::mem::replace(&mut self.free[at], end);
        }
        end
    }

    /// Chooses a node's base so that all its children's places are free, and takes them.
    fn place(&mut self, node: usize, labels: &[u8]) -> usize {
        let Some(&first) = labels.first() else { return node };
        let mut at = self.units.len().saturating_sub(OPEN);
        loop {
            at = self.next_free(at);
            if at >= self.units.len() {
                self.grow();
            }
            let base = at ^ usize::from(first);
            let way = node ^ base;
            let is_written = way < NEAR || way.is_multiple_of(BLOCK);
            let is_free = |label: &u8| {
                let unit = base ^ usize::from(*label);
                self.free[unit] == unit
            };
            if is_written && !self.bases[base] && labels.iter().all(is_free) {
                labels.iter().for_each(|label| self.take(base ^ usize::from(*label)));
                self.bases[base] = true;
                self.units[node] |= match way < NEAR {
                    true => (way as u32) << WAY,
                    false => (way >> 8 << WAY) as u32 | FAR,
                };
                return base;
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{super::trie::Trie, *};

    fn build(keys: &BTreeMap<Vec<u8>, u32>) -> Vec<u32> {
        let keys: Vec<(&[u8], u32)> = keys.iter().map(|(key, &value)| (&key[..], value)).collect();
        build_trie(&keys)
    }

    #[test]
    fn a_large_trie_has_all_its_keys_and_no_other() {
        let key = |n: u32| {
            let digits = n.wrapping_mul(2_654_435_761).to_string();
            digits.bytes().flat_map(|digit| [digit, digit ^ 0xf0]).collect::<Vec<u8>>()
        };
        let keys: BTreeMap<Vec<u8>, u32> = (0..250_000).map(|n| (key(n), n)).collect();
        let units = build(&keys);
        assert!(units.len() > NEAR, "{}", units.len());
        let trie = Trie(&units);
        for n in 0..250_000 {
            assert_eq!(trie.get(&key(n)), Some(n));
            assert_eq!(trie.get(&key(n + 250_000)), None);
        }
        let nodes: usize = 4_000_000;
        assert!(units.len() < nodes, "{}", units.len());
    }

    #[test]
    fn no_keys_and_any_numbers_make_a_trie() {
        assert_eq!(Trie(&build_trie(&[])).get(b"a"), None);
        assert_eq!(Trie(&[]).get(b"a"), None);
        assert_eq!(Trie(&[!0; 7]).get(b"a"), None);
    }

    proptest! {
        #[test]
        fn prefixes_are_the_keys_a_text_begins_with(
            keys in prop::collection::btree_map(prop::collection::vec(1u8..5, 1..6), 0u32..1000, 0..40),
            text in prop::collection::vec(0u8..5, 0..9),
        ) {
            let units = build(&keys);
            let trie = Trie(&units);
            let found: Vec<(usize, u32)> = trie.prefixes(trie.root(), &text).collect();
            let expected: Vec<(usize, u32)> = (0..=text.len())
                .filter_map(|end| Some((end, *keys.get(&text[..end])?)))
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn damaged_tries_never_panic(
            at in 0usize..256,
            unit: u32,
            text in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut units = build_trie(&[(b"\x01\x02", 3), (b"\x01\x02\x03", 4)]);
            units[at] = unit;
            let trie = Trie(&units);
            prop_assert!(trie.prefixes(trie.root(), &text).count() <= text.len());
        }
    }
}
