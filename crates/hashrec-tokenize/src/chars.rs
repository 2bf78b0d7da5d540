//! Classes of characters.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{EmojiPresentation, ExtendedPictographic, GeneralCategory, GeneralCategoryGroup},
};

/// Joins emoji into one, as in a family or a profession.
pub(crate) const ZERO_WIDTH_JOINER: char = '\u{200D}';

/// The box around a digit that makes it a keycap emoji.
pub(crate) const KEYCAP: char = '\u{20E3}';

/// Part of a word in an alphabet with upper and lower case, or of a number. Such words end where
/// another script begins, so they are found without a dictionary.
pub(crate) fn is_western(c: char) -> bool {
    match c {
        '_' => true,
        '\0'..='\u{7F}' => c.is_ascii_alphanumeric(),
        // Combining marks on such letters.
        '\u{300}'..='\u{36F}' => true,
        // Latin, Greek, Cyrillic and their extensions.
        '\u{80}'..='\u{52F}' | '\u{1E00}'..='\u{1FFF}' => c.is_alphanumeric(),
        _ => false,
    }
}

/// Whether a segment can be a token: it has a letter or a digit other than the marks for a long vowel
/// and for repetition, which mean nothing on their own.
pub(crate) fn is_word(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_alphanumeric() && !matches!(c, 'ー' | '々' | 'ゝ' | 'ゞ' | 'ヽ' | 'ヾ'))
}

/// May occur in a `#tag`.
pub(crate) fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || (c >= '\u{300}' && is_mark(c))
}

/// A picture that begins an emoji. Digits, © and the like are not: they are text unless a selector
/// follows.
pub(crate) fn is_emoji(c: char) -> bool {
    match c {
        '\0'..='\u{2319}' | '\u{3000}'..='\u{1F000}' => false,
        _ => {
            CodePointSetData::new::<EmojiPresentation>().contains(c)
                || (matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..)
                    && CodePointSetData::new::<ExtendedPictographic>().contains(c))
        }
    }
}

/// Half of a flag.
pub(crate) fn is_regional(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

/// The invisible letters that name a region's flag after a base emoji.
pub(crate) fn is_emoji_tag(c: char) -> bool {
    matches!(c, '\u{E0020}'..='\u{E007F}')
}

fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// Letters that NFKC and lower-casing leave unchanged, whatever precedes them: most of a Japanese
/// text.
pub(crate) fn is_stable(c: char) -> bool {
    matches!(c,
        '\u{3001}'..='\u{3029}' | 'ぁ'..='ゖ' | 'ァ'..='ー' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Whether `c` may change or join the character before it under NFKC, so that both must be normalized
/// together, or is dropped.
pub(crate) fn continues(c: char) -> bool {
    match c {
        '\0'..='\u{AC}' => false,
        _ if is_stable(c) => false,
        // Korean vowels and finals, also in their compatibility and half-width forms.
        '\u{1160}'..='\u{11FF}' | '\u{3131}'..='\u{318E}' | '\u{FFA0}'..='\u{FFDC}' => true,
        // Half-width voiced sound marks.
        '\u{FF9E}' | '\u{FF9F}' => true,
        // Letters that compose with the one before.
        '\u{16D63}' | '\u{16D67}' | '\u{16D68}' => true,
        _ => is_dropped(c) || (c >= '\u{300}' && is_mark(c)),
    }
}

/// Characters that only affect display: soft hyphens, direction marks, word joiners, variation
/// selectors, skin tones.
pub(crate) fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0100}'..='\u{E01EF}')
}

/// Characters that become a space: control characters other than the line break, and the zero-width
/// space, which marks the end of a word.
pub(crate) fn is_blank(c: char) -> bool {
    (c.is_control() && c != '\n') || c == '\u{200B}'
}

/// The character that begins at byte `at`.
pub(crate) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The end of the western word that begins or continues at byte `at`.
pub(crate) fn western_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + rest.find(|c| !is_western(c)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use icu_normalizer::{
        ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed,
        properties::{CanonicalDecompositionBorrowed, Decomposed},
    };

    fn all() -> impl Iterator<Item = char> {
        ('\0'..=char::MAX).filter(|&c| !is_dropped(c) && !is_blank(c))
    }

    #[test]
    fn everything_that_composes_backwards_continues() {
        let canonical = CanonicalDecompositionBorrowed::new();
        let compatibility = DecomposingNormalizerBorrowed::new_nfkd();
        let mut backwards = std::collections::BTreeSet::new();
        for c in all() {
            if let Decomposed::Expansion(_, second) = canonical.decompose(c) {
                backwards.insert(second);
            }
        }
        for c in all() {
            let first = compatibility.normalize(c.encode_utf8(&mut [0; 4])).chars().next();
            if first.is_some_and(|first| backwards.contains(&first))
                && !('\u{1160}'..='\u{11FF}').contains(&c)
            {
                assert!(continues(c), "U+{:04X}", c as u32);
            }
        }
    }

    #[test]
    fn stable_letters_are_normal() {
        let composing = ComposingNormalizerBorrowed::new_nfkc();
        for c in all().filter(|&c| is_stable(c)) {
            let text = c.to_string();
            assert_eq!(composing.normalize(&text), text);
            assert_eq!(text.to_lowercase(), text);
        }
    }

    #[test]
    fn emoji_and_text() {
        for c in ['🍞', '⭐', '☀', '❤', '⌚', '🀄', '✨'] {
            assert!(is_emoji(c), "{c}");
        }
        for c in ['1', '#', '©', '™', 'あ', '日', '、', '→', '㊗', '※'] {
            assert!(!is_emoji(c), "{c}");
        }
    }
}
