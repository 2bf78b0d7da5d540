//! Which encoding bytes have that are not UTF-8.

/// An encoding that text has instead of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoding {
    /// Its name.
    pub(super) name: &'static str,
    /// The name that `iconv` knows it by.
    pub(super) iconv: &'static str,
}

const fn encoding(name: &'static str, iconv: &'static str) -> Encoding {
    Encoding { name, iconv }
}

// CP932 is Shift_JIS as Windows writes it. Plain `SHIFT_JIS` would turn backslashes into yen signs.
const SHIFT_JIS: Encoding = encoding("Shift_JIS", "CP932");
const EUC_JP: Encoding = encoding("EUC-JP", "EUC-JP");
const ISO_2022_JP: Encoding = encoding("ISO-2022-JP", "ISO-2022-JP");
const WINDOWS_1252: Encoding = encoding("Windows-1252 (Latin-1)", "WINDOWS-1252");
const UTF_16_LE: Encoding = encoding("UTF-16LE", "UTF-16LE");
const UTF_16_BE: Encoding = encoding("UTF-16BE", "UTF-16BE");
const UTF_32_LE: Encoding = encoding("UTF-32LE", "UTF-32LE");
const UTF_32_BE: Encoding = encoding("UTF-32BE", "UTF-32BE");

/// The encoding of more than one byte a character that the first bytes of a file tell: by a byte
/// order mark, or because every other byte of ASCII characters is zero.
pub(super) fn of_file(first: &[u8]) -> Option<Encoding> {
    match *first {
        [0xff, 0xfe, 0, 0, ..] => Some(UTF_32_LE),
        [0, 0, 0xfe, 0xff, ..] => Some(UTF_32_BE),
        [0xff, 0xfe, ..] => Some(UTF_16_LE),
        [0xfe, 0xff, ..] => Some(UTF_16_BE),
        [a, 0, b, 0, ..] if a != 0 && b != 0 => Some(UTF_16_LE),
        [0, a, 0, b, ..] if a != 0 && b != 0 => Some(UTF_16_BE),
        _ => None,
    }
}

/// The encoding of a line: one that keeps to seven bits, or the likeliest of those in which Japanese
/// and western European text is found. `None` if the line is UTF-8, or nothing speaks for one.
pub(super) fn of_line(line: &[u8]) -> Option<Encoding> {
    if line.contains(&0x1b) && is_iso_2022_jp(line) {
        return Some(ISO_2022_JP);
    }
    if std::str::from_utf8(line).is_ok() {
        return None;
    }
    let high = |byte: &u8| *byte >= 0x80;
    // A letter with an accent, a euro sign, or punctuation.
    let western = |byte: &u8| matches!(byte, 0..=0x80 | 0x85 | 0x91..=0x97 | 0xa0..);
    let apart = !line.windows(2).any(|two| two.iter().all(high));
    if apart && line.iter().all(western) {
        // Letters with accents stand alone among letters without.
        return Some(WINDOWS_1252);
    }
    let count = |trail: fn(u8) -> bool, leads: &[u8]| {
        let pairs = line.windows(2);
        pairs.filter(|two| matches!(two, [a, b] if leads.contains(a) && trail(*b))).count()
    };
    // Pairs that stand for kana and Japanese punctuation.
    let sjis = count(|b| matches!(b, 0x40..=0x7e | 0x80..=0xf1), &[0x81, 0x82, 0x83]);
    let euc = count(|b| b >= 0xa1, &[0xa1, 0xa4, 0xa5]);
    match (is_shift_jis(line), is_euc(line)) {
        (true, true) => Some(if sjis > euc { SHIFT_JIS } else { EUC_JP }),
        (true, false) => Some(SHIFT_JIS),
        (false, true) => Some(EUC_JP),
        (false, false) => None,
    }
}

/// Whether escape sequences enclose characters of two bytes: a lone sequence is just an odd text.
fn is_iso_2022_jp(line: &[u8]) -> bool {
    let starts = line.windows(3).enumerate();
    let starts = starts.filter(|&(_, three)| matches!(three, b"\x1b$B" | b"\x1b$@"));
    starts.map(|(at, _)| &line[at + 3..]).any(|inside| {
        let end = inside.iter().position(|&byte| byte == 0x1b).unwrap_or(inside.len());
        let (characters, after) = inside.split_at(end);
        let two_each = !characters.is_empty() && characters.len().is_multiple_of(2);
        let ends = matches!(after, [0x1b, b'(', b'B' | b'J' | b'I', ..] | [0x1b, b'$', ..]);
        two_each && ends && characters.iter().all(|byte| matches!(byte, 0x21..=0x7e))
    })
}

