//! Reading posts one at a time.

use std::{fs::File, io::Read, path::Path};

use super::{
    csv::CsvRecords,
    decode::{Compression, Decoded, Tail, decode, of_other_program},
    encoding,
    failure::Failure,
    fields::Checked,
    json::JsonLines,
    params::{CsvParams, Format, ReadParams},
    problem::{FieldProblem, LineProblem, ReadReport, convert},
};
use crate::{DataError, Post};

/// Reads posts from a file or stream, one at a time.
///
/// The first bytes tell plain, gzip and zstd data apart. Text is UTF-8; byte order marks at the
/// beginning of lines are passed over. Lines end in LF or CRLF, those of CSV files also in CR; blank
/// lines are ignored. A JSON line has the fields `id`, `community`, `text`, `hashtags` and
/// optionally `created_at`. A CSV file has columns of these names, in any order. Other fields and
/// columns are ignored. `id` and `community` may be whole numbers; blanks at their ends are removed.
///
/// The time of a post is ISO 8601, a date with the year first such as `2025/4/1 6:30`, an e-mail's
/// date, or a number: Unix seconds of 10 digits, or milli-, micro- or nanoseconds. The years 0, 1
/// and 9999 stand for no time. Hashtags of a CSV cell, or a JSON array of one, that seem to be
/// several because another usual separator stands in them are refused; lists as text (`["a", "b"]`)
/// are read. A cell that is `NULL`, `nan`, `None`, `-` or the like is read as nothing and counted.
/// [`ReadParams::literal_hashtags`] turns this off, and so does, for one post, an empty hashtag at
/// the end (`None|`, `["a,b", ""]`).
///
/// The reader is an iterator over posts. In strict reading, the default, the first line that is not
/// a post is returned as an error and ends the iteration. In lenient reading such lines are skipped
/// and counted in the [`report`](Self::report). After a quote that is not closed, reading goes on in
/// the next line. An error of the file itself always ends the iteration.
///
/// ```
/// use hashrec_data::{Format, PostReader, ReadParams};
///
/// let lines = r#"
/// {"id": 1, "community": "baking", "text": "Rye\nNew recipe", "hashtags": ["bread"]}
/// {"id": 2, "community": "baking", "text": "Wheat", "hashtags": "bread"}
/// "#;
/// let params = ReadParams::default().with_strict(false);
/// let mut reader = PostReader::from_reader(lines.as_bytes(), Format::JsonLines, &params)?;
/// let posts = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(posts[0].title(), "Rye");
/// assert_eq!((reader.report().posts, reader.report().skipped), (1, 1));
/// assert_eq!(
///     reader.report().problems[0].to_string(),
///     r#"line 3, field "hashtags": found "bread", expected an array of strings ([] if there are none)"#
/// );
/// # Ok::<(), hashrec_data::DataError>(())
/// ```
pub struct PostReader {
    input: Input,
    file: String,
    strict: bool,
    done: bool,
    tail: Tail,
    compression: Compression,
    line: u64,
    report: ReadReport,
}

enum Input {
    JsonLines(JsonLines),
    Csv(Box<CsvRecords>),
}

impl PostReader {
    /// Opens a file.
    ///
    /// # Errors
    /// [`DataError::Io`], [`DataError::UnknownFormat`], [`DataError::Compression`],
    /// [`DataError::NotText`], [`DataError::Columns`], [`DataError::Parameter`], or
    /// [`DataError::Line`] if the first row of a CSV file is damaged.
    pub fn open(path: impl AsRef<Path>, params: &ReadParams) -> Result<Self, DataError> {
        let path = path.as_ref();
        let format = Format::of_or(path, params.format)?;
        let name = path.display().to_string();
        let file = File::open(path).map_err(|source| DataError::Io {
            file: name.clone(),
            action: "open",
            source,
        })?;
        let promised = Compression::of_name(&name);
        Self::new(file, name, Some(promised), format, params.csv.for_file(path), params)
    }

