//! Checks of vibrato's bytes before vibrato sees them.
//!
//! vibrato 0.5 decodes them with bincode, which allocates by any length that it finds, and uses
//! what it decoded as indices. Here every length is compared with the bytes that are left, and every
//! number that becomes an index with the table it points into. What passes, vibrato can read and use
//! on any text without a panic, with bounded time and memory.

use super::{
    cursor::{Cursor, Rows, at_most},
    envelope::VIBRATO_MAGIC,
    trie::{self, Postings},
};
use crate::problem::Damage;

/// vibrato keeps the categories of a character in 18 bits.
const MAX_CATEGORIES: u64 = 18;

/// The largest number of unknown-word entries of one category: far more than dictionaries have, and
/// few enough for vibrato's 16-bit indices.
pub(super) const MAX_UNKNOWN: usize = 32;

/// The longest features of a word, and name of a category, in bytes.
const MAX_FEATURES: u64 = 16_384;
const MAX_NAME: u64 = 4_096;

/// How the layout numbers the lexicons and the kinds of connectors.
const SYSTEM: u32 = 0;
const USER: u32 = 1;
const MATRIX: u32 = 0;

/// Checks everything.
pub(super) fn check(raw: &[u8]) -> Result<(), Damage> {
    let Some(tables) = raw.strip_prefix(VIBRATO_MAGIC) else {
        return Err(Damage::Content { what: "the number of wrong first bytes", found: 1, max: 0 });
    };
    let mut cursor = Cursor::new(tables);
    let system = lexicon(&mut cursor, SYSTEM)?;
    let user = match present(&mut cursor)? {
        true => Some(lexicon(&mut cursor, USER)?),
        false => None,
    };
    let sides = connector(&mut cursor)?;
    if present(&mut cursor)? {
        cursor.rows::<2>("the new left ids")?;
        cursor.rows::<2>("the new right ids")?;
    }
    let largest = characters(&mut cursor)?;
    unknown(&mut cursor, largest, sides)?;
    cursor.end()?;
    for word in system.iter().chain(user.iter().flat_map(|user| user.iter())) {
        let [left, left_high, right, right_high, ..] = *word;
        sides.check([left, left_high], [right, right_high])?;
    }
    Ok(())
}

/// The sizes of the connection matrix: ids must be below them.
#[derive(Clone, Copy)]
struct Sides {
    right: u64,
    left: u64,
}

impl Sides {
    fn check(self, left: [u8; 2], right: [u8; 2]) -> Result<(), Damage> {
        at_most("a left id", u16::from_le_bytes(left).into(), self.left - 1)?;
        at_most("a right id", u16::from_le_bytes(right).into(), self.right - 1)
    }
}

/// Whether something optional is there.
fn present(cursor: &mut Cursor<'_>) -> Result<bool, Damage> {
    let tag = cursor.u8("a tag")?;
    at_most("a tag", tag.into(), 1)?;
    Ok(tag == 1)
}

/// Checks a lexicon but for its connection ids, and returns the ids and costs of its words.
fn lexicon<'b>(cursor: &mut Cursor<'b>, kind: u32) -> Result<Rows<'b, 6>, Damage> {
    let trie = cursor.rows::<1>("the trie")?;
    let postings = cursor.rows("the numbers of words")?;
    let words = cursor.rows::<6>("the words")?;
    let features = cursor.u64("the features")?;
    let count = words.len() as u64;
    if features != count {
        let what = "the number of words without features, or the reverse";
        return Err(Damage::Content { what, found: features.abs_diff(count), max: 0 });
    }
    for _ in 0..features {
        cursor.text("the length of a word's features", MAX_FEATURES)?;
    }
    let found = cursor.u32("the kind of a lexicon")?;
    if found != kind {
        let (found, max) = (found.into(), kind.into());
        return Err(Damage::Content { what: "the kind of a lexicon", found, max });
    }
    trie::check(trie.as_bytes(), Postings { rows: postings, words: count })?;
    Ok(words)
}

/// Checks the costs of connections.
fn connector(cursor: &mut Cursor<'_>) -> Result<Sides, Damage> {
    if cursor.u32("the kind of the connection costs")? != MATRIX {
        return Err(Damage::Connector);
    }
    let costs = cursor.rows::<2>("the matrix of connection costs")?.len() as u64;
    let right = cursor.u64("the number of right ids")?;
    let left = cursor.u64("the number of left ids")?;
    if costs == 0 || right.checked_mul(left) != Some(costs) {
        return Err(Damage::Matrix { costs, right, left });
    }
    Ok(Sides { right, left })
}

/// Checks the categories of characters, and returns the largest that a character has.
fn characters(cursor: &mut Cursor<'_>) -> Result<u64, Damage> {
    const BASE: (u32, u32) = (18, 0xFF);
    let infos = cursor.rows::<4>("the characters")?;
    let largest = infos.iter().map(|info| (u32::from_le_bytes(*info) >> BASE.0) & BASE.1).max();
    let Some(largest) = largest else {
        return Err(Damage::Content { what: "the number of missing characters", found: 1, max: 0 });
    };
    let categories = cursor.u64("the categories")?;
    at_most("the number of categories", categories, MAX_CATEGORIES)?;
    for _ in 0..categories {
        cursor.text("the length of a category's name", MAX_NAME)?;
    }
    at_most("a character's category", largest.into(), categories.saturating_sub(1))?;
    Ok(largest.into())
}

/// Checks the entries of unknown words: a category that a character has needs at least one, or some
/// texts have no analysis.
fn unknown(cursor: &mut Cursor<'_>, largest: u64, sides: Sides) -> Result<(), Damage> {
    let offsets = cursor.rows::<8>("the offsets of unknown words")?;
    let entries = cursor.u64("the unknown words")?;
    at_most("the number of unknown words", entries, MAX_CATEGORIES * MAX_UNKNOWN as u64)?;
    for _ in 0..entries {
        let [_, _, left, left_high, right, right_high, ..] =
            *cursor.counted::<8>("an unknown word", 1)?.get(0).unwrap_or(&[0; 8]);
        sides.check([left, left_high], [right, right_high])?;
        cursor.text("the length of an unknown word's features", MAX_FEATURES)?;
    }
    let offset = |row: u64| {
        let bytes = usize::try_from(row).ok().and_then(|row| offsets.get(row));
        bytes.map_or(u64::MAX, |bytes| u64::from_le_bytes(*bytes))
    };
    for category in 0..=largest {
        let (start, end) = (offset(category), offset(category + 1));
        at_most("the offset of an unknown word", end, entries)?;
        at_most("the offset of an unknown word", start, end.saturating_sub(1))?;
        at_most("the number of a category's unknown words", end - start, MAX_UNKNOWN as u64)?;
    }
    Ok(())
}
