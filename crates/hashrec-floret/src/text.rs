//! floret's text format: a header line, then one line of numbers per row.

use std::io::{BufRead, Read, Write};

use crate::{FloretError, FloretTable, error::TextDefect, subwords::Subwords, table::size};

/// Length limit of the header line, in bytes.
const HEADER_BYTES: u64 = 1024;
/// Length limit of a number, in bytes. A double needs no more than 24.
const NUMBER_BYTES: u64 = 32;

impl FloretTable {
    /// Reads a `.floret` text file, as written by floret's `save_floret_vectors`.
    ///
    /// The first line is `bucket dim minn maxn hashCount seed BOW EOW`. It is followed by `bucket`
    /// lines, each with the row's number, from 0, and `dim` values. floret prints 5 significant
    /// digits.
    ///
    /// floret gives the word at index 0 of its vocabulary (in nearly every text the end of a line,
    /// `</s>`) a row of its own, which isn't in the file. The vectors of all other words agree.
    ///
    /// Memory use grows with the text read, not with the size that the header claims.
    ///
    /// # Errors
    /// [`FloretError::Text`], with the line's number, if the text is malformed or a value isn't
    /// finite; [`FloretError::Parameter`] if the header is out of range; [`FloretError::Io`].
    pub fn read_text(mut reader: impl BufRead) -> Result<Self, FloretError> {
        let mut lines = Lines { reader: &mut reader, buffer: Vec::new(), number: 0 };
        let (subwords, dim) = header(lines.next(HEADER_BYTES)?).map_err(|e| lines.wrong(e))?;
        subwords.check()?;
        let size = size(subwords.bucket, dim)?;
        let mut rows = Vec::with_capacity(size.min(1 << 20));
        for row in 0..subwords.bucket {
            let line = lines.next(NUMBER_BYTES * (dim as u64 + 2))?;
            push_row(line, row, dim, &mut rows).map_err(|e| lines.wrong(e))?;
        }
        lines.end()?;
        Ok(Self::new(subwords, dim, rows.into()))
    }

    /// Writes the table as a `.floret` text file, for floret, spaCy and finalfusion.
    ///
    /// Numbers are written with enough digits to be read back exactly.
    ///
    /// # Errors
    /// [`FloretError::Io`] if writing fails.
    pub fn write_text(&self, mut writer: impl Write) -> Result<(), FloretError> {
        let s = self.subwords();
        let mut write = || {
            writeln!(
                writer,
                "{} {} {} {} {} {} {} {}",
                s.bucket,
                self.dim(),
                s.min_n,
                s.max_n,
                s.hash_count,
                s.hash_seed,
                s.bow,
                s.eow
            )?;
            for (index, row) in self.rows().chunks_exact(self.dim()).enumerate() {
                write!(writer, "{index}")?;
                for value in row {
                    write!(writer, " {value}")?;
                }
                writeln!(writer)?;
            }
            writer.flush()
        };
        write().map_err(|source| FloretError::Io { action: "write", source })
    }
}

/// Lines of bounded length, counted from 1.
struct Lines<'r, R> {
    reader: &'r mut R,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<'_, R> {
    /// The next line, of at most `longest` bytes.
    fn next(&mut self, longest: u64) -> Result<&str, FloretError> {
        self.number += 1;
        self.buffer.clear();
        let read = self.reader.by_ref().take(longest).read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|source| FloretError::Io { action: "read", source })?;
        if read == 0 {
            return Err(self.wrong(TextDefect::End));
        }
        if self.buffer.last() != Some(&b'\n') && read as u64 == longest {
            return Err(self.wrong(TextDefect::TooLong { limit: longest }));
        }
        let number = self.number;
        std::str::from_utf8(&self.buffer)
            .map_err(|_| FloretError::Text { line: number, defect: TextDefect::Encoding })
    }

    /// Checks that only white space is left.
    fn end(&mut self) -> Result<(), FloretError> {
        self.number += 1;
        self.buffer.clear();
        let read = self.reader.by_ref().take(HEADER_BYTES).read_to_end(&mut self.buffer);
        read.map_err(|source| FloretError::Io { action: "read", source })?;
        if self.buffer.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        Err(self.wrong(TextDefect::NoEnd))
    }

    fn wrong(&self, defect: TextDefect) -> FloretError {
        FloretError::Text { line: self.number, defect }
    }
}

