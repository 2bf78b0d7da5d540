//! Posts as CSV.

use std::io::{self, Read};

use csv::ByteRecord;

use super::{
    decode::ByteStream,
    failure::{Failure, Found},
    fields::Fields,
    params::ReadParams,
    problem::FieldProblem,
};
use crate::error::ColumnProblem;

const BUFFER: usize = 1 << 16;

/// The columns; only the last is optional.
pub(crate) const COLUMNS: [&str; 5] = ["id", "community", "text", "hashtags", "created_at"];

/// Reads the records of a CSV file whose first row names the columns.
pub(super) struct CsvRecords {
    reader: csv::Reader<Budget>,
    columns: [Option<usize>; 5],
    width: usize,
    separator: char,
    max_bytes: usize,
    record: ByteRecord,
}

/// Hands out a limited number of bytes per record, so that an unclosed quote does not pull the whole
/// file into memory.
struct Budget {
    input: ByteStream,
    left: usize,
}

#[derive(Debug, thiserror::Error)]
#[error("the record is too long")]
struct Spent;

impl Read for Budget {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other(Spent));
        }
        let room = buffer.len().min(self.left);
        let read = self.input.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.left -= read;
        Ok(read)
    }
}

impl CsvRecords {
    /// Reads the names of the columns.
    pub(super) fn new(input: ByteStream, params: &ReadParams) -> Result<Self, Failure> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(params.csv.delimiter_byte())
            .buffer_capacity(BUFFER)
            .from_reader(Budget { input, left: 0 });
        let mut records = Self {
            reader,
            columns: [None; 5],
            width: 0,
            separator: params.csv.hashtag_separator,
            max_bytes: params.max_line_bytes,
            record: ByteRecord::new(),
        };
        if !records.advance()? {
            return Err(Failure::Columns(ColumnProblem::NoRow));
        }
        records.width = records.record.len();
        for (at, name) in records.record.iter().enumerate() {
            let name = name.trim_ascii();
            let known = COLUMNS.iter().zip(&mut records.columns);
            for (known, column) in known.filter(|(known, _)| known.as_bytes() == name) {
                if column.replace(at).is_some() {
                    return Err(Failure::Columns(ColumnProblem::Repeated(known)));
                }
            }
        }
        let mut required = COLUMNS.iter().zip(&records.columns).take(4);
        if let Some((name, _)) = required.find(|(_, column)| column.is_none()) {
            return Err(Failure::Columns(ColumnProblem::Missing(name)));
        }
        Ok(records)
    }

    /// The next record that is not a blank line.
    pub(super) fn next(&mut self) -> Result<Option<Found>, Failure> {
        if !self.advance()? {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        Ok(Some((line, self.fields())))
    }

    fn advance(&mut self) -> Result<bool, Failure> {
        let line = self.reader.position().line();
        // Twice the limit: each quote inside a column is written as two.
        self.reader.get_mut().left = self.max_bytes.saturating_mul(2).saturating_add(BUFFER);
        self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) if error.get_ref().is_some_and(|e| e.is::<Spent>()) => {
                Failure::Line(self.too_long().at(line))
            }
            csv::ErrorKind::Io(error) => Failure::Io(error),
            // Flexible byte records can fail only while reading.
            other => Failure::Io(io::Error::other(format!("{other:?}"))),
        })
    }

    fn too_long(&self) -> FieldProblem {
        FieldProblem {
            field: None,
            found: format!("a record of more than {} bytes", self.max_bytes),
            expected: "a shorter record with every quote closed (or a larger `max_line_bytes`)",
        }
    }

    fn fields(&self) -> Result<Fields, FieldProblem> {
        if self.record.as_slice().len() > self.max_bytes {
            return Err(self.too_long());
        }
        if self.record.len() != self.width {
            return Err(FieldProblem {
                field: None,
                found: format!("{} columns instead of {}", self.record.len(), self.width),
                expected: "as many columns as the first row has",
            });
        }
        let [id, community, text, hashtags, created_at] = self.columns;
        let time = self.column("created_at", created_at)?;
        Ok(Fields {
            id: self.column("id", id)?.to_owned(),
            community: self.column("community", community)?.to_owned(),
            text: self.column("text", text)?.to_owned(),
            hashtags: self
                .column("hashtags", hashtags)?
                .split(self.separator)
                // An empty column is a post without hashtags, not one with an empty hashtag.
                .filter(|tag| !tag.trim().is_empty())
                .map(str::to_owned)
                .collect(),
            created_at: (!time.trim().is_empty()).then(|| time.to_owned()),
        })
    }

    /// The text of a column; empty if the file does not have the column.
    fn column(&self, field: &'static str, column: Option<usize>) -> Result<&str, FieldProblem> {
        let bytes = column.and_then(|column| self.record.get(column)).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|error| FieldProblem {
            field: Some(field),
            found: format!("bytes that are not UTF-8 from byte {}", error.valid_up_to() + 1),
            expected: "UTF-8 text",
        })
    }
}
