//! Posts as CSV.

use std::{
    collections::{HashSet, VecDeque},
    io,
};

use super::{
    columns::{COLUMNS, Columns},
    decode::ByteStream,
    failure::{Failure, Found},
    fields::{Checked, Fields},
    lines::{Line, Lines},
    params::{CsvParams, ReadParams},
    problem::{FieldProblem, excerpt, utf8},
    record::{Fault, Record},
    tags,
};
/// The most names of communities that are remembered.
const COMMUNITIES: usize = 1 << 16;

/// The bytes of a line beyond the longest record: delimiters and quotes.
const SLACK: usize = 1 << 10;

/// Reads the records of a CSV file whose first row names the columns.
///
/// A quote that is not closed would take in records up to the next quote. When a record turns out
/// to be none, reading therefore goes on at the line after the one on which its first quote of
/// several lines opened.
pub(super) struct CsvRecords {
    lines: Lines,
    /// Lines to read again.
    pending: VecDeque<Line>,
    columns: Columns,
    csv: CsvParams,
    literal: bool,
    max_bytes: usize,
    /// The communities of the posts so far, as they stand in the file.
    communities: HashSet<Vec<u8>>,
    /// Whether the last record was none, so that the next lines may be its rest.
    recovering: bool,
    /// The patterns of the id and community of the first post, or of what came before it.
    usual: Option<[Vec<u8>; 2]>,
}

/// A record with the lines that it was read from.
struct Candidate {
    record: Record,
    lines: Vec<Line>,
}

/// Why lines are no record.
struct Broken {
    line: u64,
    problem: FieldProblem,
    /// Whether the quotes don't fit, so that the lines may be less, or more, than one record.
    by_quotes: bool,
}

impl CsvRecords {
    /// Reads the names of the columns.
    pub(super) fn new(
        input: ByteStream,
        csv: CsvParams,
        params: &ReadParams,
    ) -> Result<Self, Failure> {
        let max_bytes = params.max_line_bytes;
        // Twice the limit: each quote inside a cell is written as two.
        let line_bytes = max_bytes.saturating_mul(2).saturating_add(SLACK);
        let mut lines = Lines::new(input, true, line_bytes);
        let columns = Columns::read(&mut lines, csv.delimiter_byte())?;
        Ok(Self {
            lines,
            pending: VecDeque::new(),
            columns,
            csv,
            literal: params.literal_hashtags,
            max_bytes,
            communities: HashSet::new(),
            recovering: false,
            usual: None,
        })
    }

