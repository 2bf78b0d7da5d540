//! Web and mail addresses.

use std::ops::Range;

use super::mark::{Kind, Mark};

const SCHEMES: [&str; 3] = ["https://", "http://", "ftp://"];

/// The longest web address in bytes; the rest is text.
const LONGEST_URL: usize = 2_048;

/// The longest part of a mail address before the `@` (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// The web address that begins at `at`: with a scheme, or with `www.` and a host with a dot. It ends
/// at white space, at characters outside ASCII, and before punctuation that ends a sentence.
pub(super) fn url(text: &str, at: usize) -> Option<Mark> {
    let rest = &text[at..];
    let scheme = SCHEMES.iter().find(|scheme| rest.starts_with(**scheme)).map(|s| s.len());
    let scheme = match scheme {
        Some(length) => length,
        None if rest.starts_with("www.") => 0,
        None => return None,
    };
    let address = |b: &u8| {
        b.is_ascii_graphic()
            && !matches!(b, b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`')
    };
    let length = rest.bytes().take(LONGEST_URL).take_while(address).count();
    let closed = rest[..length].trim_end_matches(|c: char| ".,;:!?'\")]*_~".contains(c));
    let end = at + closed.len();
    if closed == "www" {
        return None;
    }
    let host = host(text, at + scheme..end)?;
    Some(Mark { kind: Kind::Address, span: at..end, form: host })
}

/// The host of an address without its scheme; user, port, path and `www.` do not belong to it.
fn host(text: &str, address: Range<usize>) -> Option<Range<usize>> {
    let whole = text.get(address.clone())?;
    let authority = &whole[..whole.find(['/', '?', '#']).unwrap_or(whole.len())];
    let mut start = authority.rfind('@').map_or(0, |at| at + 1);
    let end = authority[start..].find(':').map_or(authority.len(), |port| start + port);
    if let Some(named) = authority[start..end].strip_prefix("www.") {
        start = end - named.len();
    }
    authority[start..end]
        .bytes()
        .any(|b| b.is_ascii_alphanumeric())
        .then_some(address.start + start..address.start + end)
}

/// The mail address that begins at `at` and whose host has a dot.
pub(super) fn mail(text: &str, at: usize) -> Option<Mark> {
    let bytes = &text.as_bytes()[at..];
    let local = bytes
        .iter()
        .take(LONGEST_LOCAL + 1)
        .take_while(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(b))
        .count();
    if bytes.get(local) != Some(&b'@') {
        return None;
    }
    let start = at + local + 1;
    let length = text[start..]
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || b".-".contains(b))
        .count();
    let host = text[start..start + length].trim_end_matches(['.', '-']);
    let end = start + host.len();
    let dotted = host.split_once('.').is_some_and(|(name, _)| !name.is_empty());
    dotted.then_some(Mark { kind: Kind::Address, span: at..end, form: start..end })
}
