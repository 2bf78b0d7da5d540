//! The key by which two names are one.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Serialize};

use super::{
    long_vowels::LongVowels,
    marks::{is_blank, is_invisible, shows},
    trim::normalize_hashtag,
};

/// Which differences between the names of hashtags count, beyond those that no reader sees.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `fold_case` | `false` | whether upper and lower case are the same: `Rust` and `rust` are one hashtag | |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NameFolding {
    /// Whether upper and lower case are the same.
    pub fold_case: bool,
}

impl NameFolding {
    hashrec_storage::setters! {
        with_fold_case: fold_case, bool;
    }
}

/// The key of a hashtag: two hashtags of a community are one if their keys are equal.
///
/// Names are equal that a reader can't tell apart: composed and decomposed letters (が), full and half
/// width, white space of any kind and number, characters without a shape (zero-width spaces, direction
/// marks, variation selectors), and the dashes that stand for the long vowel mark of katakana. What
/// surrounds the name doesn't count; see [`normalize_hashtag`]. Joiners count where they show, as
/// between emoji and between the letters of Persian.
///
/// ```
/// use hashrec_data::{NameFolding, fold_hashtag};
///
/// let key = |name| fold_hashtag(name, NameFolding::default());
/// assert_eq!(key("#ﾀﾞｲｴｯﾄ"), key("タ\u{3099}イエット\u{200B}"));
/// assert_eq!(key("Ｒｕｓｔ"), "Rust");
/// assert_ne!(key("Rust"), key("rust"));
/// ```
pub fn fold_hashtag(hashtag: &str, folding: NameFolding) -> Cow<'_, str> {
    let name = normalize_hashtag(hashtag);
    if is_folded(name, folding) {
        return Cow::Borrowed(name);
    }
    let seen = visible(name);
    let mut key = String::with_capacity(seen.len());
    for c in LongVowels::new(seen.chars()).map(one_width) {
        if folding.fold_case { key.extend(c.to_lowercase().map(one_sigma)) } else { key.push(c) }
    }
    Cow::Owned(ComposingNormalizerBorrowed::new_nfc().normalize(&key).into_owned())
}

/// The characters that a reader sees, with one space for each run of white space.
fn visible(name: &str) -> String {
    let mut seen = String::with_capacity(name.len());
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        if is_blank(c) {
            if !seen.ends_with(' ') {
                seen.push(' ');
            }
        } else if !is_invisible(c) || shows(c, seen.chars().next_back(), rest.peek().copied()) {
            seen.push(c);
        }
    }
    seen.truncate(seen.trim_end().len());
    seen
}

/// Whether a name is its own key: true only if it is, and of nearly all names that are.
fn is_folded(name: &str, folding: NameFolding) -> bool {
    let mut before = ' ';
    name.chars().all(|c| {
        let plain = match c {
            ' ' => before != ' ',
            'A'..='Z' => !folding.fold_case,
            // Latin, hiragana, katakana, the common ideographs and the syllables of Korean.
            '!'..='~'
            | 'ぁ'..='ゖ'
            | 'ァ'..='ー'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{AC00}'..='\u{D7A3}' => true,
            _ => false,
        };
        before = c;
        plain
    })
}

/// A character of full or half width as the common one, and the characters that encodings of Japanese map
/// to either of two code points as one of them.
fn one_width(c: char) -> char {
    const KATAKANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u{3099}\u{309A}";
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{FF61}'..='\u{FF9F}' => KATAKANA.chars().nth((c as u32 - 0xFF61) as usize).unwrap_or(c),
        '\u{FF5F}' => '⦅',
        '\u{FF60}' => '⦆',
        '\u{FFE0}' => '¢',
        '\u{FFE1}' => '£',
        '\u{FFE2}' => '¬',
        '\u{FFE3}' => '¯',
        '\u{FFE4}' => '¦',
        '\u{FFE5}' => '¥',
        '\u{FFE6}' => '₩',
        '\u{301C}' => '~',
        '\u{2212}' => '-',
        '\u{2015}' => '—',
        '\u{2225}' => '‖',
        _ => c,
    }
}

/// Both lower-case forms of Σ as one.
fn one_sigma(c: char) -> char {
    if c == 'ς' { 'σ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(name: &str) -> String {
        fold_hashtag(name, NameFolding::default()).into_owned()
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        for [a, b] in [
            ["ダイエット", "タ\u{3099}イエット"],
            ["フルマラソン", "ﾌﾙﾏﾗｿﾝ"],
            ["café", "cafe\u{301}"],
            ["神", "\u{FA19}"],
            ["한글", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"],
            ["朝ラン", "朝\u{200B}ラン"],
            ["朝ラン", "\u{202A}朝ラン\u{202C}"],
            ["葛飾", "葛\u{E0100}飾"],
            ["❤", "❤\u{FE0F}"],
            ["machine learning", "machine\u{3000}\u{A0}learning"],
            ["サーバー", "サ−バ−"],
            ["ボタン−1", "ﾎﾞﾀﾝ－１"],
            ["3〜5km", "3～5km"],
            ["C＋＋", "C++"],
            ["soft\u{AD}ware", "software"],
            ["가", "가\u{3164}"],
        ] {
            assert_eq!(key(a), key(b), "{a} {b:?}");
        }
    }

    #[test]
    fn what_looks_different_is_different() {
        for [a, b] in [
            ["Rust", "rust"],
            ["か", "が"],
            ["ハ", "パ"],
            ["👨\u{200D}👩\u{200D}👧", "👨👩👧"],
            ["👍", "👍🏽"],
            ["🏴\u{E0067}\u{E0062}\u{E0065}\u{E007F}", "🏴"],
            ["می\u{200C}خواهم", "میخواهم"],
            ["e", "é"],
            ["㈱", "(株)"],
            ["朝 ラン", "朝ラン"],
        ] {
            assert_ne!(key(a), key(b), "{a} {b:?}");
        }
    }

    #[test]
    fn case_counts_unless_it_is_folded() {
        let key =
            |name| fold_hashtag(name, NameFolding::default().with_fold_case(true)).into_owned();
        for [a, b] in
            [["Rust", "rust"], ["ＲＵＳＴ", "rust"], ["ÉCOLE", "e\u{301}cole"], ["ΟΔΟΣ", "οδος"]]
        {
            assert_eq!(key(a), key(b), "{a}");
        }
        assert_ne!(key("ı"), key("i"));
    }

    #[test]
    fn nothing_to_see_has_no_key() {
        for name in ["", "#", " ＃\u{200B}", "\u{2060}\u{FE0F}", "\u{202E}"] {
            assert_eq!(key(name), "");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(name in "\\PC{0,12}|[#＃ a-cA-Cァ-ヴー−―ｱ-ﾟか\u{3099}\u{200B}-\u{200F}\u{FE0F}]{0,12}", case: bool) {
            let folding = NameFolding::default().with_fold_case(case);
            let once = fold_hashtag(&name, folding).into_owned();
            prop_assert_eq!(fold_hashtag(&once, folding), once.as_str());
        }

        #[test]
        fn a_name_that_is_its_own_key_is_found_by_the_long_way_too(name in "[ -~ぁ-ゖァ-ー一-龯가-힣]{0,8}", case: bool) {
            // U+2060 takes the way around the shortcut, and leaves no trace.
            let folding = NameFolding::default().with_fold_case(case);
            let long = name.chars().flat_map(|c| [c, '\u{2060}']).collect::<String>();
            prop_assert_eq!(fold_hashtag(&name, folding), fold_hashtag(&long, folding));
        }
    }
}
