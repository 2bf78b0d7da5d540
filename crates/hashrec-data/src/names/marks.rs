//! Characters that leave no trace on a page, and those that only look as if they didn't.

use icu_properties::{
    CodePointSetData,
    props::{DefaultIgnorableCodePoint, ExtendedPictographic},
};

/// White space, and the empty pattern of Braille, which looks like it.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Control characters, and those that Unicode lets a font ignore: zero-width spaces, joiners, direction
/// marks, variation selectors, fillers, byte order marks.
pub(super) fn is_invisible(c: char) -> bool {
    match c {
        ' '..='~' => false,
        _ if c.is_control() => !c.is_whitespace(),
        '\u{FFF9}'..='\u{FFFB}' => true,
        _ => CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c),
    }
}

/// Changes the look of what stands before it: a picture instead of a letter, another flag.
pub(super) fn modifies(c: char) -> bool {
    is_tag(c)
        || matches!(c, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{E0100}'..='\u{E01EF}')
}

/// Whether an invisible character makes a visible difference between these neighbours: it joins
/// emoji into one, names the region of a flag, or joins or parts letters of a cursive script.
pub(super) fn shows(c: char, before: Option<char>, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match c {
        '\u{200D}' if after.is_some_and(is_picture) => is_picture(before) || is_skin_tone(before),
        '\u{200C}' | '\u{200D}' => is_cursive(before) && after.is_some_and(is_cursive),
        _ if is_tag(c) => before == '\u{1F3F4}' || is_tag(before),
        _ => false,
    }
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0020}'..='\u{E007F}')
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

fn is_picture(c: char) -> bool {
    c > '\u{2000}' && CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

/// Letters and marks of the scripts whose letters join: Arabic and its relatives, the scripts of India and
/// their neighbours, Mongolian.
fn is_cursive(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{18AF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}
