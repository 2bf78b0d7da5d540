//! Normalizing texts, and mapping positions back to the original.

use std::ops::Range;

use hashrec_data::long_vowels;
use icu_normalizer::ComposingNormalizerBorrowed;

use crate::chars::{continues, is_blank, is_dropped, is_stable};

/// The largest number of characters that are normalized together; no language puts more marks on one
/// letter.
const MAX_CLUSTER: usize = 32;

/// Brings texts to one spelling: Unicode compatibility composition (NFKC, which unifies full-width
/// and half-width letters), then lower case.
///
/// Control characters other than line breaks become spaces. Characters that only affect display
/// (soft hyphens, direction marks, variation selectors, skin tones) are removed. The time is linear
/// in the length of the text, and no text makes it fail.
///
/// ```
/// use hashrec_tokenize::Normalizer;
///
/// assert_eq!(Normalizer::new().fold("ＪａｖａＳｃｒｉｐｔ ﾊﾟｿｺﾝ ㌔"), "javascript パソコン キロ");
/// ```
#[derive(Debug)]
pub struct Normalizer {
    nfkc: ComposingNormalizerBorrowed<'static>,
}

impl Default for Normalizer {
    fn default() -> Self {
        Self::new()
    }
}

/// A normalized text that knows where each of its bytes comes from.
#[derive(Clone, Debug, Default)]
pub struct NormalizedText {
    text: String,
    pieces: Vec<Piece>,
    /// Buffers for one cluster of characters: the original and its composition.
    cluster: String,
    composed: String,
}

/// The bytes of the normalized text from `at` up to the next piece, and the original bytes that they
/// stand for.
#[derive(Clone, Copy, Debug)]
struct Piece {
    at: usize,
    original: usize,
    /// The number of original bytes that the piece stands for as a whole; `None` if it stands for
    /// them byte by byte.
    whole: Option<usize>,
}

impl Normalizer {
    /// A normalizer. Its tables are compiled into the program.
    pub const fn new() -> Self {
        Self { nfkc: ComposingNormalizerBorrowed::new_nfkc() }
    }

    /// Replaces the content of `out` with the normalized `text`.
    pub fn normalize(&self, text: &str, out: &mut NormalizedText) {
        self.normalize_up_to(text, usize::MAX, out);
    }

    /// The same, but only the first so many characters of what the text becomes.
    pub(crate) fn normalize_up_to(&self, text: &str, chars: usize, out: &mut NormalizedText) {
        out.text.clear();
        out.pieces.clear();
        let bytes = chars.saturating_mul(char::MAX.len_utf8());
        let mut rest = text.char_indices().peekable();
        while let Some((start, c)) = rest.next() {
            if out.text.len() >= bytes {
                break;
            }
            let mut end = start + c.len_utf8();
            for _ in 1..MAX_CLUSTER {
                let Some((at, next)) = rest.next_if(|&(_, next)| continues(next)) else { break };
                end = at + next.len_utf8();
            }
            let alone = end - start == c.len_utf8();
            if alone && c.is_ascii() {
                out.push_same(if is_blank(c) { ' ' } else { c.to_ascii_lowercase() }, start);
            } else if alone && is_stable(c) {
                out.push_same(c, start);
            } else {
                self.push_cluster(&text[start..end], start, out);
            }
        }
        if let Some((end, _)) = out.text.char_indices().nth(chars) {
            out.text.truncate(end);
        }
    }

    fn push_cluster(&self, original: &str, start: usize, out: &mut NormalizedText) {
        out.cluster.clear();
        out.cluster.extend(
            original.chars().filter(|&c| !is_dropped(c)).map(|c| if is_blank(c) { ' ' } else { c }),
        );
        out.composed.clear();
        // Writing to a string cannot fail.
        let _ = self.nfkc.normalize_to(&out.cluster, &mut out.composed);
        let at = out.text.len();
        out.text.extend(out.composed.chars().flat_map(char::to_lowercase));
        if out.text.len() > at {
            out.pieces.push(Piece { at, original: start, whole: Some(original.len()) });
        }
    }

    /// The normalized text alone, for comparing words and hashtags.
    pub fn fold(&self, text: &str) -> String {
        let mut out = NormalizedText::default();
        self.normalize(text, &mut out);
        out.text
    }
}

