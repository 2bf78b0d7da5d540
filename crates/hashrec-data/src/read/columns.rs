//! The first row of a CSV file.

use super::{
    failure::Failure,
    lines::Lines,
    problem::{FieldProblem, excerpt, utf8},
    record::Record,
};
use crate::{error::ColumnProblem, names::trim};

/// The columns; only the last is optional.
pub(crate) const COLUMNS: [&str; 5] = ["id", "community", "text", "hashtags", "created_at"];

/// What separates columns in files of other programs and countries.
const DELIMITERS: [u8; 5] = *b",;\t|:";

/// Where the columns stand.
pub(super) struct Columns {
    positions: [Option<usize>; COLUMNS.len()],
    width: usize,
}

impl Columns {
    /// Reads the first row that is not blank.
    pub(super) fn read(lines: &mut Lines, delimiter: u8) -> Result<Self, Failure> {
        let line = loop {
            let Some(mut line) = lines.next().map_err(Failure::Io)? else {
                return Err(Failure::Columns(ColumnProblem::NoRow));
            };
            line.unmark();
            if !line.is_blank() {
                break line;
            }
        };
        let number = line.number;
        let fail = |problem: FieldProblem| Failure::Line(number, problem);
        let (bytes, _) = line.split();
        let row = utf8(None, bytes, || bytes).map_err(fail)?;
        if line.too_long {
            let expected = "the names of the columns (or a larger `max_line_bytes`)";
            return Err(fail(FieldProblem::new(None, excerpt(row), expected)));
        }
        let Some(names) = split(row, delimiter) else {
            let expected = "the names of the columns, each with both of its quotes or none";
            return Err(fail(FieldProblem::new(None, excerpt(row), expected)));
        };
        let columns = Self::of(&names);
        if let Err(ColumnProblem::Missing { .. }) = &columns {
            let fits = |other: &&u8| split(row, **other).is_some_and(|n| Self::of(&n).is_ok());
            if let Some(other) = DELIMITERS.iter().find(fits) {
                let problem =
                    ColumnProblem::Delimiter { found: (*other).into(), expected: delimiter.into() };
                return Err(Failure::Columns(problem));
            }
        }
        columns
            .map_err(|problem| match problem {
                ColumnProblem::Missing { name, .. } => {
                    ColumnProblem::Missing { name, found: excerpt(row) }
                }
                other => other,
            })
            .map_err(Failure::Columns)
    }

    fn of(names: &[String]) -> Result<Self, ColumnProblem> {
        let mut positions = [None; COLUMNS.len()];
        for (at, name) in names.iter().enumerate() {
            let known = COLUMNS.iter().zip(&mut positions);
            for (known, position) in known.filter(|(known, _)| **known == trim(name)) {
                if position.replace(at).is_some() {
                    return Err(ColumnProblem::Repeated(known));
                }
            }
        }
        let mut required = COLUMNS.iter().zip(&positions).take(4);
        match required.find(|(_, position)| position.is_none()) {
            Some((name, _)) => Err(ColumnProblem::Missing { name, found: String::new() }),
            None => Ok(Self { positions, width: names.len() }),
        }
    }

    /// Where each of [`COLUMNS`] stands.
    pub(super) fn positions(&self) -> [Option<usize>; COLUMNS.len()] {
        self.positions
    }

    /// How many columns there are, unknown ones included.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The name of the column that stands there, if it is known.
    pub(super) fn name(&self, at: usize) -> Option<&'static str> {
        let mut columns = COLUMNS.iter().zip(self.positions);
        columns.find(|(_, position)| *position == Some(at)).map(|(name, _)| *name)
    }

    /// Whether a record names the columns, in whatever order.
    pub(super) fn are_named_by(&self, record: &Record) -> bool {
        let has = |name: &str| record.cells().any(|cell| cell.trim_ascii() == name.as_bytes());
        COLUMNS.iter().take(4).all(|name| has(name))
    }
}

/// The cells of a row; `None` if its quotes don't fit.
fn split(row: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut record = Record::new(delimiter);
    let ended = record.feed(1, row.as_bytes(), b"").ok()?;
    let cell = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
    ended.then(|| record.cells().map(cell).collect())
}
