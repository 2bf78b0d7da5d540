//! Checks of SentencePiece's normalization rules, which the `tokenizers` crate reads unchecked.
//!
//! The rules are the length of a trie in bytes, the trie (32-bit units in the layout of
//! *darts-clone*) and the replacements, each ended by a zero byte.

use serde_json::Value;

use super::files::TOKENIZER;
use crate::VectorizeError;

/// Units in a block of the trie: a byte selects one inside a block.
const BLOCK: usize = 256;
/// The bit of units that hold a value.
const VALUE: u32 = 1 << 31;

/// Checks all rules in a `tokenizer.json`, at any depth.
pub(super) fn check_json(json: &Value) -> Result<(), VectorizeError> {
    match json {
        Value::Array(values) => values.iter().try_for_each(check_json),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            if name == "precompiled_charsmap" && !value.is_null() {
                let bytes = value.as_str().and_then(|text| base64::decode(text).ok());
                let checked = bytes.ok_or("not base 64").and_then(|bytes| check(&bytes));
                return checked.map_err(|problem| {
                    VectorizeError::model_value(TOKENIZER, name, problem, "SentencePiece's rules")
                });
            }
            check_json(value)
        }),
        _ => Ok(()),
    }
}

/// Checks that every branch of the trie leads to a unit, and every value to a replacement.
pub(super) fn check(rules: &[u8]) -> Result<(), &'static str> {
    let (length, rest) = rules.split_first_chunk::<4>().ok_or("too short")?;
    let length = u32::from_le_bytes(*length) as usize;
    let (trie, replacements) = rest.split_at_checked(length).ok_or("too short")?;
    let replacements = std::str::from_utf8(replacements).map_err(|_| "not UTF-8")?;
    if trie.is_empty() || !trie.len().is_multiple_of(4 * BLOCK) {
        return Err("not a whole number of trie blocks");
    }
    let units: Vec<u32> = trie.as_chunks::<4>().0.iter().map(|u| u32::from_le_bytes(*u)).collect();
    // The root is a node whatever its bits are.
    let nodes = units.iter().enumerate().filter(|&(at, unit)| at == 0 || unit & VALUE == 0);
    for (at, &unit) in nodes {
        let offset = ((unit >> 10) as usize) << ((unit & 1 << 9) >> 6);
        let below = *units.get(at ^ offset).ok_or("a trie with a branch that leads nowhere")?;
        let start = (below & !VALUE) as usize;
        let has_value = unit >> 8 & 1 == 1;
        if has_value && !replacements.get(start..).is_some_and(|text| text.contains('\0')) {
            return Err("a trie with a value that has no replacement");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokenizers::normalizers::Precompiled;

    use super::*;

    /// One block: `a` becomes `bc`, `ab` becomes nothing.
    fn rules() -> Vec<u8> {
        let mut units = [0u32; BLOCK];
        // The root's children are at 0 ^ offset ^ label.
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
    fn rules_that_lead_nowhere_are_refused() {
        let good = rules();
        check(&good).unwrap();
        for cut in 0..good.len() {
            assert!(check(&good[..cut]).is_err(), "{cut}");
        }
        for (unit, value) in [(0, 512u32 << 10), (128 ^ 97, 1 << 20 << 10), (128 ^ 97 ^ 64, !0)] {
            let mut bad = good.clone();
            bad[4 + 4 * unit..8 + 4 * unit].copy_from_slice(&value.to_le_bytes());
            assert!(check(&bad).is_err(), "{unit}");
        }
    }

    proptest! {
        #[test]
        fn rules_that_pass_never_panic(at in 0usize..1032, value: u8, text in "[ab]{0,4}") {
            let mut bytes = rules();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            if check(&bytes).is_ok() {
                Precompiled::from(&bytes).unwrap().transform(&text);
            }
        }
    }
}
