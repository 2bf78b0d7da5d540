//! Text reduced to letters and digits, for finding hashtags across token boundaries.
//!
//! A tokenizer may split 新機能 or はじめての方へ anywhere, and writers use spaces, hyphens and full-width
//! letters as they like. In the *compact* form (NFKC, lower case, letters and digits only) a hashtag is
//! simply a substring. The *folded* form also writes katakana as hiragana. Each character has the same
//! length in both, so one pass over the folded form finds exact spellings and variants.

use hashrec_data::long_vowels;
use icu_normalizer::ComposingNormalizerBorrowed;

/// How many characters of a text are searched.
pub(crate) const SEARCHED_CHARS: usize = 3000;

/// Classes of characters between which a written word can end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Digit,
    Hiragana,
    Katakana,
    Han,
    Other,
}

fn script(c: char) -> Script {
    match c {
        '0'..='9' => Script::Digit,
        '\u{3041}'..='\u{309f}' => Script::Hiragana,
        '\u{30a1}'..='\u{30ff}' => Script::Katakana,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '々' => {
            Script::Han
        }
        _ => Script::Other,
    }
}

/// Whether a character belongs to a script written without spaces between words.
pub(crate) fn is_japanese(c: char) -> bool {
    matches!(script(c), Script::Hiragana | Script::Katakana | Script::Han)
}

/// Letters without case that fill Japanese texts: known without a search through Unicode's tables.
fn is_plain(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}')
}

/// [`char::is_alphanumeric`].
pub(crate) fn is_letter(c: char) -> bool {
    is_plain(c) || c.is_alphanumeric()
}

/// Katakana as the hiragana of the same sound, of the same length in UTF-8; others unchanged.
fn fold(c: char) -> char {
    match c {
        'ァ'..='ヶ' | 'ヽ' | 'ヾ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        _ => c,
    }
}

/// The compact form of a text, in two spellings of the same byte length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compact {
    /// As written, except for width and case.
    pub(crate) exact: String,
    /// With katakana written as hiragana.
    pub(crate) folded: String,
    /// For each byte: whether a run of one script starts there, or follows removed characters.
    starts: Vec<bool>,
}

impl Compact {
    /// The compact form of the first [`SEARCHED_CHARS`] characters of `text`.
    pub(crate) fn of(text: &str) -> Self {
        let mut compact = Self::default();
        compact.extend(text, SEARCHED_CHARS);
        compact
    }

    /// Appends at most `chars` characters of `text` as a new run. Returns how many it read.
    pub(crate) fn extend(&mut self, text: &str, chars: usize) -> usize {
        let (text, read) = match text.char_indices().enumerate().nth(chars) {
            Some((read, (end, _))) => (&text[..end], read),
            None => (text, text.chars().count()),
        };
        self.exact.reserve(text.len());
        self.folded.reserve(text.len());
        self.starts.reserve(text.len());
        let mut before = None;
        let text = long_vowels(text);
        for c in ComposingNormalizerBorrowed::new_nfkc().normalize(&text).chars() {
            if c.is_ascii() {
                if c.is_ascii_alphanumeric() {
                    self.push(c.to_ascii_lowercase(), &mut before);
                } else {
                    before = None;
                }
            } else if is_plain(c) {
                self.push(c, &mut before);
            } else {
                for c in c.to_lowercase() {
                    if c.is_alphanumeric() {
                        self.push(c, &mut before);
                    } else {
                        before = None;
                    }
                }
            }
        }
        read
    }

    fn push(&mut self, c: char, before: &mut Option<Script>) {
        let script = script(c);
        let start = self.exact.len();
        self.exact.push(c);
        self.folded.push(fold(c));
        self.starts.resize(self.exact.len(), false);
        if let Some(flag) = self.starts.get_mut(start) {
            *flag = *before != Some(script);
        }
        *before = Some(script);
    }

    /// How many bytes both spellings have.
    pub(crate) fn len(&self) -> usize {
        self.exact.len()
    }

    /// Whether a run starts at byte `at`, or the text ends there.
    pub(crate) fn is_start(&self, at: usize) -> bool {
        self.starts.get(at).copied().unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn width_case_and_punctuation_do_not_count() {
        assert_eq!(Compact::of("Ｎode.ＪＳ ver-2").exact, "nodejsver2");
        assert_eq!(Compact::of("ｶﾞｲﾄﾞ・一覧").exact, "ガイド一覧");
        assert_eq!(Compact::of("【お知らせ】").exact, "お知らせ");
        assert_eq!(Compact::of("サ−バ−を").exact, Compact::of("ｻｰﾊﾞｰを").exact);
    }

    #[test]
    fn katakana_folds_to_hiragana() {
        assert_eq!(Compact::of("マトメ ヴヶヽ").folded, "まとめゔゖゝ");
        assert_eq!(Compact::of("サーバー").folded, "さーばー");
    }

    #[test]
    fn runs_start_where_the_script_changes_or_something_was_removed() {
        let compact = Compact::of("新機能 を リリース5");
        let starts: String = compact
            .exact
            .char_indices()
            .filter(|&(at, _)| compact.is_start(at))
            .map(|(_, c)| c)
            .collect();
        assert_eq!(starts, "新をリ5");
        assert!(compact.is_start(compact.len()));
    }

    #[test]
    fn only_so_many_characters_are_read() {
        let mut compact = Compact::default();
        assert_eq!(compact.extend("日本語", 2), 2);
        assert_eq!(compact.extend("ab", 5), 2);
        assert_eq!(compact.exact, "日本ab");
    }

    #[test]
    fn plain_letters_are_letters_without_case() {
        let plain = ('\0'..=char::MAX).filter(|&c| is_plain(c));
        for c in plain {
            assert!(c.is_alphanumeric() && c.to_lowercase().eq([c]), "{c}");
        }
    }

    proptest! {
        #[test]
        fn both_spellings_have_the_same_boundaries(text in "\\PC{0,40}|[ァ-ヾぁ-ゟA-zー ]{0,40}") {
            let compact = Compact::of(&text);
            prop_assert_eq!(compact.exact.len(), compact.folded.len());
            for at in 0..compact.len() {
                prop_assert_eq!(
                    compact.exact.is_char_boundary(at),
                    compact.folded.is_char_boundary(at)
                );
            }
        }
    }
}
