//! Dashes that stand for the long vowel mark of katakana.

use std::{borrow::Cow, iter::Peekable};

const LONG: char = 'ー';

/// Hyphens and minus signs: where one follows katakana, it was typed for the long vowel mark.
fn is_hyphen(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2012}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}')
}

/// Dashes, which also part sentences.
fn is_dash(c: char) -> bool {
    matches!(c, '\u{2013}'..='\u{2015}' | '\u{2500}' | '\u{2501}')
}

/// Whether a character may be read as a long vowel mark; few texts have one.
fn may_be_long(c: char) -> bool {
    c >= '\u{2010}' && (is_hyphen(c) || is_dash(c))
}

/// A letter of katakana, also in half width.
fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | '\u{FF66}'..='\u{FF6F}' | '\u{FF71}'..='\u{FF9F}' | '\u{3099}' | '\u{309A}')
}

/// What follows a dash that is no long vowel: another dash or long vowel mark, or a letter or digit of
/// ASCII, of either width.
fn parts_from_dash(c: char) -> bool {
    matches!(c, LONG | '\u{FF70}' | '-')
        || may_be_long(c)
        || c.is_ascii_alphanumeric()
        || matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

/// Reads characters and turns each dash within a katakana word into `ー`. A dash at the end of such a
/// word counts if it is a hyphen or a minus sign, or if the word has another long vowel.
pub struct LongVowels<I: Iterator<Item = char>> {
    chars: Peekable<I>,
    before: Option<char>,
    /// Whether the katakana word so far has a long vowel.
    has_long: bool,
}

impl<I: Iterator<Item = char>> LongVowels<I> {
    /// Reads these characters.
    pub fn new(chars: I) -> Self {
        Self { chars: chars.peekable(), before: None, has_long: false }
    }

    fn is_long(&mut self, c: char) -> bool {
        if !may_be_long(c) || !self.before.is_some_and(is_katakana) {
            return false;
        }
        match self.chars.peek() {
            Some(&after) if is_katakana(after) => true,
            Some(&after) if parts_from_dash(after) => false,
            _ => is_hyphen(c) || self.has_long,
        }
    }
}

impl<I: Iterator<Item = char>> Iterator for LongVowels<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let mut c = self.chars.next()?;
        if self.is_long(c) {
            c = LONG;
        }
        let long = matches!(c, LONG | '\u{FF70}');
        self.has_long = long || (self.has_long && is_katakana(c));
        self.before = Some(c);
        Some(c)
    }
}

/// The text with the dashes of katakana words as [`LongVowels`] reads them. Every character keeps its
/// length in UTF-8.
///
/// ```
/// assert_eq!(hashrec_data::long_vowels("サ−バ−を、10−3"), "サーバーを、10−3");
/// ```
pub fn long_vowels(text: &str) -> Cow<'_, str> {
    if text.chars().any(may_be_long) {
        Cow::Owned(LongVowels::new(text.chars()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_within_katakana_are_long_vowels() {
        for dash in ['−', '‐', '―', '─', '－', '–', '—'] {
            let text = format!("サ{dash}バ{dash}を");
            assert_eq!(long_vowels(&text), "サーバーを", "{text}");
            assert_eq!(long_vowels(&format!("ｻ{dash}ﾊ\u{FF9E}{dash}")), "ｻーﾊﾞー");
        }
        assert_eq!(long_vowels("ユーザ−が"), "ユーザーが");
        assert_eq!(long_vowels("ユーザ―が"), "ユーザーが");
        assert_eq!(long_vowels("エラ−"), "エラー");
    }

    #[test]
    fn other_dashes_stay() {
        for text in [
            "ラーメン――東京",
            "ケーキ―",
            "ドア―窓",
            "5−3",
            "A‐B",
            "漢字−仮名",
            "ボタン−1",
            "コーヒー―紅茶",
            "−ア",
            "ボタン−１",
            "ア−ー",
            "ア−ｰ",
            "ラーメン—-東京",
        ] {
            let want = if text == "ケーキ―" { "ケーキー" } else { text };
            assert_eq!(long_vowels(text), want);
        }
    }

    #[test]
    fn lengths_stay() {
        let text = "サ−バ‐サ―バ─サ━バ－サ﹣バ";
        assert_eq!(long_vowels(text).len(), text.len());
    }
}
