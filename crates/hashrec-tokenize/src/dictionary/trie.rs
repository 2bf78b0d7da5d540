//! Checks of the trie that finds the words at a position of a text.
//!
//! The trie is a double array: the child of a node by a character's code is the node at
//! `base ^ code`, if that node names its parent in `check`. crawdad, which reads it, indexes without
//! asking: every node that it can reach is therefore looked at here.

use super::cursor::{Cursor, Rows, at_most};
use crate::problem::Damage;

/// The number of characters of the longest word.
pub(super) const MAX_CHARS: usize = 64;

/// The largest number of words among the beginnings of one text: with the unknown words it bounds
/// the time of an analysis. IPADIC has at most 40.
pub(super) const MAX_WORDS: u64 = 512;

/// The bit of `base` by which a node is a leaf with a value, and of `check` by which it has one.
const FLAG: u32 = 1 << 31;
const NUMBER: u32 = FLAG - 1;

/// The code of a character that no word has.
const NO_CODE: u32 = u32::MAX;

/// The numbers of the words of each spelling: at a value of the trie stands their count, then they.
#[derive(Clone, Copy)]
pub(super) struct Postings<'b> {
    pub(super) rows: Rows<'b, 4>,
    /// The number of words in the lexicon.
    pub(super) words: u64,
}

impl Postings<'_> {
    /// The number of words at a value.
    fn count(self, value: u32) -> Result<u64, Damage> {
        let start = value as usize;
        let last = (self.rows.len() as u64).saturating_sub(1);
        at_most("the offset of a spelling's words", u64::from(value), last)?;
        let read = |row| self.rows.get(row).map_or(u32::MAX, |bytes| u32::from_le_bytes(*bytes));
        let count = u64::from(read(start));
        at_most("the number of a spelling's words", count, MAX_WORDS.min(last - u64::from(value)))?;
        for row in start + 1..=start + count as usize {
            let last = self.words.saturating_sub(1);
            at_most("the number of a word", u64::from(read(row)), last)?;
        }
        Ok(count)
    }
}

struct Trie<'b> {
    nodes: Rows<'b, 8>,
}

/// Checks the serialized form of a trie against the words that it leads to.
pub(super) fn check(bytes: &[u8], postings: Postings<'_>) -> Result<(), Damage> {
    let mut cursor = Cursor::new(bytes);
    let chars = u64::from(cursor.u32("the codes of characters")?);
    let codes = cursor.counted::<4>("the codes of characters", chars)?;
    cursor.u32("the number of codes")?;
    let count = u64::from(cursor.u32("the trie")?);
    let trie = Trie { nodes: cursor.counted("the trie", count)? };
    cursor.end()?;
    let largest = codes.iter().map(|code| u32::from_le_bytes(*code));
    let largest = largest.filter(|&code| code != NO_CODE).max().unwrap_or(0);
    trie.check(largest, postings)
}

impl Trie<'_> {
    fn check(&self, largest: u32, postings: Postings<'_>) -> Result<(), Damage> {
        let Some((_, root)) = self.node(0) else {
            return Err(Damage::Content { what: "the number of missing roots", found: 1, max: 0 });
        };
        if (root & NUMBER) < self.len() {
            let what = "the number of parents of the trie's root";
            return Err(Damage::Content { what, found: 1, max: 0 });
        }
        at_most("the code of a character", u64::from(largest), u64::from(NUMBER))?;
        // Every `base ^ code` lies in the block of `base`.
        let block = (largest + 1).next_power_of_two() - 1;
        let mut own = Vec::with_capacity(self.nodes.len());
        for node in 0..self.len() {
            own.push(self.words_at(node, block, postings)?);
        }
        self.check_paths(&own)
    }

    fn len(&self) -> u32 {
        self.nodes.len() as u32
    }

    fn node(&self, node: u32) -> Option<(u32, u32)> {
        let [a, b, c, d, e, f, g, h] = *self.nodes.get(node as usize)?;
        Some((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
    }

    /// Checks a node, and counts the words that end at it.
    fn words_at(&self, node: u32, block: u32, postings: Postings<'_>) -> Result<u16, Damage> {
        let Some((base, check)) = self.node(node) else { return Ok(0) };
        if (base, check) == (NUMBER, NUMBER) {
            return Ok(0);
        }
        if base & FLAG != 0 {
            return postings.count(base & NUMBER).map(|count| count as u16);
        }
        let last = u64::from(self.len()) - 1;
        at_most("the place of a child in the trie", u64::from(base | block), last)?;
        if check & FLAG == 0 {
            return Ok(0);
        }
        match self.node(base) {
            Some((value, parent)) if value & FLAG != 0 && parent & NUMBER == node => {
                postings.count(value & NUMBER).map(|count| count as u16)
            }
            _ => Err(Damage::Content { what: "the number of lost leaves", found: 1, max: 0 }),
        }
    }

    /// Checks the words and characters from the root to each node.
    fn check_paths(&self, own: &[u16]) -> Result<(), Damage> {
        /// A depth that no node has.
        const UNKNOWN: u8 = u8::MAX;
        let mut known = vec![(UNKNOWN, 0_u16); own.len()];
        let mut path = Vec::new();
        for start in 0..self.len() {
            let (mut node, mut depth, mut words) = (start, 0, 0_u64);
            while let Some((_, check)) = self.node(node) {
                let (above, sum) = known[node as usize];
                if above != UNKNOWN {
                    (depth, words) = (above + 1, u64::from(sum));
                    break;
                }
                path.push(node);
                // A loop is a path without an end. The leaf of a word is one node below its end.
                at_most("the number of a word's characters", path.len() as u64, MAX_DEPTH)?;
                node = check & NUMBER;
            }
            for node in path.drain(..).rev() {
                words += u64::from(own[node as usize]);
                at_most("the number of words that begin a text", words, MAX_WORDS)?;
                at_most("the number of a word's characters", u64::from(depth) + 1, MAX_DEPTH)?;
                known[node as usize] = (depth, words as u16);
                depth += 1;
            }
        }
        Ok(())
    }
}

/// The number of nodes from the root to the leaf of the longest word.
const MAX_DEPTH: u64 = MAX_CHARS as u64 + 2;
