//! One CSV record, by the letter of RFC 4180.

/// A record that grows line by line.
///
/// Cells that begin with a quote end with one, and hold quotes only doubled. In other cells a quote
/// is text. Blanks around a quoted cell don't belong to it.
pub(super) struct Record {
    /// The cells, one after the other.
    bytes: Vec<u8>,
    /// Where each complete cell ends.
    ends: Vec<usize>,
    state: State,
    delimiter: u8,
    /// The line on which the quote of the current cell opened.
    opened: u64,
    /// The line on which the first quote opened that was not closed on the same line.
    spans: Option<u64>,
    /// Whether the current cell holds a backslash before a quote.
    escaped: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nothing but blanks of the cell was read.
    Start,
    Plain,
    Quoted,
    /// After a quote inside quotes: the end of the cell, or the first of two.
    Quote,
    /// After the blanks behind a quoted cell.
    Closed,
}

/// Why a record is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is text after the quote that closes the cell.
    AfterQuote,
    /// A quote is written as `\"`.
    Backslash,
    /// A quote is not closed.
    Open,
    /// There are more cells than columns, and a quote is still open.
    TooMany,
}

impl Record {
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            state: State::Start,
            delimiter,
            opened: 0,
            spans: None,
            escaped: false,
        }
    }

    /// Adds a line; whether the record ends with it.
    pub(super) fn feed(&mut self, number: u64, text: &[u8], end: &[u8]) -> Result<bool, Fault> {
        for &byte in text {
            self.push(number, byte)?;
        }
        if self.state == State::Quoted {
            self.bytes.extend(end);
            self.spans.get_or_insert(self.opened);
            return Ok(false);
        }
        self.end_cell();
        Ok(true)
    }

    fn push(&mut self, number: u64, byte: u8) -> Result<(), Fault> {
        let blank = matches!(byte, b' ' | b'\t');
        match self.state {
            State::Quoted if byte == b'"' => self.state = State::Quote,
            State::Quoted => self.bytes.push(byte),
            _ if byte == self.delimiter => self.end_cell(),
            State::Start if byte == b'"' => {
                self.bytes.truncate(self.start());
                self.state = State::Quoted;
                self.opened = number;
                self.escaped = false;
            }
            State::Quote if byte == b'"' => {
                self.escaped |= self.bytes.last() == Some(&b'\\');
                self.bytes.push(byte);
                self.state = State::Quoted;
            }
            State::Quote | State::Closed if blank => self.state = State::Closed,
            State::Quote if self.bytes.last() == Some(&b'\\') => return Err(Fault::Backslash),
            State::Quote | State::Closed => return Err(self.after_quote()),
            State::Start | State::Plain => {
                if byte == b'"' && self.bytes.last() == Some(&b'\\') {
                    return Err(Fault::Backslash);
                }
                self.bytes.push(byte);
                if !blank {
                    self.state = State::Plain;
                }
            }
        }
        Ok(())
    }

    fn after_quote(&self) -> Fault {
        if self.escaped { Fault::Backslash } else { Fault::AfterQuote }
    }

    fn end_cell(&mut self) {
        self.ends.push(self.bytes.len());
        self.state = State::Start;
    }

    fn start(&self) -> usize {
        self.ends.last().copied().unwrap_or_default()
    }

    /// How many cells are complete.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The length of the cells in bytes.
    pub(super) fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// A complete cell.
    pub(super) fn cell(&self, at: usize) -> Option<&[u8]> {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start..*self.ends.get(at)?)
    }

    /// The complete cells.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|at| self.cell(at))
    }

    /// The line on which the quote of the current cell opened.
    pub(super) fn opened(&self) -> u64 {
        self.opened
    }

    /// The line on which the first quote opened that was not closed on the same line.
    pub(super) fn spans(&self) -> Option<u64> {
        self.spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Vec<String>, Fault> {
        let mut record = Record::new(b',');
        for (number, line) in (1..).zip(lines) {
            let is_last = number == lines.len() as u64;
            assert_eq!(record.feed(number, line.as_bytes(), b"\r\n")?, is_last, "{line}");
        }
        Ok(record.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect())
    }

    #[test]
    fn cells_with_and_without_quotes() {
        for (lines, cells) in [
            (&["a,b"][..], &["a", "b"][..]),
            (&[""], &[""]),
            (&[","], &["", ""]),
            (&[r#""a,b","c ""d""","""""#], &["a,b", "c \"d\"", "\""]),
            (&[r#"""",""""#], &["\",\""]),
            (&["\"a", "", "b\",c"], &["a\r\n\r\nb", "c"]),
            (&[r#" "a" , "b"	,c"#], &["a", "b", "c"]),
            (&[r#" a,5",7'10" tall"#], &[" a", "5\"", "7'10\" tall"]),
            (&[r#""C:\","\""n""#], &["C:\\", "\\\"n"]),
            (&[r"a\,b\n"], &["a\\", "b\\n"]),
        ] {
            assert_eq!(read(lines).unwrap(), cells, "{lines:?}");
        }
    }

    #[test]
    fn quotes_that_do_not_fit_are_faults() {
        for (line, fault) in [
            (r#""a"b"#, Fault::AfterQuote),
            (r#""a" b"#, Fault::AfterQuote),
            (r#""a" "b""#, Fault::AfterQuote),
            (r#"a,""b"#, Fault::AfterQuote),
            (r#""a \"b\"""#, Fault::Backslash),
            (r#"a \"b\","#, Fault::Backslash),
            (r#"\"b"#, Fault::Backslash),
            (r#""a \"","b""#, Fault::Backslash),
        ] {
            assert_eq!(read(&[line]), Err(fault), "{line}");
        }
    }

    #[test]
    fn where_quotes_opened_is_known() {
        let mut record = Record::new(b';');
        assert_eq!(record.feed(3, b"\"a\";\"b;", b"\n"), Ok(false));
        assert_eq!(record.feed(4, b"c\";\"d", b"\n"), Ok(false));
        assert_eq!((record.opened(), record.spans(), record.len()), (4, Some(3), 2));
        assert_eq!(record.cell(1), Some(&b"b;\nc"[..]));
        assert_eq!((record.cell(2), record.byte_len()), (None, 7));
    }
}
