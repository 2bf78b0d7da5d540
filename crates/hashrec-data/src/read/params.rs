//! How files are read and written.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::DataError;

/// How posts stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One JSON object per line.
    JsonLines,
    /// Comma-separated values with a row of column names.
    Csv,
}

impl Format {
    /// The format a file name stands for: `.jsonl`, `.ndjson` or `.csv`, in any letter case, which
    /// `.gz` or `.zst` may follow.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    pub(crate) fn of_or(path: &Path, given: Option<Self>) -> Result<Self, DataError> {
        given
            .or_else(|| Self::of(path))
            .ok_or_else(|| DataError::UnknownFormat { file: path.display().to_string() })
    }
}

/// The two characters a CSV file of posts is cut at.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `delimiter` | `,` | stands between columns | ASCII, no quote or line break |
/// | `hashtag_separator` | `\|` | stands between the hashtags of the one column they share | none of `#`, `＃`, `delimiter`, quote, line break |
///
/// The separator is not a space by default because hashtags may contain spaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvParams {
    /// Stands between columns.
    pub delimiter: char,
    /// Stands between hashtags.
    pub hashtag_separator: char,
}

impl Default for CsvParams {
    fn default() -> Self {
        Self { delimiter: ',', hashtag_separator: '|' }
    }
}

impl CsvParams {
    /// Sets what stands between columns.
    pub fn with_delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Sets what stands between hashtags.
    pub fn with_hashtag_separator(mut self, separator: char) -> Self {
        self.hashtag_separator = separator;
        self
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        let Self { delimiter, hashtag_separator: separator } = *self;
        let breaks = |c| matches!(c, '"' | '\n' | '\r');
        if !delimiter.is_ascii() || breaks(delimiter) {
            let problem = format!("is {delimiter:?}, expected one ASCII character");
            return Err(DataError::Parameter { name: "csv.delimiter", problem });
        }
        if breaks(separator) || matches!(separator, '#' | '＃') || separator == delimiter {
            let problem = format!(
                "is {separator:?}, expected a character that is not #, a quote, a line break or the delimiter"
            );
            return Err(DataError::Parameter { name: "csv.hashtag_separator", problem });
        }
        Ok(())
    }

    /// The delimiter as the byte it is once [`CsvParams::check`] has passed.
    pub(crate) fn delimiter_byte(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }
}

/// How a file of posts is read.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `format` | by name | JSON lines or CSV | |
/// | `strict` | true | the first bad line is an error; else bad lines are skipped and counted | |
/// | `max_line_bytes` | 16 MiB | a longer line or CSV record is a bad one, and never held in memory whole | 1 to 1 GiB |
/// | `csv` | | see [`CsvParams`] | |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadParams {
    /// JSON lines or CSV; `None` goes by the file name.
    pub format: Option<Format>,
    /// Whether the first bad line ends reading.
    pub strict: bool,
    /// The longest line, without its line break.
    pub max_line_bytes: usize,
    /// How CSV is cut.
    pub csv: CsvParams,
}

impl Default for ReadParams {
    fn default() -> Self {
        Self { format: None, strict: true, max_line_bytes: 16 << 20, csv: CsvParams::default() }
    }
}

impl ReadParams {
    /// Sets the format instead of going by the name.
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets whether the first bad line ends reading.
    pub fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets the longest line.
    pub fn with_max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line_bytes = bytes;
        self
    }

    /// Sets how CSV is cut.
    pub fn with_csv(mut self, csv: CsvParams) -> Self {
        self.csv = csv;
        self
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        if !(1..=1 << 30).contains(&self.max_line_bytes) {
            let problem = format!("is {}, expected 1 to 1073741824", self.max_line_bytes);
            return Err(DataError::Parameter { name: "max_line_bytes", problem });
        }
        self.csv.check()
    }
}