/// Parses the header line into the hashing parameters and `dim`, without checking them.
fn header(line: &str) -> Result<(Subwords, usize), TextDefect> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [bucket, dim, min_n, max_n, hash_count, hash_seed, bow, eow] = fields[..] else {
        return Err(TextDefect::Header { found: fields.len() });
    };
    let number = |field: &'static str, text: &str| {
        text.parse::<u32>().map_err(|_| TextDefect::Field { field, value: text.to_owned() })
    };
    let dim = number("dim", dim)? as usize;
    let subwords = Subwords {
        bucket: number("bucket", bucket)?,
        min_n: number("minn", min_n)?,
        max_n: number("maxn", max_n)?,
        hash_count: number("hashCount", hash_count)?,
        hash_seed: number("seed", hash_seed)?,
        bow: bow.to_owned(),
        eow: eow.to_owned(),
    };
    Ok((subwords, dim))
}

/// Parses the line of row `row` and appends its values.
fn push_row(line: &str, row: u32, dim: usize, rows: &mut Vec<f32>) -> Result<(), TextDefect> {
    let mut fields = line.split_ascii_whitespace();
    let index = fields.next().unwrap_or_default();
    if index.parse() != Ok(row) {
        return Err(TextDefect::Row { expected: row, found: index.to_owned() });
    }
    let before = rows.len();
    for field in fields {
        let value = field
            .parse::<f32>()
            .ok()
            .filter(|v| FloretTable::is_sane(*v))
            .ok_or_else(|| TextDefect::Value { value: field.to_owned() })?;
        rows.push(value);
    }
    match rows.len() - before {
        found if found == dim => Ok(()),
        found => Err(TextDefect::Length { expected: dim, found }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "2 3 3 5 2 2166136261 < >\n0 1 -0.5 1e-05 \n1 0.1 0.2 0.3\n";

    fn read(text: &str) -> Result<FloretTable, FloretError> {
        FloretTable::read_text(text.as_bytes())
    }

    #[test]
    fn reads_what_floret_prints() {
        let table = read(SMALL).unwrap();
        assert_eq!((table.dim(), table.bucket()), (3, 2));
        assert_eq!(&table.rows()[..], &[1.0, -0.5, 1e-5, 0.1, 0.2, 0.3]);
        assert_eq!(read(SMALL.trim_end()).unwrap(), table);
        assert_eq!(read(&SMALL.replace('\n', "\r\n")).unwrap(), table);
    }

    #[test]
    fn malformed_text_is_reported_with_its_line() {
        let long = format!("2 3 3 5 2 1 < >\n0 1 2 {}", "3".repeat(2000));
        for (text, line) in [
            ("", "line 1"),
            ("2 3\n", "line 1"),
            ("2 3 3 5 2 1 <\n", "line 1"),
            ("2 3 3 5 2 -1 < >\n", "line 1"),
            (&"9".repeat(5000), "line 1"),
            ("2 3 3 5 2 1 < >\n", "line 2"),
            ("2 3 3 5 2 1 < >\n1 1 2 3\n", "line 2"),
            ("2 3 3 5 2 1 < >\n0 1 2\n", "line 2"),
            ("2 3 3 5 2 1 < >\n0 1 2 3 4\n", "line 2"),
            ("2 3 3 5 2 1 < >\n0 1 2 nan\n", "line 2"),
            ("2 3 3 5 2 1 < >\n0 1 2 inf\n", "line 2"),
            ("2 3 3 5 2 1 < >\n0 1 2 1e31\n", "line 2"),
            ("2 3 3 5 2 1 < >\n0 1 2 x\n", "line 2"),
            (&long, "line 2"),
            ("2 3 3 5 2 1 < >\n0 1 2 3\n", "line 3"),
            ("1 3 3 5 2 1 < >\n0 1 2 3\n1 1 2 3\n", "line 3"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(line), "{text:.40}: {message}");
        }
        let not_utf8 = FloretTable::read_text(&b"2 3 3 5 2 1 < >\n0 \xff\n"[..]).unwrap_err();
        assert!(not_utf8.to_string().contains("UTF-8"), "{not_utf8}");
    }

    #[test]
    fn absurd_headers_are_refused_before_anything_is_allocated() {
        for header in [
            "0 3 3 5 2 1 < >",
            "4294967295 3 3 5 2 1 < >",
            "2 0 3 5 2 1 < >",
            "2 4294967295 3 5 2 1 < >",
            "268435456 16384 3 5 2 1 < >",
            "2 3 5 3 2 1 < >",
            "2 3 3 4000000000 2 1 < >",
            "2 3 3 5 9 1 < >",
        ] {
            let error = read(header).unwrap_err();
            assert!(matches!(error, FloretError::Parameter { .. }), "{header}: {error}");
        }
        // An allowed header without its rows: memory use stays small.
        assert!(read("268435456 64 3 5 2 1 < >\n").is_err());
    }
}