    /// Reads a stream, which need not be buffered.
    ///
    /// # Errors
    /// As for [`PostReader::open`].
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        format: Format,
        params: &ReadParams,
    ) -> Result<Self, DataError> {
        Self::new(reader, "input".into(), None, format, params.csv.clone(), params)
    }

    fn new(
        source: impl Read + Send + 'static,
        file: String,
        promised: Option<Compression>,
        format: Format,
        csv: CsvParams,
        params: &ReadParams,
    ) -> Result<Self, DataError> {
        params.check()?;
        let Decoded { compression, first, input, tail } = match decode(source) {
            Ok(decoded) => decoded,
            Err(source) => return Err(DataError::Io { file, action: "read", source }),
        };
        if let Some((found, advice)) = of_other_program(&first) {
            return Err(DataError::NotText { file, found, advice: advice.to_owned() });
        }
        if let Some(promised) = promised
            && promised != Compression::None
            && promised != compression
        {
            return Err(DataError::Compression { file, expected: promised.name() });
        }
        if let Some(encoding) = encoding::of_file(&first) {
            let advice = convert(encoding, &file);
            return Err(DataError::NotText { file, found: encoding.name, advice });
        }
        let input = match format {
            Format::JsonLines => Input::JsonLines(JsonLines::new(input, params)),
            Format::Csv => match CsvRecords::new(input, csv, params) {
                Ok(records) => Input::Csv(Box::new(records)),
                Err(failure) => return Err(failure.in_file(&file)),
            },
        };
        let report = ReadReport::default();
        let (strict, done, line) = (params.strict, false, 0);
        Ok(Self { input, file, strict, done, tail, compression, line, report })
    }

    /// The file, or "input" for a stream without a name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line on which the last post begins that was returned, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The counts so far; final once the iterator has ended.
    pub fn report(&self) -> &ReadReport {
        &self.report
    }

    /// The counts so far, consuming the reader.
    pub fn into_report(self) -> ReadReport {
        self.report
    }

    fn advance(&mut self) -> Result<Option<Post>, DataError> {
        loop {
            let found = match &mut self.input {
                Input::JsonLines(lines) => lines.next(),
                Input::Csv(records) => records.next(),
            };
            let found = found.map_err(|error| Failure::Io(error).in_file(&self.file))?;
            let Some((line, found)) = found else {
                self.check_tail()?;
                return Ok(None);
            };
            match found {
                Ok(Checked { post, left_out, nothing }) => {
                    self.line = line;
                    self.report.posts += 1;
                    self.report.untagged += u64::from(post.hashtags.is_empty());
                    self.report.hashtags_left_out += left_out;
                    self.report.nothing += nothing;
                    return Ok(Some(post));
                }
                Err(problem) => self.bad(problem.at(&self.file, line))?,
            }
        }
    }

    /// Counts a line that is not a post, or fails.
    fn bad(&mut self, problem: LineProblem) -> Result<(), DataError> {
        if self.strict {
            return Err(DataError::Line { file: self.file.clone(), problem: Box::new(problem) });
        }
        tracing::debug!(file = self.file, %problem, "skipped a line");
        self.report.skip(problem);
        Ok(())
    }

    /// What follows the end of compressed data is not a post either.
    fn check_tail(&mut self) -> Result<(), DataError> {
        if !self.tail.is_foreign() {
            return Ok(());
        }
        let last = match &self.input {
            Input::JsonLines(lines) => lines.line_number(),
            Input::Csv(records) => records.line_number(),
        };
        let name = self.compression.name();
        let found = format!("bytes after the end of the {name} data, behind the last line");
        let expected = format!("nothing, zeros or more {name} data");
        self.bad(FieldProblem::new(None, found, expected).at(&self.file, last))
    }
}

impl Iterator for PostReader {
    type Item = Result<Post, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let item = self.advance().transpose();
        if !matches!(item, Some(Ok(_))) {
            self.done = true;
            if self.report.skipped > 0 {
                let skipped = self.report.skipped;
                tracing::warn!(file = self.file, skipped, "skipped lines that are not posts");
            }
        }
        item
    }
}
