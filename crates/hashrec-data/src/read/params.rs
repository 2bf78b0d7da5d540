//! Parameters of reading, and the file formats.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::DataError;

/// The format of a file of posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One JSON object per line.
    JsonLines,
    /// Comma-separated values; the first row names the columns.
    Csv,
}

impl Format {
    /// The format that the extension stands for: `.jsonl` and `.ndjson` are JSON lines, `.csv` is
    /// CSV, in any letter case and optionally followed by `.gz` or `.zst`.
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

/// The characters that separate columns and hashtags in a CSV file.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `delimiter` | `,` | separates columns | ASCII, no quote or line break |
/// | `hashtag_separator` | `\|` | separates hashtags within their column | none of `#`, `＃`, `delimiter`, quote, line break |
///
/// The default separator is not a space because hashtags may contain spaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvParams {
    /// Separates columns.
    pub delimiter: char,
    /// Separates hashtags within their column.
    pub hashtag_separator: char,
}

impl Default for CsvParams {
    fn default() -> Self {
        Self { delimiter: ',', hashtag_separator: '|' }
    }
}

impl CsvParams {
    hashrec_storage::setters! {
        with_delimiter: delimiter, char;
        with_hashtag_separator: hashtag_separator, char;
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        let Self { delimiter, hashtag_separator: separator } = *self;
        let breaks = |c| matches!(c, '"' | '\n' | '\r');
        if !delimiter.is_ascii() || breaks(delimiter) {
            return Err(DataError::Parameter {
                name: "csv.delimiter",
                found: format!("{delimiter:?}"),
                expected: "one ASCII character other than a quote or a line break",
            });
        }
        if breaks(separator) || matches!(separator, '#' | '＃') || separator == delimiter {
            return Err(DataError::Parameter {
                name: "csv.hashtag_separator",
                found: format!("{separator:?}"),
                expected: "a character other than #, a quote, a line break or the delimiter",
            });
        }
        Ok(())
    }

    /// The delimiter, which is one byte if [`CsvParams::check`] passes.
    pub(crate) fn delimiter_byte(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }
}

/// Parameters of reading a file of posts.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `format` | from the file name | JSON lines or CSV | |
/// | `strict` | `true` | whether the first bad line is an error; otherwise bad lines are skipped and counted | |
/// | `max_line_bytes` | 16 MiB | longer lines and CSV records are bad lines, and never held in memory as a whole | 1 to 1 GiB |
/// | `csv` | see [`CsvParams`] | the separators of a CSV file | |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadParams {
    /// The format; `None` takes it from the file name.
    pub format: Option<Format>,
    /// Whether the first bad line is an error; otherwise bad lines are skipped and counted.
    pub strict: bool,
    /// The longest line or CSV record in bytes, without its line break.
    pub max_line_bytes: usize,
    /// The separators of a CSV file.
    pub csv: CsvParams,
}

impl Default for ReadParams {
    fn default() -> Self {
        Self { format: None, strict: true, max_line_bytes: 16 << 20, csv: CsvParams::default() }
    }
}

impl ReadParams {
    hashrec_storage::setters! {
        with_format: format, Format;
        with_strict: strict, bool;
        with_max_line_bytes: max_line_bytes, usize;
        with_csv: csv, CsvParams;
    }

    /// Checks that every parameter is in range.
    ///
    /// # Errors
    /// [`DataError::Parameter`].
    pub fn check(&self) -> Result<(), DataError> {
        if !(1..=1 << 30).contains(&self.max_line_bytes) {
            return Err(DataError::Parameter {
                name: "max_line_bytes",
                found: self.max_line_bytes.to_string(),
                expected: "1 to 1,073,741,824",
            });
        }
        self.csv.check()
    }
}