    /// The next record that is not a blank line, or what is wrong with it.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        while let Some(mut first) = self.line()? {
            first.unmark();
            if first.is_blank() {
                continue;
            }
            let start = first.number;
            let (mut candidate, ended) = self.gather(first)?;
            if self.usual.is_none() && !self.recovering {
                self.usual = self.beginning(&candidate.record);
            }
            let found = ended.and_then(|()| self.check(&candidate));
            let found = found.and_then(|()| self.post(&candidate));
            let Broken { line, problem, by_quotes } = match found {
                Ok(post) => {
                    self.recovering = false;
                    self.remember(&candidate.record);
                    return Ok(Some((start, Ok(post))));
                }
                Err(broken) => broken,
            };
            if let Some(spans) = candidate.record.spans().filter(|_| by_quotes) {
                while let Some(line) = candidate.lines.pop_if(|line| line.number > spans) {
                    self.pending.push_front(line);
                }
            }
            let is_whole = candidate.record.len() == self.columns.width();
            let is_rest = self.recovering && !is_whole && !self.is_known(&candidate.record);
            self.recovering = by_quotes || is_rest;
            if !is_rest {
                return Ok(Some((line, Err(problem))));
            }
        }
        Ok(None)
    }

    /// How many lines were read.
    pub(super) fn line_number(&self) -> u64 {
        self.lines.number()
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.pending.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }

    /// Adds lines to a record until it ends, or has a fault.
    fn gather(&mut self, first: Line) -> io::Result<(Candidate, Result<(), Broken>)> {
        let record = Record::new(self.csv.delimiter_byte());
        let mut candidate = Candidate { record, lines: Vec::new() };
        let mut bytes = 0;
        let mut next = first;
        let fault = loop {
            let Candidate { record, lines } = &mut candidate;
            bytes += next.bytes.len();
            let too_long = next.too_long;
            let (text, end) = next.split();
            let fed = record.feed(next.number, text, end);
            lines.push(next);
            match fed {
                Err(fault) => break fault,
                Ok(_) if too_long || bytes / 2 > self.max_bytes.saturating_add(SLACK) => {
                    let broken = self.too_long(&candidate);
                    return Ok((candidate, Err(broken)));
                }
                Ok(true) => return Ok((candidate, Ok(()))),
                Ok(false) if record.len() >= self.columns.width() => break Fault::TooMany,
                Ok(false) => {}
            }
            match self.line()? {
                Some(line) => next = line,
                None => break Fault::Open,
            }
        };
        let broken = self.fault(&candidate, fault);
        Ok((candidate, Err(broken)))
    }

    fn fault(&self, candidate: &Candidate, fault: Fault) -> Broken {
        let Candidate { record, .. } = candidate;
        let (first, last) = candidate.range();
        let opened = record.opened();
        let (line, found, expected) = match fault {
            Fault::Backslash => (opened.max(first), "a backslash before a quote", DOUBLED),
            Fault::AfterQuote if opened == last => {
                (opened, "text after the quote that closes the cell", CLOSED)
            }
            Fault::AfterQuote => {
                (opened, "a quote that opens here and is not closed before the next one", CLOSED)
            }
            Fault::Open => (opened, "a quote that opens here and is never closed", CLOSED),
            Fault::TooMany => {
                let line = record.spans().unwrap_or(first);
                (line, "a quote that opens here and is not closed in its record", CLOSED)
            }
        };
        let mut found = found.to_owned();
        match record.spans() {
            Some(spans) if spans < line => {
                found += &format!(" (the quote of line {spans} may be at fault)")
            }
            _ if line < last => found += &format!(" (line {last})"),
            _ => {}
        }
        let problem = FieldProblem::new(self.columns.name(record.len()), found, expected);
        Broken { line, problem, by_quotes: true }
    }

    fn too_long(&self, candidate: &Candidate) -> Broken {
        let line = candidate.record.spans().unwrap_or(candidate.range().0);
        let found = format!("a record of more than {} bytes", self.max_bytes);
        let expected = "a shorter record with every quote closed (or a larger `max_line_bytes`)";
        Broken { line, problem: FieldProblem::new(None, found, expected), by_quotes: true }
    }

    /// Whether a record that ended is one, as far as its cells and quotes tell.
    fn check(&self, candidate: &Candidate) -> Result<(), Broken> {
        let Candidate { record, lines } = candidate;
        let (first, last) = candidate.range();
        let spans = record.spans();
        let broken = |found: String, expected, by_quotes| {
            let problem = FieldProblem::new(None, found, expected);
            Err(Broken { line: spans.unwrap_or(first), problem, by_quotes })
        };
        if record.byte_len() > self.max_bytes {
            return Err(self.too_long(candidate));
        }
        if record.len() != self.columns.width() {
            let mut found = format!("{} columns instead of {}", record.len(), self.columns.width());
            if let Some(spans) = spans {
                found += &format!(" (a quote that opens on line {spans} reaches into line {last})");
            }
            let curly = lines.iter().any(|line| holds_curly_quotes(&line.bytes));
            let quoted = lines.iter().any(|line| line.bytes.contains(&b'"'));
            return broken(found, if curly { CURLY } else { WIDTH }, quoted || curly);
        }
        let swallowed = lines.iter().skip(1).find(|line| self.looks_like_a_record(line, record));
        if let Some(Line { number, .. }) = swallowed {
            let found = format!("a quoted cell that holds a whole record (line {number})");
            return broken(
                found,
                "every quote closed in its own record (a text that quotes such a record can be read as JSON lines)",
                true,
            );
        }
        let [_, community, ..] = self.columns.positions();
        let community = community.and_then(|at| record.cell(at)).unwrap_or_default();
        let quotes =
            lines.iter().flat_map(|line| &line.bytes).filter(|byte| **byte == b'"').count();
        let usual = self.is_known(record) || self.is_usual(record);
        let doubtful = match &self.usual {
            None => self.recovering && (quotes > 0 || community.starts_with(b" ")),
            Some(_) => self.recovering || quotes % 2 == 1,
        };
        if doubtful && !usual {
            let found = "what may be the rest of the record before".to_owned();
            return broken(
                found,
                "an id and a community of the same kind as in other records",
                true,
            );
        }
        Ok(())
    }

    /// Whether a line inside a record could begin one: with all columns, or an open quote, and a community that
    /// other posts have, or an id and a community of the same pattern as those of the record.
    fn looks_like_a_record(&self, line: &Line, outer: &Record) -> bool {
        let mut inner = Record::new(self.csv.delimiter_byte());
        let (text, end) = line.split();
        let width = self.columns.width();
        match inner.feed(line.number, text, end) {
            Ok(true) if inner.len() == width => {}
            // It could go on in the next line.
            Ok(false) if inner.len() < width => {}
            _ => return false,
        }
        let patterns = self.patterns(&inner);
        let alike = patterns.is_some() && patterns == self.patterns(outer);
        alike || self.is_known(&inner) || self.is_usual(&inner)
    }

    /// The patterns of a record's id and community, if neither is empty.
    fn patterns(&self, record: &Record) -> Option<[Vec<u8>; 2]> {
        self.beginning(record).filter(|[_, community]| !community.is_empty())
    }

    /// The patterns of an id and, unless the record breaks off before, its community.
    fn beginning(&self, record: &Record) -> Option<[Vec<u8>; 2]> {
        let [id, community, ..] = self.columns.positions();
        let of = |column: Option<usize>| column.and_then(|at| record.cell(at)).map(pattern);
        let id = of(id).filter(|id| !id.is_empty())?;
        Some([id, of(community).unwrap_or_default()])
    }

    /// Whether id and community have the patterns of the first post.
    fn is_usual(&self, record: &Record) -> bool {
        match (&self.usual, self.patterns(record)) {
            (Some([id, community]), Some(found)) => {
                *id == found[0] && (community.is_empty() || *community == found[1])
            }
            _ => false,
        }
    }

    /// Whether a record names a community of an earlier post.
    fn is_known(&self, record: &Record) -> bool {
        let [_, community, ..] = self.columns.positions();
        let cell = community.and_then(|at| record.cell(at));
        cell.is_some_and(|cell| self.communities.contains(cell))
    }

    fn remember(&mut self, record: &Record) {
        if self.communities.is_empty() {
            self.usual = self.patterns(record);
        }
        let [_, community, ..] = self.columns.positions();
        if let Some(cell) = community.and_then(|at| record.cell(at))
            && !self.communities.contains(cell)
            && self.communities.len() < COMMUNITIES
        {
            self.communities.insert(cell.to_owned());
        }
    }

    /// The post of a record. What can't be an id, a community or a time may be what quotes made it.
    fn post(&self, candidate: &Candidate) -> Result<Checked, Broken> {
        self.fields(candidate).and_then(Fields::into_post).map_err(|problem| {
            let (line, _) = candidate.range();
            let misled = problem.encoding.is_none()
                && matches!(problem.field, Some("id" | "community" | "created_at"));
            let quoted = candidate.lines.iter().any(|line| line.bytes.contains(&b'"'));
            Broken { line, problem, by_quotes: misled && quoted }
        })
    }

    fn fields(&self, candidate: &Candidate) -> Result<Fields, FieldProblem> {
        let Candidate { record, lines } = candidate;
        if self.columns.are_named_by(record) {
            let expected = "a post (when files are joined, the first row only once)";
            return Err(FieldProblem::new(None, "the names of the columns again", expected));
        }
        let line = || lines.iter().flat_map(|line| &line.bytes).copied().collect::<Vec<u8>>();
        let columns = self.columns.positions().into_iter().zip(COLUMNS);
        let mut cells = [""; COLUMNS.len()];
        for (cell, (column, name)) in cells.iter_mut().zip(columns) {
            let bytes = column.and_then(|column| record.cell(column)).unwrap_or_default();
            *cell = utf8(Some(name), bytes, line)?;
        }
        let [id, community, text, hashtags, created_at] = cells;
        for (field, cell) in [("id", id), ("community", community), ("hashtags", hashtags)] {
            let cell = cell.trim();
            if cell.starts_with(CURLY_QUOTES) && cell.ends_with(CURLY_QUOTES) {
                return Err(FieldProblem::new(field, excerpt(cell), CURLY));
            }
        }
        let hashtags = tags::read_cell(hashtags, self.csv.hashtag_separator, self.literal)?;
        Ok(Fields {
            id: id.to_owned(),
            community: community.to_owned(),
            text: text.to_owned(),
            nothing: u64::from(hashtags.is_none()),
            hashtags: hashtags.unwrap_or_default(),
            created_at: (!created_at.trim().is_empty()).then(|| created_at.to_owned()),
        })
    }
}

impl Candidate {
    /// The first and the last line.
    fn range(&self) -> (u64, u64) {
        let number = |line: Option<&Line>| line.map_or(0, |line| line.number);
        (number(self.lines.first()), number(self.lines.last()))
    }
}

/// The kinds of characters in a cell, each once for as many as stand together: `p-12` is `a-9`.
fn pattern(cell: &[u8]) -> Vec<u8> {
    let mut kinds: Vec<u8> = cell
        .trim_ascii()
        .iter()
        .map(|byte| match byte {
            b'0'..=b'9' => b'9',
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => b'a',
            other => *other,
        })
        .collect();
    kinds.dedup();
    kinds
}

fn holds_curly_quotes(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(|line| line.contains(CURLY_QUOTES))
}

const CLOSED: &str = "every quote closed, and quotes within a quoted cell written as two";
const DOUBLED: &str = "quotes within a quoted cell written as two (\"\")";
const WIDTH: &str = "as many columns as the first row has";
const CURLY: &str = "straight quotes (\") around cells: curly ones are text";
const CURLY_QUOTES: [char; 4] = ['“', '”', '„', '＂'];
