//! Checks of SentencePiece's normalization rules, which the `tokenizers` crate reads unchecked.

use serde_json::Value;

use super::files::TOKENIZER;
use crate::{VectorizeError, base64, subwords::check_rules};

/// Checks all rules in a `tokenizer.json`, at any depth.
pub(super) fn check_json(json: &Value) -> Result<(), VectorizeError> {
    match json {
        Value::Array(values) => values.iter().try_for_each(check_json),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            if name == "precompiled_charsmap" && !value.is_null() {
                let bytes = value.as_str().and_then(base64::decode);
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
    check_rules(rules)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokenizers::normalizers::Precompiled;

    use super::*;

    const BLOCK: usize = 256;
    const VALUE: u32 = 1 << 31;

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
