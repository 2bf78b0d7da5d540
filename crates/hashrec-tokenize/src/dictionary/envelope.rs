//! The dictionary file: a header, then the deflated bytes of vibrato's format.
//!
//! | bytes | content |
//! |---|---|
//! | 0–7 | magic `HRDICT\r\n` |
//! | 8–11 | format version, little-endian |
//! | 12–15 | zero |
//! | 16–23 | length of the inflated payload |
//! | 24–31 | length of the payload |
//! | 32–63 | BLAKE3 of bytes 0–31 and of the payload |
//! | 64– | the payload |
//!
//! Reading checks the magic, the version, the lengths and the hash in this order, and inflates the
//! payload only then.

use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

use crate::{TokenizeError, problem::Damage};

const MAGIC: &[u8; 8] = b"HRDICT\r\n";
const VERSION: u32 = 1;
const FIELDS: usize = 32;
const HEADER: usize = 64;

/// The first bytes of vibrato 0.5's files.
pub(super) const VIBRATO_MAGIC: &[u8] = b"VibratoTokenizer 0.5\n";

/// The most that a payload may inflate to: this many times its length, and as many bytes more. It
/// bounds the allocation that a small file may ask for. Real dictionaries shrink to a quarter.
const MAX_RATIO: u64 = 64;
const MAX_MORE: u64 = 16 << 20;

/// Higher levels take three times as long and save only 3 %.
const LEVEL: u8 = 4;

fn hash(fields: &[u8], payload: &[u8]) -> blake3::Hash {
    blake3::Hasher::new().update(fields).update(payload).finalize()
}

/// The length that a payload of `deflated` bytes may inflate to.
fn most(deflated: u64) -> u64 {
    deflated.saturating_mul(MAX_RATIO).saturating_add(MAX_MORE)
}

/// The file around vibrato's bytes.
pub(super) fn wrap(raw: &[u8]) -> Vec<u8> {
    let mut payload = compress_to_vec(raw, LEVEL);
    if raw.len() as u64 > most(payload.len() as u64) {
        // Level 0 stores the bytes as they are.
        payload = compress_to_vec(raw, 0);
    }
    let mut file = vec![0; HEADER];
    file[..8].copy_from_slice(MAGIC);
    file[8..12].copy_from_slice(&VERSION.to_le_bytes());
    file[16..24].copy_from_slice(&(raw.len() as u64).to_le_bytes());
    file[24..32].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    let hash = hash(&file[..FIELDS], &payload);
    file[FIELDS..].copy_from_slice(hash.as_bytes());
    file.extend(payload);
    file
}

/// Verifies a file and returns vibrato's bytes.
pub(super) fn unwrap(file: &[u8]) -> Result<Vec<u8>, TokenizeError> {
    if !file.starts_with(MAGIC) {
        return Err(TokenizeError::NotADictionary { found: resemblance(file) });
    }
    let damaged = |problem| TokenizeError::Damaged { problem };
    let Some((header, payload)) = file.split_at_checked(HEADER) else {
        return Err(damaged(Damage::Header { found: file.len(), header: HEADER }));
    };
    let version = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
    if version != VERSION {
        return Err(TokenizeError::Version { found: version, supported: VERSION });
    }
    let inflated = number(&header[16..24]);
    let deflated = number(&header[24..32]);
    if deflated != payload.len() as u64 {
        let (found, expected) = (payload.len() as u64, deflated);
        return Err(damaged(Damage::Length { found, expected }));
    }
    if hash(&header[..FIELDS], payload).as_bytes() != &header[FIELDS..] {
        return Err(damaged(Damage::Hash));
    }
    if inflated > most(deflated) {
        return Err(damaged(Damage::InflatedLength { expected: inflated }));
    }
    let limit = usize::try_from(inflated).unwrap_or(usize::MAX);
    let raw = decompress_to_vec_with_limit(payload, limit)
        .map_err(|error| damaged(Damage::Deflate(error.to_string())))?;
    if raw.len() as u64 != inflated {
        return Err(damaged(Damage::InflatedLength { expected: inflated }));
    }
    Ok(raw)
}

/// A little-endian number.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| (number << 8) | u64::from(byte))
}

/// What a file of another kind looks like, and what to do.
fn resemblance(file: &[u8]) -> &'static str {
    const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
    if file.starts_with(b"VibratoTokenizer") {
        "it is a bare vibrato dictionary, which has no hash; read it with \
         `Dictionary::read_vibrato` and save the result of `to_bytes`"
    } else if file.starts_with(ZSTD) {
        "it is compressed with zstd, as vibrato's own dictionaries are; decompress it and use \
         `Dictionary::read_vibrato`, or compile a dictionary from MeCab sources"
    } else if file.is_empty() {
        "it is empty"
    } else {
        "it does not begin like one; compile a dictionary from MeCab sources with \
         `Dictionary::compile_mecab_dir`"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_any_damage() {
        let raw = b"some words, some words, some words".repeat(3);
        let file = wrap(&raw);
        assert_eq!(unwrap(&file).unwrap(), raw);
        for end in 0..file.len() {
            assert!(unwrap(&file[..end]).is_err(), "cut at {end}");
        }
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut flipped = file.clone();
                flipped[at] ^= 1 << bit;
                assert!(unwrap(&flipped).is_err(), "bit {bit} of byte {at}");
            }
        }
        let longer = [&file[..], b"x"].concat();
        assert!(unwrap(&longer).is_err());
    }

    #[test]
    fn absurd_sizes_with_a_right_hash() {
        for size in [u64::MAX, 1 << 40, 1, 0] {
            let mut file = wrap(b"abc");
            file[16..24].copy_from_slice(&size.to_le_bytes());
            let hash = hash(&file[..FIELDS], &file[HEADER..]);
            file[FIELDS..HEADER].copy_from_slice(hash.as_bytes());
            assert!(matches!(unwrap(&file), Err(TokenizeError::Damaged { .. })), "{size}");
        }
    }

    #[test]
    fn what_shrinks_too_much_is_stored() {
        let raw = vec![7; 20 << 20];
        let file = wrap(&raw);
        assert!(file.len() > raw.len());
        assert_eq!(unwrap(&file).unwrap(), raw);
    }

    #[test]
    fn says_what_it_found() {
        let message = |bytes: &[u8]| unwrap(bytes).unwrap_err().to_string();
        assert!(message(VIBRATO_MAGIC).contains("read_vibrato"));
        assert!(message(&[0x28, 0xB5, 0x2F, 0xFD, 0]).contains("zstd"));
        assert!(message(b"").contains("empty"));
        assert!(message(b"PK").contains("compile_mecab_dir"));
        let mut newer = wrap(b"abc");
        newer[8] = 9;
        assert!(matches!(unwrap(&newer), Err(TokenizeError::Version { found: 9, .. })));
    }
}
