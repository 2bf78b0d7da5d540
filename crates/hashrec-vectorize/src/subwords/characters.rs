//! Classes of characters.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{Alphabetic, GeneralCategory as Category, GeneralCategoryGroup, JoinControl},
};

fn category(letter: char) -> Category {
    CodePointMapData::<Category>::new().get(letter)
}

/// Characters that say how others are shown, private ones, and ASCII control characters but tab and
/// line ends.
pub(super) fn is_control(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' => false,
        ' '..='~' => false,
        _ => matches!(
            category(letter),
            Category::Control | Category::Format | Category::PrivateUse | Category::Surrogate
        ),
    }
}

/// Accents and other marks that take no place of their own.
pub(super) fn is_accent(letter: char) -> bool {
    !letter.is_ascii() && category(letter) == Category::NonspacingMark
}

/// Marks that belong to the character before them.
pub(super) fn is_mark(letter: char) -> bool {
    !letter.is_ascii() && GeneralCategoryGroup::Mark.contains(category(letter))
}

/// Punctuation; in ASCII also the signs that Unicode calls symbols.
pub(super) fn is_punctuation(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_punctuation();
    }
    GeneralCategoryGroup::Punctuation.contains(category(letter))
}

/// What regular expressions call `\w`.
pub(super) fn is_word(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric() || letter == '_';
    }
    CodePointSetData::new::<Alphabetic>().contains(letter)
        || CodePointSetData::new::<JoinControl>().contains(letter)
        || GeneralCategoryGroup::Mark.contains(category(letter))
        || matches!(category(letter), Category::DecimalNumber | Category::ConnectorPunctuation)
}

/// Chinese characters, in Japanese too; not kana, not hangul.
pub(super) fn is_chinese(letter: char) -> bool {
    matches!(letter,
        '\u{4E00}'..='\u{9FFF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{20000}'..='\u{2A6DF}'
        | '\u{2A700}'..='\u{2B73F}'
        | '\u{2B740}'..='\u{2B81F}'
        | '\u{2B920}'..='\u{2CEAF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{2F800}'..='\u{2FA1F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_unicode() {
        assert!(is_control('\u{0}') && is_control('\u{200D}') && is_control('\u{E000}'));
        assert!(!is_control('\n') && !is_control('a') && !is_control('語'));
        assert!(is_accent('\u{301}') && !is_accent('é') && !is_accent('a'));
        assert!(is_mark('\u{301}') && is_mark('\u{903}') && !is_accent('\u{903}'));
        assert!(is_punctuation('+') && is_punctuation('。') && !is_punctuation('🎉'));
        assert!(is_word('_') && is_word('語') && is_word('é') && is_word('٣') && !is_word('。'));
        assert!(is_chinese('語') && !is_chinese('の') && !is_chinese('가'));
    }
}
