//! SentencePiece's rules of normalization: which characters are replaced, and by what.
//!
//! In files they are the length of a trie in bytes, the trie, and the replacements, each ended by a
//! zero byte; a value in the trie is where its replacement begins.

use hashrec_storage::{Part, PartWriter, Table};
use icu_segmenter::GraphemeClusterSegmenter;

use super::trie::{FAR, HAS_VALUE, Trie, VALUE, WAY};
use crate::VectorizeError;

const RULES: &str = "rules";
const REPLACEMENTS: &str = "replacements";
/// Units that a byte selects from.
const BLOCK: usize = 256;
/// Longer replacements replace nothing: no honest rule has one.
const LONGEST: usize = 256;
/// Longer groups of characters are replaced one by one.
const LONGEST_GROUP: usize = 5;

/// Rules of normalization. Any tables make some, though not sensible ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rules {
    trie: Table<u32>,
    replacements: Table<u8>,
}

impl Rules {
    /// Reads the rules of a file: every branch of the trie leads to a unit, and every value to a
    /// replacement.
    pub(super) fn parse(rules: &[u8]) -> Result<Self, &'static str> {
        let (length, rest) = rules.split_first_chunk::<4>().ok_or("too short")?;
        let length = u32::from_le_bytes(*length) as usize;
        let (trie, replacements) = rest.split_at_checked(length).ok_or("too short")?;
        let text = std::str::from_utf8(replacements).map_err(|_| "not UTF-8")?;
        if trie.is_empty() || !trie.len().is_multiple_of(4 * BLOCK) {
            return Err("not a whole number of trie blocks");
        }
        let units: Vec<u32> =
            trie.as_chunks::<4>().0.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
        let last_end = text.rfind('\0');
        let is_start =
            |start| text.is_char_boundary(start) && last_end.is_some_and(|end| start <= end);
        // The root is a node whatever its bits are.
        let nodes = units.iter().enumerate().filter(|&(at, unit)| at == 0 || unit & VALUE == 0);
        for (at, &unit) in nodes {
            let way = ((unit >> WAY) as usize) << ((unit & FAR) >> 6);
            let below = *units.get(at ^ way).ok_or("a trie with a branch that leads nowhere")?;
            let start = (below & !VALUE) as usize;
            if unit & HAS_VALUE != 0 && !is_start(start) {
                return Err("a trie with a value that has no replacement");
            }
        }
        Ok(Self { trie: units.into(), replacements: replacements.to_vec().into() })
    }

    pub(super) fn write(&self, writer: &mut PartWriter) -> Result<(), VectorizeError> {
        writer.table(RULES, &self.trie)?;
        writer.table(REPLACEMENTS, &self.replacements)?;
        Ok(())
    }

    pub(super) fn read(part: &Part) -> Result<Self, VectorizeError> {
        Ok(Self { trie: part.table(RULES)?, replacements: part.table(REPLACEMENTS)? })
    }

    /// Appends the text with its replacements.
    ///
    /// Characters that are seen as one are looked for together if they are short, and the shortest
    /// rule that they begin with replaces them all, as in the `tokenizers` crate. SentencePiece
    /// takes the longest rule at each place.
    pub(super) fn apply(&self, text: &str, out: &mut String) {
        let trie = Trie(&self.trie);
        if text.is_ascii() && !text.contains('\r') {
            text.char_indices()
                .for_each(|(at, letter)| self.replace_letter(trie, text, at, letter, out));
            return;
        }
        let mut start = 0;
        for end in GraphemeClusterSegmenter::new().segment_str(text).skip(1) {
            let group = text.get(start..end).unwrap_or_default();
            start = end;
            let whole = (group.len() <= LONGEST_GROUP).then(|| self.find(trie, group)).flatten();
            match whole {
                Some(replacement) => out.push_str(replacement),
                None => group
                    .char_indices()
                    .for_each(|(at, letter)| self.replace_letter(trie, group, at, letter, out)),
            }
        }
    }

    fn replace_letter(
        &self,
        trie: Trie<'_>,
        text: &str,
        at: usize,
        letter: char,
        out: &mut String,
    ) {
        let letters = text.get(at..at + letter.len_utf8()).unwrap_or_default();
        match self.find(trie, letters) {
            Some(replacement) => out.push_str(replacement),
            None => out.push(letter),
        }
    }

    /// The replacement of the shortest rule that a text begins with.
    fn find(&self, trie: Trie<'_>, text: &str) -> Option<&str> {
        let (_, start) = trie.prefixes(trie.root(), text.as_bytes()).next()?;
        let rest = self.replacements.get(start as usize..)?;
        let len = rest.iter().take(LONGEST).position(|&byte| byte == 0)?;
        std::str::from_utf8(rest.get(..len)?).ok()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::{super::build_trie::build_trie, *};

    /// Rules as files hold them.
    pub(crate) fn file(rules: &[(&str, &str)]) -> Vec<u8> {
        let mut rules = rules.to_vec();
        rules.sort_unstable();
        let mut replacements = Vec::new();
        let mut keys: Vec<(&[u8], u32)> = Vec::new();
        for (from, to) in rules {
            keys.push((from.as_bytes(), replacements.len() as u32));
            replacements.extend_from_slice(to.as_bytes());
            replacements.push(0);
        }
        let trie: Vec<u8> = build_trie(&keys).iter().flat_map(|unit| unit.to_le_bytes()).collect();
        [&(trie.len() as u32).to_le_bytes()[..], &trie, &replacements].concat()
    }

    fn small() -> Vec<u8> {
        file(&[
            ("ｱ", "ア"),
            ("ﾞ", "\u{3099}"),
            ("ｶﾞ", "ガ"),
            ("\t", " "),
            ("™", "TM"),
            ("\u{1}", ""),
            ("\r", " "),
        ])
    }

    fn applied(rules: &Rules, text: &str) -> String {
        let mut out = String::new();
        rules.apply(text, &mut out);
        out
    }

    #[test]
    fn characters_are_replaced() {
        let rules = Rules::parse(&small()).unwrap();
        assert_eq!(applied(&rules, "a\tb\u{1}c"), "a bc");
        assert_eq!(applied(&rules, "ｱ™x"), "アTMx");
        assert_eq!(applied(&rules, "a\r\nb"), "a b");
        assert_eq!(applied(&rules, ""), "");
        // Six bytes are too many to be replaced together.
        assert_eq!(applied(&rules, "ｶﾞ"), "ｶ\u{3099}");
        assert_eq!(applied(&Rules::default(), "a漢\r\n"), "a漢\r\n");
    }

    #[test]
    fn rules_that_lead_nowhere_are_refused() {
        let good = small();
        Rules::parse(&good).unwrap();
        for cut in 0..good.len() {
            assert!(Rules::parse(&good[..cut]).is_err(), "{cut}");
        }
        let mut bad = good.clone();
        bad[4..8].copy_from_slice(&(1u32 << 20 << WAY).to_le_bytes());
        assert!(Rules::parse(&bad).is_err());
    }

    proptest! {
        #[test]
        fn damaged_rules_never_panic(at in 0usize..1200, value: u8, text in "[ｱﾞ™\r\n\ta]{0,6}") {
            let mut bytes = small();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            if let Ok(rules) = Rules::parse(&bytes) {
                applied(&rules, &text);
            }
        }
    }
}
