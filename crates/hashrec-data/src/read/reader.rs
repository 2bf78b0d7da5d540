//! Reading posts one at a time.

use std::{fs::File, io::Read, path::Path};

use super::{
    csv::CsvRecords,
    decode::{Compression, decode},
    failure::Failure,
    fields::Fields,
    json::JsonLines,
    params::{Format, ReadParams},
    problem::ReadReport,
};
use crate::{DataError, Post};

/// Reads posts from a file or stream, one at a time.
///
/// The first bytes tell plain, gzip and zstd data apart. Text is UTF-8, with or without a leading
/// byte order mark. Lines end in LF or CRLF; blank lines are ignored. A JSON line has the fields
/// `id`, `community`, `text`, `hashtags` and optionally `created_at`. A CSV file has columns of
/// these names, in any order; an empty `created_at` means that the time is unknown. Other fields
/// and columns are ignored. `id` and `community` may be whole numbers.
///
/// The reader is an iterator over posts. In strict reading, the default, the first line that is not
/// a post is returned as an error and ends the iteration. In lenient reading such lines are skipped
/// and counted in the [`report`](Self::report). An error of the file itself always ends the
/// iteration.
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
    /// [`DataError::Columns`] or [`DataError::Parameter`].
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
        Self::new(file, name, Some(promised), format, params)
    }

    /// Reads a stream, which need not be buffered.
    ///
    /// # Errors
    /// [`DataError::Io`], [`DataError::Columns`] or [`DataError::Parameter`].
    pub fn from_reader(
        reader: impl Read + Send + 'static,
        format: Format,
        params: &ReadParams,
    ) -> Result<Self, DataError> {
        Self::new(reader, "input".into(), None, format, params)
    }

    fn new(
        source: impl Read + Send + 'static,
        file: String,
        promised: Option<Compression>,
        format: Format,
        params: &ReadParams,
    ) -> Result<Self, DataError> {
        params.check()?;
        let (found, input) = match decode(source) {
            Ok(decoded) => decoded,
            Err(source) => return Err(DataError::Io { file, action: "read", source }),
        };
        if let Some(promised) = promised
            && promised != Compression::None
            && promised != found
        {
            return Err(DataError::Compression { file, expected: promised.name() });
        }
        let input = match format {
            Format::JsonLines => Input::JsonLines(JsonLines::new(input, params.max_line_bytes)),
            Format::Csv => match CsvRecords::new(input, params) {
                Ok(records) => Input::Csv(Box::new(records)),
                Err(failure) => return Err(failure.in_file(&file)),
            },
        };
        let report = ReadReport::default();
        Ok(Self { input, file, strict: params.strict, done: false, report })
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
                Input::JsonLines(lines) => lines.next().map_err(Failure::Io),
                Input::Csv(records) => records.next(),
            };
            let Some((line, found)) = found.map_err(|failure| failure.in_file(&self.file))? else {
                return Ok(None);
            };
            let post = found.and_then(Fields::into_post).map_err(|problem| problem.at(line));
            match post {
                Ok((post, left_out)) => {
                    self.report.posts += 1;
                    self.report.untagged += u64::from(post.hashtags.is_empty());
                    self.report.hashtags_left_out += left_out as u64;
                    return Ok(Some(post));
                }
                Err(problem) if self.strict => {
                    return Err(DataError::Line { file: self.file.clone(), problem });
                }
                Err(problem) => {
                    tracing::debug!(file = self.file, %problem, "skipped a line");
                    self.report.skip(problem);
                }
            }
        }
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