/// Whether the bytes are characters of Shift_JIS, an incomplete last one apart.
fn is_shift_jis(mut bytes: &[u8]) -> bool {
    loop {
        bytes = match bytes {
            [] | [0x81..=0x9f | 0xe0..=0xfc] => return true,
            [0..=0x7f | 0xa1..=0xdf, rest @ ..] => rest,
            [0x81..=0x9f | 0xe0..=0xfc, 0x40..=0x7e | 0x80..=0xfc, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// Whether the bytes are characters of EUC-JP, an incomplete last one apart.
fn is_euc(mut bytes: &[u8]) -> bool {
    loop {
        bytes = match bytes {
            [] | [0xa1..=0xfe | 0x8e] | [0x8f, ..] if bytes.len() < 3 => return true,
            [0..=0x7f, rest @ ..] => rest,
            [0x8e, 0xa1..=0xdf, rest @ ..] => rest,
            [0x8f, 0xa1..=0xfe, 0xa1..=0xfe, rest @ ..] => rest,
            [0xa1..=0xfe, 0xa1..=0xfe, rest @ ..] => rest,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_wide_characters_are_told_by_their_first_bytes() {
        for (bytes, expected) in [
            (&b"\xff\xfei\0d\0"[..], Some(UTF_16_LE)),
            (b"\xfe\xff\0i\0d", Some(UTF_16_BE)),
            (b"\xff\xfe\0\0i\0\0\0", Some(UTF_32_LE)),
            (b"\0\0\xfe\xff\0\0\0i", Some(UTF_32_BE)),
            (b"i\0d\0", Some(UTF_16_LE)),
            (b"\0{\0\"", Some(UTF_16_BE)),
            (b"\0\0\0\0", None),
            (b"a\0\0\0", None),
            (b"\0\0\0a", None),
            (b"id,c", None),
            (b"", None),
        ] {
            assert_eq!(of_file(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn lines_of_japanese_and_french_are_told_apart() {
        for (line, expected) in [
            // 桜の開花
            (&b"1,c,\x8d\xf7\x82\xcc\x8aJ\x89\xd4"[..], Some(SHIFT_JIS)),
            (b"1,c,\xba\xf9\xa4\xce\xb3\xab\xb2\xd6", Some(EUC_JP)),
            (b"1,c,\x1b$B:y$N3+2V\x1b(B", Some(ISO_2022_JP)),
            (b"\x1b$@:y\x1b(J and \x1b$B:y\x1b$B", Some(ISO_2022_JP)),
            (b"an escape \x1b$@ of a terminal", None),
            (b"\x1b$B\x1b(B", None),
            (b"\x1b$B:y$\x1b(B", None),
            (b"\x1b$B: y \x1b(B", None),
            (b"\x1b$B:y", None),
            // 朝練, without kana
            (b"\x92\xa9\x97\xfb", Some(SHIFT_JIS)),
            (b"\xc4\xab\xce\xfd", Some(EUC_JP)),
            // サクラ in half width, and with a third set's character
            (b"\x8e\xbb\x8e\xb8\x8e\xd7", Some(EUC_JP)),
            (b"\x8f\xb0\xa1\xa4\xce", Some(EUC_JP)),
            // ソフト: a second byte that looks like a backslash
            (b"\x83\\\x83t\x83g", Some(SHIFT_JIS)),
            // Cut within a character
            (b"\x82\xcc\x82\xcc\x8a", Some(SHIFT_JIS)),
            (b"\xa4\xce\xa4\xce\xb3", Some(EUC_JP)),
            (b"la cr\xe8me br\xfbl\xe9e", Some(WINDOWS_1252)),
            (b"\xff\xff", None),
            ("café".as_bytes(), None),
        ] {
            assert_eq!(of_line(line), expected, "{line:?}");
        }
    }
}
