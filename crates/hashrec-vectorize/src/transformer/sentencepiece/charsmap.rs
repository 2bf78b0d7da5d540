//! SentencePiece's normalisation rules: a double-array trie from spellings to their replacements.
//!
//! The file holds the trie's length in bytes, the trie (32-bit units, as *darts-clone* lays them
//! out), and the replacements, each ended by a zero byte.

/// Spellings and what they are replaced by.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Charsmap {
    units: Vec<u32>,
    replacements: String,
}

/// Units of a block of the trie: a label selects one inside a block.
const BLOCK: usize = 256;

impl Charsmap {
    /// Reads the rules, and checks every way through the trie: each leads to a unit, and each
    /// value to a replacement. Readers that trust these rules are safe with what passes here.
    pub(in super::super) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let cut = "the normalisation rules are cut";
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or(cut)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (trie, replacements) = rest.split_at_checked(length).ok_or(cut)?;
        if trie.is_empty() || !trie.len().is_multiple_of(4 * BLOCK) {
            return Err("the trie of the normalisation rules isn't made of blocks");
        }
        let (units, _) = trie.as_chunks::<4>();
        let units: Vec<u32> = units.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
        let replacements = std::str::from_utf8(replacements)
            .map_err(|_| "the replacements of the normalisation rules are not UTF-8")?
            .to_owned();
        let map = Self { units, replacements };
        for (at, &unit) in map.units.iter().enumerate() {
            // A value; the root is a node whatever it holds.
            if at > 0 && unit & VALUE != 0 {
                continue;
            }
            let below = at ^ offset(unit);
            if below >= map.units.len() {
                return Err("a branch of the normalisation rules leads nowhere");
            }
            if has_value(unit) && map.replacement(map.units[below]).is_none() {
                return Err("a normalisation rule has no replacement");
            }
        }
        Ok(map)
    }

    /// Reads rules written in base 64, as they stand in `tokenizer.json`.
    pub(in super::super) fn parse_base64(text: &str) -> Result<Self, &'static str> {
        Self::parse(&decode_base64(text).ok_or("the normalisation rules are not base 64")?)
    }

    /// The longest spelling at the beginning of `text` that has a rule: its length in bytes, and
    /// what replaces it.
    pub(super) fn longest(&self, text: &str) -> Option<(usize, &str)> {
        let mut at = 0usize;
        let mut unit = *self.units.first()?;
        let mut found = None;
        at ^= offset(unit);
        for (index, &byte) in text.as_bytes().iter().enumerate() {
            at ^= usize::from(byte);
            unit = match self.units.get(at) {
                Some(&unit) if byte != 0 && unit & (VALUE | 0xFF) == u32::from(byte) => unit,
                _ => break,
            };
            at ^= offset(unit);
            if has_value(unit) && text.is_char_boundary(index + 1) {
                let replacement = self.units.get(at).and_then(|&unit| self.replacement(unit));
                found = replacement.map(|replacement| (index + 1, replacement)).or(found);
            }
        }
        found
    }

    fn replacement(&self, value: u32) -> Option<&str> {
        let from = self.replacements.get((value & !VALUE) as usize..)?;
        Some(&from[..from.find('\0')?])
    }
}

/// Marks a unit that holds a value.
const VALUE: u32 = 1 << 31;

fn has_value(unit: u32) -> bool {
    unit >> 8 & 1 == 1
}

fn offset(unit: u32) -> usize {
    ((unit >> 10) as usize) << ((unit & 1 << 9) >> 6)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.chunks(4) {
        let mut bits = 0u32;
        for &sign in chunk {
            let six = match sign {
                b'A'..=b'Z' => sign - b'A',
                b'a'..=b'z' => sign - b'a' + 26,
                b'0'..=b'9' => sign - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        bits <<= 6 * (4 - chunk.len());
        let whole = chunk.len().checked_sub(1).filter(|whole| *whole > 0)?;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..1 + whole]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One block: `a` becomes `bc`, `ab` becomes nothing.
    fn map() -> Vec<u8> {
        let mut units = [0u32; BLOCK];
        // The root's children stand at 0 ^ offset ^ label.
        units[0] = 128 << 10;
        let a = 128 ^ usize::from(b'a');
        units[a] = 64 << 10 | 1 << 8 | u32::from(b'a');
        units[a ^ 64] = VALUE;
        let b = a ^ 64 ^ usize::from(b'b');
        units[b] = 16 << 10 | 1 << 8 | u32::from(b'b');
        units[b ^ 16] = VALUE | 3;
        let mut bytes = (4 * BLOCK as u32).to_le_bytes().to_vec();
        units.iter().for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes()));
        bytes.extend_from_slice(b"bc\0\0");
        bytes
    }

    #[test]
    fn the_longest_rule_wins() {
        let map = Charsmap::parse(&map()).unwrap();
        assert_eq!(map.longest("ac"), Some((1, "bc")));
        assert_eq!(map.longest("ab"), Some((2, "")));
        assert_eq!(map.longest("ba"), None);
        assert_eq!(map.longest(""), None);
        assert_eq!(Charsmap::parse(&[]).unwrap().longest("a"), None);
    }

    #[test]
    fn rules_that_lead_nowhere_are_refused() {
        let good = map();
        for cut in 1..good.len() {
            assert!(Charsmap::parse(&good[..cut]).is_err(), "{cut}");
        }
        for (unit, value) in [(0, 512u32 << 10), (128 ^ 97, 1 << 20 << 10), (128 ^ 97 ^ 64, !0)] {
            let mut bad = good.clone();
            bad[4 + 4 * unit..8 + 4 * unit].copy_from_slice(&value.to_le_bytes());
            assert!(Charsmap::parse(&bad).is_err(), "{unit}");
        }
    }

    #[test]
    fn base64_is_read() {
        for (text, want) in
            [("", ""), ("TQ==", "M"), ("TWE=", "Ma"), ("TWFu", "Man"), ("TWFuTQ", "ManM")]
        {
            assert_eq!(decode_base64(text).unwrap(), want.as_bytes());
        }
        assert_eq!(decode_base64("T"), None);
        assert_eq!(decode_base64("TW-u"), None);
        assert!(Charsmap::parse_base64("AAAA!").is_err());
    }

    proptest! {
        #[test]
        fn no_change_panics(at in 0usize..1032, value: u8, text in "[ab]{0,4}") {
            let mut bytes = map();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            if let Ok(map) = Charsmap::parse(&bytes) {
                map.longest(&text);
            }
        }
    }
}
