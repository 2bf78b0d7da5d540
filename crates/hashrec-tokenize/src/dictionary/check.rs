//! Whether sources are what vibrato takes for granted.

use std::collections::{BTreeMap, BTreeSet};

use crate::TokenizeError;

/// Unknown-word entries of one category at most: far more than any dictionary has, and few enough
/// for vibrato's 16-bit indices.
const MAX_UNKNOWN: usize = 32;

/// vibrato keeps the categories of a character in 18 bits, and their lengths in 4.
const MAX_CATEGORIES: usize = 18;
const MAX_GROUP: u32 = 15;

/// vibrato reads fields into a buffer of 4,096 bytes.
const MAX_FIELD: usize = 4_000;

/// The sizes of the connection matrix: ids must be below them.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    right: u16,
    left: u16,
}

pub(super) fn wrong(file: &str, line: usize, problem: impl Into<String>) -> TokenizeError {
    TokenizeError::Source { file: file.to_owned(), line: line as u64, problem: problem.into() }
}

/// The header, `right left`. The table it asks for must not be larger than what the file lists.
pub(super) fn check_matrix(text: &str) -> Result<Sides, TokenizeError> {
    const FILE: &str = "matrix.def";
    let header = text.lines().next().unwrap_or_default();
    let sizes = header.split_once(' ').map(|(right, left)| (right.parse(), left.parse()));
    let Some((Ok(right), Ok(left))) = sizes else {
        return Err(wrong(FILE, 1, "expected two sizes below 65,536, separated by a space"));
    };
    if right == 0 || left == 0 || usize::from(right) * usize::from(left) > text.len() {
        let problem = format!("a {right} by {left} matrix, but too few costs follow");
        return Err(wrong(FILE, 1, problem));
    }
    Ok(Sides { right, left })
}

/// The names of the categories of characters; every one that is used is defined.
pub(super) fn check_chars(text: &str) -> Result<BTreeSet<&str>, TokenizeError> {
    const FILE: &str = "char.def";
    let mut categories = BTreeSet::new();
    let mut used = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> =
            line.split_whitespace().take_while(|field| !field.starts_with('#')).collect();
        if line.starts_with("0x") {
            let names = fields.get(1..).unwrap_or_default();
            if names.is_empty() {
                return Err(wrong(FILE, index + 1, "a range of characters without a category"));
            }
            used.extend(names.iter().map(|name| (index + 1, *name)));
            continue;
        }
        let [name, "0" | "1", "0" | "1", length, ..] = fields.as_slice() else {
            let problem = "expected a name, two flags (0 or 1) and a length";
            return Err(wrong(FILE, index + 1, problem));
        };
        if !length.parse().is_ok_and(|length: u32| length <= MAX_GROUP) {
            let problem = format!("length {length:?}: expected 0 to {MAX_GROUP}");
            return Err(wrong(FILE, index + 1, problem));
        }
        categories.insert(*name);
    }
    if let Some((line, name)) = used.iter().find(|(_, name)| !categories.contains(name)) {
        return Err(wrong(FILE, *line, format!("category {name:?} is not defined")));
    }
    if !categories.contains("DEFAULT") || categories.len() > MAX_CATEGORIES {
        let problem = format!("expected DEFAULT and up to {MAX_CATEGORIES} categories in all");
        return Err(wrong(FILE, 0, problem));
    }
    Ok(categories)
}

/// Every category must say what its unknown words are, or a text could have no analysis.
pub(super) fn check_unknown(
    text: &str,
    categories: &BTreeSet<&str>,
    sides: Sides,
) -> Result<(), TokenizeError> {
    const FILE: &str = "unk.def";
    let mut counts = BTreeMap::new();
    for row in rows(FILE, text) {
        let (line, row) = row?;
        check_row(FILE, line, &row, sides)?;
        let name = row.get(0).unwrap_or_default();
        if !categories.contains(name) {
            return Err(wrong(FILE, line, format!("char.def has no category {name:?}")));
        }
        let count = counts.entry(name.to_owned()).or_insert(0);
        *count += 1;
        if *count > MAX_UNKNOWN {
            return Err(wrong(FILE, line, format!("more than {MAX_UNKNOWN} rows for {name:?}")));
        }
    }
    match categories.iter().find(|name| !counts.contains_key(**name)) {
        Some(name) => Err(wrong(FILE, 0, format!("no row for category {name:?}"))),
        None => Ok(()),
    }
}

/// The rows of a lexicon with their line numbers.
pub(super) fn rows<'t>(
    file: &'t str,
    text: &'t str,
) -> impl Iterator<Item = Result<(usize, csv::StringRecord), TokenizeError>> + 't {
    let line = |position: Option<&csv::Position>| {
        position.map_or(0, |position| usize::try_from(position.line()).unwrap_or(usize::MAX))
    };
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .into_records()
        .map(move |row| match row {
            Ok(row) => Ok((line(row.position()), row)),
            Err(error) => Err(wrong(file, line(error.position()), error.to_string())),
        })
}

/// Surface or category, left id, right id, cost.
pub(super) fn check_row(
    file: &str,
    line: usize,
    row: &csv::StringRecord,
    sides: Sides,
) -> Result<(), TokenizeError> {
    let [Some(left), Some(right), Some(cost)] = [row.get(1), row.get(2), row.get(3)] else {
        return Err(wrong(file, line, "expected at least a word, two ids and a cost"));
    };
    for (name, id, limit) in [("left", left, sides.left), ("right", right, sides.right)] {
        if !id.parse().is_ok_and(|id: u16| id < limit) {
            let problem = format!("{name} id {id:?}: expected a number below {limit}");
            return Err(wrong(file, line, problem));
        }
    }
    if cost.parse::<i16>().is_err() {
        let problem = format!("cost {cost:?}: expected a number from -32,768 to 32,767");
        return Err(wrong(file, line, problem));
    }
    if row.iter().any(|field| field.len() > MAX_FIELD) {
        return Err(wrong(file, line, format!("a field of more than {MAX_FIELD} bytes")));
    }
    Ok(())
}