impl NormalizedText {
    /// The normalized text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes of the original that a range of bytes of the normalized text stands for. A range
    /// within what one original character became (a part of ㌔) gives that whole character. An empty
    /// range, or one past the end, gives an empty range.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() || range.end > self.text.len() {
            return 0..0;
        }
        let (Some(first), Some(last)) = (self.piece(range.start), self.piece(range.end - 1)) else {
            return 0..0;
        };
        let start = match first.whole {
            Some(_) => first.original,
            None => first.original + (range.start - first.at),
        };
        let end = last.original + last.whole.unwrap_or(range.end - last.at);
        start..end
    }

    fn piece(&self, at: usize) -> Option<Piece> {
        let after = self.pieces.partition_point(|piece| piece.at <= at);
        self.pieces.get(after.checked_sub(1)?).copied()
    }

    /// Adds a character that has as many bytes as the original character at `start`.
    fn push_same(&mut self, c: char, start: usize) {
        let at = self.text.len();
        let continues = self.pieces.last().is_some_and(|piece| {
            piece.whole.is_none() && piece.original + (at - piece.at) == start
        });
        if !continues {
            self.pieces.push(Piece { at, original: start, whole: None });
        }
        self.text.push(c);
    }
}

/// The form in which hashtags are compared: normalized, without surrounding spaces and without a
/// leading `#`.
///
/// ```
/// assert_eq!(hashrec_tokenize::normalize_hashtag("＃ＪａｖａScript "), "javascript");
/// ```
pub fn normalize_hashtag(tag: &str) -> String {
    let folded = Normalizer::new().fold(&long_vowels(tag));
    hashrec_data::normalize_hashtag(&folded).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn back(text: &str, part: &str) -> String {
        let mut out = NormalizedText::default();
        Normalizer::new().normalize(text, &mut out);
        let at = out.as_str().find(part).unwrap();
        text[out.original(at..at + part.len())].to_owned()
    }

    #[test]
    fn one_spelling() {
        let fold = |text| Normalizer::new().fold(text);
        assert_eq!(fold("ＡＢＣ　１２３"), "abc 123");
        assert_eq!(fold("ｶﾞｷﾞｸﾞ"), "ガギグ");
        assert_eq!(fold("か\u{3099}"), "が");
        assert_eq!(fold("e\u{301}COLE"), "école");
        assert_eq!(fold("ΣΊΣΥΦΟΣ"), "σίσυφοσ");
        assert_eq!(fold("İ"), "i\u{307}");
        assert_eq!(fold("㍿①"), "株式会社1");
        assert_eq!(fold("한글"), "한글");
        assert_eq!(fold("\u{1112}\u{1161}\u{11AB}"), "한");
        assert_eq!(fold("a\0b\r\nc\u{200B}d"), "a b \nc d");
        assert_eq!(fold("soft\u{AD}ware ❤\u{FE0F} 👍\u{1F3FD}"), "software ❤ 👍");
    }

    #[test]
    fn positions_map_back_to_the_original() {
        assert_eq!(back("xＡＢＣ y", "abc"), "ＡＢＣ");
        assert_eq!(back("ﾊﾟｿｺﾝを", "パ"), "ﾊﾟ");
        assert_eq!(back("10㌔走", "ロ"), "㌔");
        assert_eq!(back("soft\u{AD}ware", "software"), "soft\u{AD}ware");
        assert_eq!(back("👍\u{1F3FD}!", "👍"), "👍\u{1F3FD}");
        let mut out = NormalizedText::default();
        Normalizer::new().normalize("ab", &mut out);
        assert_eq!(out.original(1..1), 0..0);
        assert_eq!(out.original(1..9), 0..0);
    }

    #[test]
    fn hashtags() {
        assert_eq!(normalize_hashtag(" #Ｃ++"), "c++");
        assert_eq!(normalize_hashtag("C#"), "c#");
        assert_eq!(normalize_hashtag("#"), "");
    }

    proptest! {
        #[test]
        fn agrees_with_normalizing_the_whole(text in "[a-zA-Zぁ-んァ-ヶｦ-ﾟ一-三가-각ᄀ-ᇿㄱ-ㆎ\u{300}-\u{345}À-ɏΑ-ωА-я①-⑳ ]{0,24}") {
            let whole: String = ComposingNormalizerBorrowed::new_nfkc()
                .normalize(&text.replace('\u{34F}', ""))
                .chars()
                .flat_map(char::to_lowercase)
                .collect();
            prop_assert_eq!(Normalizer::new().fold(&text), whole);
        }

        #[test]
        fn every_char_goes_back_in_order(text in "\\PC{0,40}|[\u{0}-\u{1FF}\u{300}-\u{36F}ぁ-んｦ-ﾟ\u{FE00}-\u{FE0F}]{0,40}") {
            let mut out = NormalizedText::default();
            Normalizer::new().normalize(&text, &mut out);
            let mut before = 0..0;
            for (at, c) in out.as_str().char_indices() {
                let span = out.original(at..at + c.len_utf8());
                prop_assert!(!text[span.clone()].is_empty());
                prop_assert!(span == before || span.start >= before.end);
                before = span;
            }
        }
    }
}
