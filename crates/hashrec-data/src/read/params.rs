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
    /// The format that the extension stands for: `.jsonl` and `.ndjson` are JSON lines, `.csv` and
    /// `.tsv` are CSV, in any letter case and optionally followed by `.gz` or `.zst`.
    pub fn of(path: &Path) -> Option<Self> {
        match extension(path)?.as_str() {
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "csv" | "tsv" => Some(Self::Csv),
            _ => None,
        }
    }

    pub(crate) fn of_or(path: &Path, given: Option<Self>) -> Result<Self, DataError> {
        given
            .or_else(|| Self::of(path))
            .ok_or_else(|| DataError::UnknownFormat { file: path.display().to_string() })
    }
}

/// The extension of a file name in lower case, that of the compression aside.
fn extension(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    Some(name.rsplit_once('.')?.1.to_owned())
}

/// The characters that separate columns and hashtags in a CSV file.
///
/// | name | default | meaning | range |
/// |---|---|---|---|
/// | `delimiter` | a tab if the file name ends in `.tsv`, else `,` | separates columns | ASCII, no quote or line break |
/// | `hashtag_separator` | `\|` | separates hashtags within their column | none of `#`, `＃`, quote, line break |
///
/// The default separator is not a space because hashtags may contain spaces. If it is the delimiter
/// too, cells of several hashtags need quotes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvParams {
    /// Separates columns; `None` takes it from the file name.
    pub delimiter: Option<char>,
    /// Separates hashtags within their column.
    pub hashtag_separator: char,
}

impl Default for CsvParams {
    fn default() -> Self {
        Self { delimiter: None, hashtag_separator: '|' }
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
        if let Some(delimiter) = delimiter
            && (!delimiter.is_ascii() || breaks(delimiter))
        {
            return Err(DataError::Parameter {
                name: "csv.delimiter",
                found: format!("{delimiter:?}"),
                expected: "one ASCII character other than a quote or a line break",
            });
        }
        if breaks(separator) || matches!(separator, '#' | '＃') {
            return Err(DataError::Parameter {
                name: "csv.hashtag_separator",
                found: format!("{separator:?}"),
                expected: "a character other than #, a quote or a line break",
            });
        }
        Ok(())
    }

    /// The same with the delimiter that the name of the file stands for, if none is set.
    pub(crate) fn for_file(&self, path: &Path) -> Self {
        let tabs = extension(path).as_deref() == Some("tsv");
        let usual = if tabs { '\t' } else { ',' };
        Self { delimiter: self.delimiter.or(Some(usual)), ..self.clone() }
    }

    /// The delimiter, which is one byte if [`CsvParams::check`] passes.
    pub(crate) fn delimiter_byte(&self) -> u8 {
        self.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()).unwrap_or(b',')
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
/// | `literal_hashtags` | `false` | whether hashtags are taken as they stand; otherwise those that seem to be several or none are looked at, see [`PostReader`](crate::PostReader) | |
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
    /// Whether hashtags are taken as they stand, even if they seem to be several or none.
    pub literal_hashtags: bool,
}

impl Default for ReadParams {
    fn default() -> Self {
        Self {
            format: None,
            strict: true,
            max_line_bytes: 16 << 20,
            csv: CsvParams::default(),
            literal_hashtags: false,
        }
    }
}

impl ReadParams {
    hashrec_storage::setters! {
        with_format: format, Format;
        with_strict: strict, bool;
        with_max_line_bytes: max_line_bytes, usize;
        with_csv: csv, CsvParams;
        with_literal_hashtags: literal_hashtags, bool;
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
