//! Checks that sources meet the assumptions of vibrato's compiler.

use std::collections::{BTreeMap, BTreeSet};

use super::content::MAX_UNKNOWN;
use crate::{TokenizeError, problem::SourceProblem};

/// vibrato stores the categories of a character in 18 bits, and their lengths in 4.
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

pub(super) fn wrong(file: &str, line: usize, problem: SourceProblem) -> TokenizeError {
    TokenizeError::Source { file: file.to_owned(), line: line as u64, problem }
}

/// Checks the header, `right left`: the file must list as many costs as it asks for.
pub(super) fn check_matrix(text: &str) -> Result<Sides, TokenizeError> {
    const FILE: &str = "matrix.def";
    let header = text.lines().next().unwrap_or_default();
    let sizes = header.split_once(' ').map(|(right, left)| (right.parse(), left.parse()));
    let Some((Ok(right), Ok(left))) = sizes else {
        return Err(wrong(FILE, 1, SourceProblem::MatrixSizes));
    };
    if right == 0 || left == 0 || usize::from(right) * usize::from(left) > text.len() {
        return Err(wrong(FILE, 1, SourceProblem::MatrixCosts { right, left }));
    }
    Ok(Sides { right, left })
}

/// Checks that every category in use is defined, and returns the names of all.
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
                return Err(wrong(FILE, index + 1, SourceProblem::RangeWithoutCategory));
            }
            used.extend(names.iter().map(|name| (index + 1, *name)));
            continue;
        }
        let [name, "0" | "1", "0" | "1", length, ..] = fields.as_slice() else {
            return Err(wrong(FILE, index + 1, SourceProblem::CategoryFields));
        };
        if !length.parse().is_ok_and(|length: u32| length <= MAX_GROUP) {
            let (found, max) = ((*length).to_owned(), MAX_GROUP);
            return Err(wrong(FILE, index + 1, SourceProblem::CategoryLength { found, max }));
        }
        categories.insert(*name);
    }
    if let Some((line, name)) = used.iter().find(|(_, name)| !categories.contains(name)) {
        return Err(wrong(FILE, *line, SourceProblem::UndefinedCategory((*name).to_owned())));
    }
    if !categories.contains("DEFAULT") || categories.len() > MAX_CATEGORIES {
        return Err(wrong(FILE, 0, SourceProblem::Categories { max: MAX_CATEGORIES }));
    }
    Ok(categories)
}

/// Checks that every category has an entry for unknown words; otherwise some texts have no analysis.
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
            return Err(wrong(FILE, line, SourceProblem::UndefinedCategory(name.to_owned())));
        }
        let count = counts.entry(name.to_owned()).or_insert(0);
        *count += 1;
        if *count > MAX_UNKNOWN {
            let (category, max) = (name.to_owned(), MAX_UNKNOWN);
            return Err(wrong(FILE, line, SourceProblem::TooManyUnknown { category, max }));
        }
    }
    match categories.iter().find(|name| !counts.contains_key(**name)) {
        Some(name) => Err(wrong(FILE, 0, SourceProblem::NoUnknown((*name).to_owned()))),
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
            Err(error) => {
                let problem = SourceProblem::Csv(error.to_string());
                Err(wrong(file, line(error.position()), problem))
            }
        })
}

/// Checks a row: surface or category, left id, right id, cost.
pub(super) fn check_row(
    file: &str,
    line: usize,
    row: &csv::StringRecord,
    sides: Sides,
) -> Result<(), TokenizeError> {
    let [Some(left), Some(right), Some(cost)] = [row.get(1), row.get(2), row.get(3)] else {
        return Err(wrong(file, line, SourceProblem::RowFields));
    };
    for (side, id, limit) in [("left", left, sides.left), ("right", right, sides.right)] {
        if !id.parse().is_ok_and(|id: u16| id < limit) {
            let found = id.to_owned();
            return Err(wrong(file, line, SourceProblem::Id { side, found, limit }));
        }
    }
    if cost.parse::<i16>().is_err() {
        return Err(wrong(file, line, SourceProblem::Cost(cost.to_owned())));
    }
    if row.iter().any(|field| field.len() > MAX_FIELD) {
        return Err(wrong(file, line, SourceProblem::FieldLength { max: MAX_FIELD }));
    }
    Ok(())
}
